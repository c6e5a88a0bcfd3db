import type { DeadPeerDetection } from '@espalier/ike';
import type { Block } from '../places/block.ts';
import { Definitions } from '../places/definitions.ts';
import { anyPrefix, identifier, integer, text } from '../places/values.ts';
import { unexpected } from '../text/error.ts';
import type { Word } from '../text/tokenizer.ts';
import type { ProxyPair } from '../vpn.ts';
import { readDeadPeerDetection } from './dead-peer.ts';
import { passOverRespondBadSpi } from './ike.ts';
import { readKey } from './key.ts';

/** `access profile P client * ike` as it is written: what it refers to stands elsewhere. */
export interface AccessProfile {
  readonly name: string;
  readonly preSharedKey: Uint8Array | undefined;
  readonly ikePolicy: Word | undefined;
  readonly ipsecPolicy: Word | undefined;
  readonly pairs: readonly ProxyPair[];
  readonly interfaceId: Word | undefined;
  readonly deadPeerDetection: DeadPeerDetection | undefined;
  readonly routePreference: number;
}

/** Of a reverse route, where nothing is said. */
const ROUTE_PREFERENCE = 1;

/** `access { ... }`: the profiles for dynamic endpoints; profiles for others, and the rest, are passed over. */
export function readAccess(block: Block): Definitions<AccessProfile> {
  const profiles = block.named('profile', (profile, name) => ({ name, value: readProfile(profile, name) }));
  block.passOver();
  return new Definitions(
    'an IKE access profile',
    profiles.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }])),
  );
}

function readProfile(block: Block, name: Word): AccessProfile | undefined {
  const [ike] = block.named('client', (client, who) => readClient(client, who, name)).flat();
  block.passOver();
  return ike;
}

function readClient(block: Block, who: Word, name: Word): readonly AccessProfile[] {
  if (!block.has('ike')) {
    block.drop();
    block.notice(who.position, `not read: client ${who.text} of profile ${name.text}`);
    return [];
  }
  if (who.text !== '*') throw unexpected(who.position, '*: dynamic endpoints are of client *', `"${who.text}"`);
  identifier(32)(name);
  const profile = block.requiredSection('ike', (ike) => readIkeAccess(ike, name.text));
  block.passOver();
  return [profile];
}

function readIkeAccess(block: Block, name: string): AccessProfile {
  const preSharedKey = block.section('pre-shared-key', readKey);
  const ikePolicy = block.one('ike-policy', word);
  if (preSharedKey === undefined && ikePolicy === undefined) return block.incomplete('pre-shared-key or ike-policy');
  if (preSharedKey !== undefined && ikePolicy !== undefined) {
    return block.incomplete('either pre-shared-key or ike-policy');
  }
  if (block.has('respond-bad-spi')) passOverRespondBadSpi(block);
  const pairs = block.pairs('allowed-proxy-pair', ['local', 'remote'], anyPrefix);
  return {
    name,
    preSharedKey,
    ikePolicy,
    ipsecPolicy: block.one('ipsec-policy', word),
    pairs: pairs.map(([local, remote]) => ({ local, remote })),
    interfaceId: block.one('interface-id', word),
    deadPeerDetection: readDeadPeerDetection(block),
    routePreference: block.section('reverse-route', readReverseRoute) ?? ROUTE_PREFERENCE,
  };
}

function readReverseRoute(block: Block): number {
  return block.one('preference', integer(0, 0xffffffff)) ?? ROUTE_PREFERENCE;
}

/** The word itself, and where it stands. */
function word(reference: Word): Word {
  text(reference);
  return reference;
}
