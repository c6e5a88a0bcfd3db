import { type AddressPrefix, formatPrefix, parseAddress, parsePrefix, prefixNetwork } from '@espalier/wire';
import { isFixed } from '../../path.ts';
import type { ExchangeMode, PeerConfig } from '../../types.ts';
import { AUTHENTICATION_METHODS } from '../../v1/authentication/methods.ts';
import { identityKey } from '../../v1/identities.ts';
import { modeOf, remoteIdentityOf } from './profile.ts';

/** Stands for every address, and for every identity. */
export const ANY = '*';

/** By what the entries that a first message may mean are found. */
export function placeKey(local: string, remote: string, mode: ExchangeMode, identity: string = ANY): string {
  return [local, remote, mode, identity].join(' ');
}

/** Stands for an identity that is not known yet: a later message of Main Mode says it; and of other traffic there is none. */
export const LATER = '?';

/** Every place where an entry is filed, and where no other is like it. */
export function placesOf(config: PeerConfig): readonly string[] {
  const identity = remoteIdentityOf(config);
  const identities = identity === 'any' || !isNamed(config) ? [ANY] : [identity].flat().map(identityKey);
  return placesFor(config, identities);
}

/** Where an entry is found by who has not heard an identity, among others that may be like it. */
export function placesBeforeNamed(config: PeerConfig): readonly string[] {
  const isLater = isNamed(config) && remoteIdentityOf(config) !== 'any';
  return isLater ? placesFor(config, [LATER]) : [];
}

/** Whether the peer says who it is before its key is needed: in Main Mode it does not where a key is shared. */
function isNamed(config: PeerConfig): boolean {
  return (
    modeOf(config) === 'aggressive' ||
    config.proposals.every(({ authentication }) => !AUTHENTICATION_METHODS[authentication].sharesKey)
  );
}

function placesFor(config: PeerConfig, identities: readonly string[]): readonly string[] {
  const mode = modeOf(config);
  return remotesOf(config).flatMap((remote) =>
    identities.map((one) => placeKey(config.local.address, remote, mode, one)),
  );
}

/** The prefixes that an entry may be in, as `prefixKey` names them. */
export function prefixesOf({ remote }: PeerConfig): readonly AddressPrefix[] {
  if (isFixed(remote) || remote.addresses === 'any') return [];
  return remote.addresses.map(parsePrefix);
}

/** Whether a peer may be at an address. */
export function covers(remote: PeerConfig['remote'], address: string): boolean {
  if (isFixed(remote)) return remote.address === address;
  if (remote.addresses === 'any') return true;
  return remote.addresses.map(parsePrefix).some((prefix) => {
    const there = prefixAt(address, lengthKey(prefix));
    return there !== undefined && prefixKey(there) === prefixKey(prefix);
  });
}

/** Names the prefix of this length that an address is in. */
export function prefixKey(prefix: AddressPrefix): string {
  return formatPrefix({ address: prefixNetwork(prefix), length: prefix.length });
}

/** A prefix of a family, as a number that sorts by its length. */
export function lengthKey({ address, length }: AddressPrefix): number {
  return length * 32 + address.length;
}

/** The prefix that an address is in, where `lengthKey` is of its family. */
export function prefixAt(remote: string, key: number): AddressPrefix | undefined {
  const address = parseAddress(remote);
  return key % 32 === address.length ? { address, length: Math.floor(key / 32) } : undefined;
}

function remotesOf(config: PeerConfig): readonly string[] {
  const { remote } = config;
  if (isFixed(remote)) return [remote.address];
  return remote.addresses === 'any' ? [ANY] : prefixesOf(config).map(prefixKey);
}
