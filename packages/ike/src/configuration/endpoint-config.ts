import type { Duration } from '@espalier/wire';
import { defaultSoftLifetime } from '../sa/lifetime/soft-lifetime.ts';
import type { IkeEndpointConfig, PeerConfig, Role } from '../types.ts';
import { LONGEST_LIFETIME } from './child-policy.ts';
import { readPeerConfig } from './peer-config.ts';
import { LEGACY, type Legacy } from './proposals.ts';
import { readArray, readChoice, readDuration, readObject } from './read.ts';

/** What an endpoint runs on, once it has been looked at. */
export interface CheckedConfig extends Pick<IkeEndpointConfig, 'engine' | 'rng'> {
  readonly peers: readonly PeerConfig[];
  readonly keyLog: IkeEndpointConfig['keyLog'];
  readonly allowed: ReadonlySet<Legacy>;
  readonly softLifetime: (hard: Duration, role: Role) => Duration;
}

/** @throws TypeError or RangeError, naming the argument, for an endpoint that could not run. */
export function readEndpointConfig(config: IkeEndpointConfig): CheckedConfig {
  readObject('config', config);
  const { engine, rng, peers = [], allowLegacy = [], softLifetime = defaultSoftLifetime, keyLog } = config;
  requireFunction('engine', engine?.createDhKeyPair, 'an Engine');
  requireFunction('rng', rng?.fill, 'an Rng');
  requireFunction('softLifetime', softLifetime, 'a function');
  if (keyLog !== undefined) requireFunction('keyLog', keyLog, 'a function');
  const allowed = new Set(
    readArray('allowLegacy', allowLegacy).map((one, i) => readChoice(`allowLegacy[${i}]`, one, LEGACY)),
  );
  return {
    engine,
    rng,
    peers: readArray('peers', peers).map((peer, i) => readPeerConfig(`peers[${i}]`, peer, allowed)),
    allowed,
    softLifetime: (hard, role) => readDuration('softLifetime', softLifetime(hard, role), LONGEST_LIFETIME),
    keyLog,
  };
}

function requireFunction(argument: string, value: unknown, what: string): void {
  if (typeof value !== 'function') throw new TypeError(`${argument}: must be ${what}`);
}
