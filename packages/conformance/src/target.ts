import { type DhGroupNumber, type EspSuite, espSuite, type HashName } from '@espalier/crypto';
import type { Endpoint, ExchangeMode } from '@espalier/ike';
import { requireObject } from '@espalier/wire';
import { readChoice, readEndpoint, readPrefix, requireText } from './arguments.ts';
import { placeRefusal } from './place.ts';

/** Who is tried, and as whom. */
export interface Target {
  /** Where it is: on loopback, or anywhere from within a network namespace, unless `iOwnThis`. */
  readonly remote: Endpoint;
  /**
   * Where we are, an address of this machine; port 0 is any that is free. With 500 at both sides 4500 is opened as well; at any
   * other port there is no NAT traversal (RFC 3947 §3.2 has it begin at 500).
   */
  readonly local: Endpoint;
  readonly preSharedKey: Uint8Array;
  /** Prefixes behind us and behind the target, of either family: what the child is for. Not of a target with `road`. */
  readonly near?: string;
  readonly far?: string;
  /** AES-CBC of phase 1. Default: 16 octets, SHA-1, group 14. */
  readonly phase1?: Phase1;
  /** What a session is where a misbehaviour does not say. Default: 'main'. */
  readonly mode?: ExchangeMode;
  /** Of the child. Default: `aes-128-cbc/hmac-sha1-96`. */
  readonly suite?: EspSuite;
  /** Has the target call: a command for the shell, which is ended when the session is over. We are responder then. */
  readonly call?: string;
  /** The target is a user on the road. */
  readonly road?: Road;
  /** It is the caller's, wherever it is. Default false. */
  readonly iOwnThis?: boolean;
}

/** AES-CBC of so many octets, a hash, a group (RFC 2409 Appendix A). */
export interface Phase1 {
  readonly keyOctets: 16 | 24 | 32;
  readonly hash: HashName;
  readonly group: DhGroupNumber;
}

/** Aggressive Mode, XAuth and Mode Config, as Cisco's clients have them. */
export interface Road {
  readonly group: string;
  readonly user: string;
  readonly password: string;
}

/** A target of which everything is known. */
export type KnownTarget = Required<Omit<Target, 'call' | 'road' | 'iOwnThis'>> & Pick<Target, 'call' | 'road'>;

export const MODES = ['main', 'aggressive'] as const;
const KEY_OCTETS = [16, 24, 32] as const;
export const HASHES = ['md5', 'sha1', 'sha2-256', 'sha2-384', 'sha2-512'] as const;
export const GROUPS = [1, 2, 5, 14, 15, 16, 19, 20, 21, 31] as const;
const DEFAULT_PHASE_1: Phase1 = { keyOctets: 16, hash: 'sha1', group: 14 };
export const DEFAULT_SUITE = 'aes-128-cbc/hmac-sha1-96';
/** RFC 2408 §2.5.1. */
export const IKE_PORT = 500;
/** Clients of Cisco's ask for a tunnel to it. */
const EVERYTHING = '0.0.0.0/0';

/** @throws TypeError or RangeError that names what is bad; RangeError for a target that is somebody's. */
export function readTarget(target: Target): KnownTarget {
  requireObject('target', target);
  const { preSharedKey, phase1 = DEFAULT_PHASE_1, mode = 'main', suite = espSuite(DEFAULT_SUITE), call, road } = target;
  const remote = readEndpoint('target.remote', target.remote, 1);
  const local = readEndpoint('target.local', target.local, 0);
  if (remote.address.includes(':') !== local.address.includes(':'))
    throw new RangeError('target.local must be of the family of target.remote');
  if (!(preSharedKey instanceof Uint8Array) || preSharedKey.length === 0)
    throw new TypeError('target.preSharedKey must be octets, and not none');
  requireObject('target.phase1', phase1);
  if (call !== undefined) requireText('target.call', call);
  if (road !== undefined) requireRoad(road);
  const refusal = placeRefusal(remote.address);
  if (refusal !== undefined && target.iOwnThis !== true)
    throw new RangeError(`target.remote: ${refusal}: iOwnThis, if it is yours`);
  return {
    ...{ remote, local, preSharedKey, suite: espSuite(suite), mode: readChoice('target.mode', mode, MODES) },
    phase1: {
      keyOctets: readChoice('target.phase1.keyOctets', phase1.keyOctets, KEY_OCTETS),
      hash: readChoice('target.phase1.hash', phase1.hash, HASHES),
      group: readChoice('target.phase1.group', phase1.group, GROUPS),
    },
    near: road === undefined ? readPrefix('target.near', target.near ?? '') : EVERYTHING,
    far: road === undefined ? readPrefix('target.far', target.far ?? '') : EVERYTHING,
    ...(call === undefined ? {} : { call }),
    ...(road === undefined ? {} : { road }),
  };
}

function requireRoad(road: Road): void {
  requireObject('target.road', road);
  for (const name of ['group', 'user', 'password'] as const) requireText(`target.road.${name}`, road[name]);
}

/** It begins at port 500 of both (RFC 3947 §3.2), and goes on at 4500. */
export function hasNatTraversal({ remote, local }: Pick<Target, 'remote' | 'local'>): boolean {
  return remote.port === IKE_PORT && local.port === IKE_PORT;
}
