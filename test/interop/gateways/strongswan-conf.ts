import type { GatewayRouter, Place } from '../machine/network.ts';
import { type GatewaySettings, PRE_SHARED_KEY, type Role } from './gateway.ts';
import { ROAD, type RoadSettings } from './road.ts';
import { nameOf } from './signers.ts';

interface CharonOptions {
  readonly log: string;
  readonly uri: string;
  readonly keepAlive: number | undefined;
  readonly mode: GatewaySettings['mode'];
}

const PLUGINS =
  'random nonce drbg openssl aes sha1 sha2 md5 gmp hmac xcbc cmac ctr ccm gcm chapoly kdf pem x509 pubkey pkcs1 pkcs8 constraints ' +
  'revocation kernel-libipsec kernel-netlink socket-default vici updown xauth-generic';

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

export function swanctlConf(place: Place, settings: GatewaySettings, role: Role): string {
  const road = settings.road && roadConf(settings, settings.road, role);
  const [localTs, remoteTs] = trafficOf(place, settings, role);
  const { suite, mode, renew, dpd } = settings;
  const auth = settings.signs === undefined ? 'psk' : 'pubkey';
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
    remote_addrs = ${settings.road !== undefined && role === 'responder' ? '%any' : place.peerAddress}
    proposals = ${suite.strongSwan.ike}
    ${ikeTimes}
    ${probes}
    ${road?.connection ?? ''}
    local {
      auth = ${auth}
      id = ${road?.localId ?? idOf(settings, role === 'initiator' ? 'R2' : 'R3', place.address)}
    }
    remote {
      auth = ${auth}
      id = ${road?.remoteId ?? idOf(settings, role === 'initiator' ? 'R3' : 'R2', place.peerAddress)}
    }
    ${road?.user ?? ''}
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
  xauth-user {
    id = ${ROAD.user}
    secret = ${ROAD.password}
  }
}
pools {
  inner {
    addrs = ${ROAD.pool}
    dns = ${ROAD.dns}
  }
}
`;
}

function idOf({ signs }: GatewaySettings, router: GatewayRouter, address: string): string {
  return signs === undefined ? `"${address}"` : nameOf(router);
}

/** Of a user on the road, or of its gateway. */
interface RoadConf {
  readonly connection: string;
  readonly localId: string | undefined;
  readonly remoteId: string | undefined;
  readonly user: string;
}

function roadConf({ mode }: GatewaySettings, { method }: RoadSettings, role: Role): RoadConf {
  const group = mode === 'aggressive' ? `keyid:${ROAD.group}` : undefined;
  const pull = `pull = ${method === 'pull' ? 'yes' : 'no'}`;
  return role === 'initiator'
    ? {
        connection: `${pull}\n    vips = 0.0.0.0`,
        localId: group,
        remoteId: undefined,
        user: `local-xauth {\n      auth = xauth\n      xauth_id = ${ROAD.user}\n    }`,
      }
    : {
        connection: `${pull}\n    pools = inner`,
        localId: undefined,
        remoteId: group,
        user: 'remote-xauth {\n      auth = xauth\n    }',
      };
}

function trafficOf(place: Place, { selectors, road }: GatewaySettings, role: Role): readonly [string, string] {
  if (selectors === 'any') return ['0.0.0.0/0', '0.0.0.0/0'];
  if (road === undefined) return [place.near, place.far];
  return role === 'initiator' ? ['dynamic', place.far] : [place.near, 'dynamic'];
}
