import type { Place } from '../machine/network.ts';
import { type GatewaySettings, PRE_SHARED_KEY, type Role } from './gateway.ts';
import { ROAD, type RoadSettings } from './road.ts';
import type { Signers } from './signers.ts';
import { nameOf } from './signing.ts';

interface CharonOptions {
  readonly log: string;
  readonly uri: string;
  readonly keepAlive: number | undefined;
  readonly mode: GatewaySettings['mode'];
  /** Its userland has tunnel mode alone: the kernel's ESP is asked for, and the keys are written down. */
  readonly isL2tp: boolean;
}

const PLUGINS =
  'random nonce drbg openssl aes sha1 sha2 md5 gmp hmac xcbc cmac ctr ccm gcm chapoly kdf pem x509 pubkey pkcs1 pkcs8 constraints ' +
  'revocation kernel-libipsec kernel-netlink socket-default vici updown xauth-generic';

export function strongswanConf({ log, uri, keepAlive, mode, isL2tp }: CharonOptions): string {
  return `charon {
  load_modular = no
  load = ${isL2tp ? PLUGINS.replace('kernel-libipsec ', '') : PLUGINS}
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
      chd = ${isL2tp ? 4 : 1}
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

/** `signers`: where both ends sign. */
export function swanctlConf(place: Place, settings: GatewaySettings, role: Role, signers: Signers | undefined): string {
  const road = settings.road && roadConf(settings, settings.road, role);
  const [localTs, remoteTs] = trafficOf(place, settings, role);
  const { suite, mode, dpd } = settings;
  const proofs = proofsOf(place, settings, role, signers);
  const times = timesOf(settings);
  const probes = dpd === undefined ? '' : `dpd_delay = ${dpd}s\n    dpd_timeout = ${dpd * 3}s`;
  return `connections {
  gw {
    version = 1
    aggressive = ${mode === 'aggressive' ? 'yes' : 'no'}
    local_addrs = ${place.address}
    remote_addrs = ${isOpen(settings, role) ? '%any' : place.peerAddress}
    proposals = ${suite.strongSwan.ike}
    ${times.ike}
    ${probes}
    ${road?.connection ?? ''}
    ${settings.signs?.whole ? 'fragmentation = no' : ''}
    local {
      ${proofs.local}
    }
    remote {
      ${proofs.remote}
    }
    ${road?.user ?? ''}
    children {
      net {
        local_ts = ${localTs}
        remote_ts = ${remoteTs}
        esp_proposals = ${suite.strongSwan.esp}
        ${settings.isL2tp ? 'mode = transport' : ''}
        ${times.child}
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

/** Renewed at a fixed time, with as much again before the hard lifetime. */
function timesOf({ renew, reauthenticate }: GatewaySettings): Readonly<Record<'ike' | 'child', string>> {
  const ikeTimes = (kind: string, after: number): string =>
    `${kind} = ${after}s\n    over_time = ${after}s\n    rand_time = 0`;
  if (reauthenticate !== undefined) return { ike: ikeTimes('reauth_time', reauthenticate), child: '' };
  if (renew === undefined) return { ike: '', child: '' };
  const { ike, child } = renew;
  return {
    ike: ikeTimes('rekey_time', ike),
    child: `rekey_time = ${child}s\n        life_time = ${child * 3}s\n        rand_time = 0`,
  };
}

/** Whether it does not know where its peer is. */
function isOpen({ road, peers }: GatewaySettings, role: Role): boolean {
  return role === 'responder' && (road !== undefined || peers === 'anywhere');
}

/** What each end shows in phase 1: statements of `local` and `remote`. */
function proofsOf(
  { address, peerAddress }: Place,
  { signs, road, mode, peers }: GatewaySettings,
  role: Role,
  signers: Signers | undefined,
): Readonly<Record<'local' | 'remote', string>> {
  const lines = (...statements: readonly string[]): string => statements.join('\n      ');
  if (signs === undefined || signers === undefined) {
    const group = road === undefined || mode !== 'aggressive' ? undefined : `keyid:${ROAD.group}`;
    const local = (role === 'initiator' ? group : undefined) ?? `"${address}"`;
    const remote = (role === 'responder' ? group : undefined) ?? (peers === 'anywhere' ? '%any' : `"${peerAddress}"`);
    return { local: lines('auth = psk', `id = ${local}`), remote: lines('auth = psk', `id = ${remote}`) };
  }
  const [own, other] = role === 'initiator' ? (['R2', 'R3'] as const) : (['R3', 'R2'] as const);
  const isHybrid = signs.hybrid === true;
  const isRaw = signs.keys === 'raw';
  const user = lines('auth = xauth', `xauth_id = ${ROAD.user}`);
  const local = isRaw ? `pubkeys = ${signers.ends[own].publicKey}` : `certs = ${signers.ends[own].certificate}`;
  const remote = isRaw ? `pubkeys = ${signers.ends[other].publicKey}` : 'revocation = strict';
  return {
    local: lines(isHybrid && role === 'initiator' ? user : lines('auth = pubkey', local), `id = ${nameOf(own)}`),
    remote: lines(
      isHybrid && role === 'responder' ? 'auth = xauth' : lines('auth = pubkey', remote),
      `id = ${nameOf(other)}`,
    ),
  };
}

/** Of a user on the road, or of its gateway. */
interface RoadConf {
  readonly connection: string;
  readonly user: string;
}

function roadConf({ signs }: GatewaySettings, { method }: RoadSettings, role: Role): RoadConf {
  const pull = `pull = ${method === 'pull' ? 'yes' : 'no'}`;
  const xauth =
    role === 'initiator'
      ? `local-xauth {\n      auth = xauth\n      xauth_id = ${ROAD.user}\n    }`
      : 'remote-xauth {\n      auth = xauth\n    }';
  return {
    connection: `${pull}\n    ${role === 'initiator' ? 'vips = 0.0.0.0' : 'pools = inner'}`,
    user: signs?.hybrid ? '' : xauth,
  };
}

function trafficOf(
  place: Place,
  { selectors, road, callers, isL2tp }: GatewaySettings,
  role: Role,
): readonly [string, string] {
  if (isL2tp) return ['dynamic[udp/1701]', 'dynamic[udp/1701]'];
  if (selectors === 'any') return ['0.0.0.0/0', '0.0.0.0/0'];
  if (road === undefined) return [place.near, callers ?? place.far];
  return role === 'initiator' ? ['dynamic', place.far] : [place.near, 'dynamic'];
}
