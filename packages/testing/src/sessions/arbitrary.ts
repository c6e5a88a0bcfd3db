import { type DhGroupNumber, type HashName, UNAUTHENTICATED_SUITES } from '@espalier/crypto';
import { toHex } from '@espalier/wire';
import fc from 'fast-check';
import type { HeaderField, Mutation } from './mutation/mutation.ts';
import type { OctetChange } from './mutation/octet-change.ts';
import type { PayloadChange } from './mutation/payload-change.ts';
import type { Door, Step } from './play.ts';
import {
  SESSION_ACTS,
  SESSION_AH_SUITES,
  SESSION_AUTHENTICATIONS,
  SESSION_SUITES,
  type SessionAct,
  type SessionSpecification,
} from './specification.ts';

/** In order of preference: what is shrunk becomes the first. */
const CIPHERS: readonly Pick<SessionSpecification, 'encryption' | 'keyOctets'>[] = [
  { encryption: 'aes-cbc', keyOctets: 16 },
  { encryption: '3des-cbc' },
  { encryption: 'aes-cbc', keyOctets: 24 },
  { encryption: 'aes-cbc', keyOctets: 32 },
  { encryption: 'camellia-cbc', keyOctets: 16 },
  { encryption: 'camellia-cbc', keyOctets: 32 },
  { encryption: 'des-cbc' },
];
const HASHES: readonly HashName[] = ['sha1', 'sha2-256', 'sha2-384', 'sha2-512', 'md5'];
/** With what the ends agree on by default, a group costs nothing: see `toyPublicKeys`. */
const GROUPS: readonly DhGroupNumber[] = [14, 1, 2, 5, 15, 16, 19, 20, 21, 31];
const ACTS_MOST = 4;

const SUITES = plainestFirst(SESSION_SUITES, 'aes-128-cbc/hmac-sha1-96');
const WITHIN_AH = [...SUITES, ...UNAUTHENTICATED_SUITES.map(({ name }) => name)];
const AH = plainestFirst(SESSION_AH_SUITES, 'hmac-sha1-96');

function plainestFirst(names: readonly string[], plainest: string): readonly string[] {
  return [plainest, ...names.filter((name) => name !== plainest)];
}

/** What protects a child: mostly ESP alone, which all else shrinks to. */
const protection: fc.Arbitrary<Pick<SessionSpecification, 'suite' | 'ah'>> = fc.oneof(
  { withCrossShrink: true },
  { weight: 4, arbitrary: fc.record({ suite: fc.constantFrom(...SUITES) }) },
  { weight: 1, arbitrary: fc.record({ ah: fc.constantFrom(...AH) }) },
  { weight: 1, arbitrary: fc.record({ suite: fc.constantFrom(...WITHIN_AH), ah: fc.constantFrom(...AH) }) },
);

/** What an act is about is mostly the newest child. */
const act: fc.Arbitrary<SessionAct> = fc
  .record({
    by: fc.constantFrom('left', 'right'),
    act: fc.constantFrom(...SESSION_ACTS),
    child: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined, freq: 2 }),
  })
  .map(({ by, act, child }) => ({ by, act, ...(child === undefined ? {} : { child }) }));

/** Any session: every exchange, authentication, cipher, hash, group, protocol and suite. Shrinks to the plainest and shortest. */
export function sessionSpecification(): fc.Arbitrary<SessionSpecification> {
  const rest = fc.record({
    seed: fc.nat(),
    family: fc.constantFrom(4, 6),
    mode: fc.constantFrom('main', 'aggressive'),
    authentication: fc.constantFrom(...SESSION_AUTHENTICATIONS),
    hash: fc.constantFrom(...HASHES),
    group: fc.constantFrom(...GROUPS),
    alternatives: fc.constantFrom(undefined, undefined, 1, 3),
    ipcomp: fc.constantFrom(undefined, undefined, undefined, 'deflate' as const),
    pfsGroup: fc.option(fc.constantFrom(...GROUPS), { nil: undefined }),
    childMode: fc.constantFrom('tunnel', 'transport'),
    natTraversal: fc.constantFrom('off', 'auto', 'force'),
    modeConfig: fc.boolean(),
    isStranger: fc.constant(false),
    acts: fc.array(act, { maxLength: ACTS_MOST }),
  });
  return fc
    .tuple(rest, fc.constantFrom(...CIPHERS), protection)
    .map(([{ pfsGroup, ipcomp, alternatives, ...fields }, cipher, child]) => ({
      ...fields,
      ...cipher,
      ...child,
      ...(ipcomp === undefined ? {} : { ipcomp }),
      ...(alternatives === undefined ? {} : { alternatives }),
      ...(pfsGroup === undefined ? {} : { pfsGroup }),
    }));
}

