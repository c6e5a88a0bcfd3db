import type { DhGroupNumber, EspSuite } from '@espalier/crypto';
import {
  type DecodedPayload,
  type Duration,
  EXCHANGE,
  type Identification,
  type Payload,
  PROTOCOL_ID,
  type Spi,
} from '@espalier/wire';
import { all, type PayloadRules } from '../../exchange/rules.ts';
import { refuse } from '../../refusals.ts';
import type { ChildKeys, ChildPolicy, Role } from '../../types.ts';
import { keymat } from '../keying.ts';
import { MANY } from '../phase1.ts';
import { type HashOf, type Phase2Context, sealPhase2 } from '../phase2.ts';
import { spiOctets } from '../proposals/phase2.ts';
import type { IkeKeys, OpenedBody, SealedMessage } from '../protection.ts';

/** A state of Quick Mode (RFC 2409 §5.5): it awaits one message. Nothing in it changes; `receive` makes the next. */
export interface QuickState {
  readonly rules: PayloadRules;
  readonly iv: Uint8Array;
  /** Whether what was sent is repeated until the awaited message comes. */
  readonly repeats: boolean;
  /** @throws Refusal, with nothing changed. */
  receive(body: OpenedBody): QuickStep;
  wipe(): void;
}

export interface QuickStep {
  readonly next: QuickState;
  readonly reply: Uint8Array | undefined;
  /** The child that this step settles. */
  readonly agreement: ChildAgreement | undefined;
}

/** What a Quick Mode settled. */
export interface ChildAgreement {
  readonly policy: ChildPolicy;
  readonly role: Role;
  readonly suite: EspSuite;
  readonly esn: boolean;
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
  readonly inbound: ChildKeys;
  readonly outbound: ChildKeys;
  readonly lifetime: Duration;
  readonly lifetimeKilobytes: number | undefined;
  readonly pfsGroup: DhGroupNumber | undefined;
  /** Ni_b and Nr_b: of two children from a collision they tell which stays. */
  readonly nonces: readonly [Uint8Array, Uint8Array];
}

/** Of messages 1 and 2: whether KE must be there follows from the policy. */
export const QUICK_RULES: PayloadRules = {
  first: ['hash', 'sa'],
  counts: {
    hash: [1, 1],
    sa: [1, 1],
    nonce: [1, 1],
    ke: [0, 1],
    id: [0, 2],
    notification: [0, MANY],
    'nat-oa': [0, 2],
    'vendor-id': [0, MANY],
  },
};

export function sealQuick(
  context: Phase2Context,
  iv: Uint8Array,
  hashOf: HashOf,
  rest: readonly Payload[],
): SealedMessage {
  return sealPhase2(context, EXCHANGE.quick, iv, hashOf, rest);
}

/** IDci and IDcr, in this order; undefined where the message has neither (RFC 2409 §5.5). */
export function clientIdentities(
  payloads: readonly DecodedPayload[],
): readonly [Identification, Identification] | undefined {
  const [idci, idcr] = all(payloads, 'id');
  if (idci === undefined) return undefined;
  if (idcr === undefined) return refuse('missing-payload');
  return [idci, idcr];
}

/** The peer's public value, which must be there with perfect forward secrecy and must not be without. */
export function publicValue(payloads: readonly DecodedPayload[], group: DhGroupNumber | undefined): Uint8Array {
  const [ke] = all(payloads, 'ke');
  if (group === undefined) return ke === undefined ? new Uint8Array(0) : refuse('unexpected-payload');
  return ke === undefined ? refuse('missing-payload') : ke.data.slice();
}

/** What KEYMAT of both directions is made of. */
export interface ChildSecrets {
  readonly keys: IkeKeys;
  readonly gqmxy: Uint8Array;
  readonly niB: Uint8Array;
  readonly nrB: Uint8Array;
}

/** The keys of the direction whose receiver chose `spi`: encryption key, salt, integrity key, in this order. */
export function childKeys({ keys, gqmxy, niB, nrB }: ChildSecrets, suite: EspSuite, spi: Spi): ChildKeys {
  const input = { gqmxy, protocol: PROTOCOL_ID.esp, spi: spiOctets(spi), niB, nrB };
  const salt = suite.encryptionKeyOctets;
  const integrity = salt + suite.saltOctets;
  const end = integrity + suite.integrityKeyOctets;
  const material = keymat(keys.hash, keys.d, input, end);
  const slices = {
    spi,
    encryption: material.slice(0, salt),
    salt: material.slice(salt, integrity),
    integrity: material.slice(integrity, end),
  };
  material.fill(0);
  return slices;
}
