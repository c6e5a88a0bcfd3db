import type { Place } from '../machine/network.ts';
import { type GatewaySettings, PRE_SHARED_KEY } from './gateway.ts';

interface CharonOptions {
  readonly log: string;
  readonly uri: string;
  readonly keepAlive: number | undefined;
  readonly mode: GatewaySettings['mode'];
}

const PLUGINS =
  'random nonce drbg openssl aes sha1 sha2 md5 gmp hmac xcbc cmac ctr ccm gcm chapoly kdf pem x509 pubkey pkcs1 pkcs8 constraints ' +
  'kernel-libipsec kernel-netlink socket-default vici updown';

export function strongswanConf({ log, uri, keepAlive, mode }: CharonOptions): string {
  return `charon {
  load_modular = no
  load = ${PLUGINS}
  ${keepAlive === undefined ? '' : `keep_alive = ${keepAlive}s`}
  ${mode === 'aggressive' ? 'i_dont_care_about_security_and_use_aggressive_mode_psk = yes' : ''}
  filelog {
    charon {
      path = ${log}
      append = no
      time_format = %T
      time_add_ms = yes
      flush_line = yes
      default = 1
      ike = 2
      cfg = 2
    }
  }
  plugins {
    vici {
      socket = ${uri}
    }
  }
}
`;
}

export function swanctlConf(place: Place, settings: GatewaySettings): string {
  const [localTs, remoteTs] = settings.selectors === 'any' ? ['0.0.0.0/0', '0.0.0.0/0'] : [place.near, place.far];
  const { suite, mode, renew, dpd } = settings;
  // Renewed at a fixed time, with as much again before the hard lifetime.
  const ikeTimes =
    renew === undefined ? '' : `rekey_time = ${renew.ike}s\n    over_time = ${renew.ike}s\n    rand_time = 0`;
  const childTimes =
    renew === undefined
      ? ''
      : `rekey_time = ${renew.child}s\n        life_time = ${renew.child * 3}s\n        rand_time = 0`;
  const probes = dpd === undefined ? '' : `dpd_delay = ${dpd}s\n    dpd_timeout = ${dpd * 3}s`;
  return `connections {
  gw {
    version = 1
    aggressive = ${mode === 'aggressive' ? 'yes' : 'no'}
    local_addrs = ${place.address}
    remote_addrs = ${place.peerAddress}
    proposals = ${suite.strongSwan.ike}
    ${ikeTimes}
    ${probes}
    local {
      auth = psk
      id = "${place.address}"
    }
    remote {
      auth = psk
      id = "${place.peerAddress}"
    }
    children {
      net {
        local_ts = ${localTs}
        remote_ts = ${remoteTs}
        esp_proposals = ${suite.strongSwan.esp}
        ${childTimes}
      }
    }
  }
}
secrets {
  ike-peer {
    secret = "${PRE_SHARED_KEY}"
  }
}
`;
}