const place = fc.nat({ max: 0xffff });
const octet = fc.nat({ max: 0xff });
const hexadecimal = fc.uint8Array({ minLength: 1, maxLength: 40 }).map(toHex);

const octetChange: fc.Arbitrary<OctetChange> = fc.oneof(
  fc.record({ change: fc.constant('flip'), at: place, mask: fc.integer({ min: 1, max: 0xff }) }),
  fc.record({ change: fc.constant('set'), at: place, value: fc.oneof(fc.constantFrom(0, 0xff, 0x7f, 0x80), octet) }),
  fc.record({ change: fc.constant('cut'), left: place }),
  fc.record({ change: fc.constant('insert'), at: place, octets: hexadecimal }),
  fc.record({ change: fc.constant('append'), octets: hexadecimal }),
  fc.record({ change: fc.constant('remove'), at: place, count: fc.integer({ min: 1, max: 64 }) }),
);

/** Payloads of a message are few: places that differ by more would be the same. */
const few = fc.nat({ max: 11 });
/** Types that are known, and any other. */
const payloadType = fc.oneof(fc.integer({ min: 0, max: 21 }), fc.constantFrom(130, 131, 132), octet);
const times = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }) }, fc.constantFrom(16, 127, 300));

const flatChange: fc.Arbitrary<PayloadChange> = fc.oneof(
  fc.record({ change: fc.constant('drop'), at: few }),
  fc.record({ change: fc.constant('repeat'), at: few, times }),
  fc.record({ change: fc.constant('move'), at: few, to: few }),
  fc.record({ change: fc.constant('type'), at: few, type: payloadType }),
  fc.record({ change: fc.constant('reserved'), at: few, value: octet }),
  fc.record({ change: fc.constant('length'), at: few, by: fc.oneof(fc.integer({ min: -8, max: 8 }), fc.nat(0xffff)) }),
  fc.record({ change: fc.constant('next-payload'), at: few, type: payloadType }),
  fc.record({ change: fc.constant('body'), at: few, octets: octetChange }),
  fc.record({ change: fc.constant('insert'), at: few, type: payloadType, octets: hexadecimal }),
);

/** Up to the attributes of a transform: an SA, its proposals, their transforms. */
function nested(depth: number): fc.Arbitrary<PayloadChange> {
  if (depth === 0) return flatChange;
  const within = fc.record({ change: fc.constant('within'), at: few, inner: nested(depth - 1) });
  return fc.oneof({ weight: 3, arbitrary: flatChange }, { weight: 2, arbitrary: within });
}

const NESTS = 3;
const FIELDS: readonly HeaderField[] = [
  'flags',
  'exchange',
  'nextPayload',
  'messageId',
  'length',
  'version',
  'initiatorCookie',
  'responderCookie',
];
const hashes = fc.constantFrom('right', 'stale');
const fieldValue = fc.oneof(fc.nat({ max: 40 }), octet, fc.nat({ max: 0xffffffff }));

/** What anybody on the way can do to a message, without a key. */
export function keylessMutation(): fc.Arbitrary<Mutation> {
  return fc.oneof(
    fc.record({ where: fc.constant('datagram'), octets: octetChange }),
    fc.record({ where: fc.constant('header'), field: fc.constantFrom(...FIELDS), value: fieldValue }),
  );
}

/** What only who has the keys can do: inside the encryption, sealed again. */
export function keyedMutation(): fc.Arbitrary<Mutation> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.record({ where: fc.constant('payloads'), payloads: nested(NESTS), hash: hashes }) },
    { weight: 2, arbitrary: fc.record({ where: fc.constant('body'), octets: octetChange, hash: hashes }) },
    { weight: 1, arbitrary: fc.record({ where: fc.constant('padding'), blocks: fc.integer({ min: 1, max: 8 }) }) },
  );
}

/** Either. */
export function mutation(): fc.Arbitrary<Mutation> {
  return fc.oneof(keyedMutation(), keylessMutation());
}

function doorOf(exchange: Door['exchange'], messages: number): fc.Arbitrary<Door> {
  return fc.record({
    exchange: fc.constant(exchange),
    message: fc.integer({ min: 1, max: messages }),
    skip: fc.nat({ max: 2 }),
  });
}

/** Where sessions have messages: those of a renewal are skipped to. */
const door: fc.Arbitrary<Door> = fc.oneof(
  doorOf('phase-1', 6),
  doorOf('quick', 3),
  doorOf('informational', 1),
  doorOf('transaction', 4),
  doorOf('new-group', 2),
);

/** A session, and what is changed in which of its datagrams: `play(...)` does it. Shrinks to the smallest transcript. */
export function changedSession(
  changes: fc.Arbitrary<Mutation> = mutation(),
): fc.Arbitrary<readonly [SessionSpecification, Step]> {
  return fc.tuple(sessionSpecification(), fc.record({ step: door, mutation: changes }));
}
