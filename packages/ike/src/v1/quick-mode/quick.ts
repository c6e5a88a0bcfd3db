import { copySecret, type EspSuite } from '@espalier/crypto';
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
import type { AwaitsMessage, FirstStep, Heeded, Step } from '../../exchange/state.ts';
import { SAS_PER_QUICK_MODE } from '../../limits.ts';
import { refuse } from '../../refusals.ts';
import type { ChildKeys, ChildProtection, ProtectionProtocol } from '../../sa/protections.ts';
import type { ChildPolicy, IpsecMode, Role } from '../../types.ts';
import { isOne } from '../identities.ts';
import { keymat } from '../keying.ts';
import { type HashOf, type QuickContext, sealPhase2 } from '../phase2/phase2.ts';
import type { Chosen } from '../proposals/phase2.ts';
import { type OwnSpis, ownSpi, spiOctets } from '../proposals/spis.ts';
import type { IkeKeys, SealedMessage } from '../protection.ts';
import type { OriginalAddresses } from './transport.ts';

/** A child under negotiation. */
export interface PendingChild {
  readonly policy: ChildPolicy;
  /** The SPI offered or chosen here. */
  readonly inbound: Spi;
}

/** A state of Quick Mode (RFC 2409 §5.5), which may be for several children at once. */
export interface QuickState extends AwaitsMessage<QuickState, readonly ChildAgreement[]> {
  /** None once it is settled. */
  readonly pending: readonly PendingChild[];
  /** Whether this side started it and the peer has not answered. */
  readonly awaitsReply: boolean;
}

export type QuickStep = Step<QuickState, readonly ChildAgreement[]>;
export type HeededQuickStep = Heeded<QuickState, readonly ChildAgreement[]>;
export type FirstQuickStep = FirstStep<QuickState, readonly ChildAgreement[]>;

export const NONE_PENDING: readonly PendingChild[] = [];

/** What a Quick Mode settled, of one child. */
export interface ChildAgreement {
  readonly policy: ChildPolicy;
  /** Whether the peer named what it is for, of what the policy allows. */
  readonly isPart?: boolean;
  readonly role: Role;
  readonly mode: IpsecMode;
  /** In the order in which a packet that leaves gets them. */
  readonly protections: readonly ChildProtection[];
  readonly esn: boolean;
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
  readonly originalAddresses: OriginalAddresses | undefined;
  /** SPI chosen here: it names the child. */
  readonly inbound: Spi;
  /** SPI chosen by the peer. */
  readonly outbound: Spi;
  readonly lifetime: Duration;
  readonly lifetimeKilobytes: number | undefined;
  readonly pfsGroup: ChildPolicy['pfsGroup'] | undefined;
  /** As initiator: the peer says when it has it (RFC 2408 §3.1, the commit bit). */
  readonly awaitsConnected?: boolean;
  /** Ni_b and Nr_b: of two children from a collision they tell which stays. */
  readonly nonces: readonly [Uint8Array, Uint8Array];
}

/** Of messages 1 and 2: whether KE must be there follows from the policy. There is an SA payload for each child. */
export const QUICK_RULES: PayloadRules = {
  first: ['hash', 'sa'],
  counts: {
    hash: [1, 1],
    sa: [1, SAS_PER_QUICK_MODE],
    nonce: [1, 1],
    ke: [0, 1],
    id: [0, 2],
    'nat-oa': [0, 2],
  },
};

export function sealQuick(
  context: QuickContext,
  iv: Uint8Array,
  hashOf: HashOf,
  rest: readonly Payload[],
  flags: number = 0,
): SealedMessage {
  return sealPhase2(context, EXCHANGE.quick, iv, hashOf, rest, flags);
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

/** IDci and IDcr of a child that this side begins. */
export function offeredIdentities({
  localIdentity,
  remoteIdentity,
}: ChildPolicy): readonly [Identification, Identification] {
  if (!isOne(localIdentity) || !isOne(remoteIdentity)) return refuse('invalid-identity');
  return [localIdentity, remoteIdentity];
}

/** The peer's public value, which must be there with perfect forward secrecy and must not be without. */
export function publicValue(payloads: readonly DecodedPayload[], group: ChildPolicy['pfsGroup']): Uint8Array {
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

/** The SPI by which the peer names a child. */
export function nameOf(chosen: readonly Chosen[]): Spi {
  return chosen.find(({ protocol }) => protocol !== 'ipcomp')?.spi ?? refuse('no-proposal-chosen');
}

/** A protection with its keys, of which each protocol and SPI has its own (RFC 2409 §5.5). */
export function protectionOf(secrets: ChildSecrets, chosen: Chosen, own: OwnSpis): ChildProtection {
  const inbound = ownSpi(chosen.protocol, own);
  const keys = (lengths: KeyLengths) => ({
    inbound: keysOf(secrets, chosen.protocol, lengths, inbound),
    outbound: keysOf(secrets, chosen.protocol, lengths, chosen.spi),
  });
  switch (chosen.protocol) {
    case 'ipcomp':
      return { protocol: chosen.protocol, suite: chosen.suite, ...keys(NO_KEYS) };
    case 'esp':
      return { protocol: chosen.protocol, suite: chosen.suite, ...keys(chosen.suite) };
    case 'ah':
      return { protocol: chosen.protocol, suite: chosen.suite, ...keys({ ...NO_KEYS, ...chosen.suite }) };
  }
}

type KeyLengths = Pick<EspSuite, 'encryptionKeyOctets' | 'saltOctets' | 'integrityKeyOctets'>;

const NO_KEYS: KeyLengths = { encryptionKeyOctets: 0, saltOctets: 0, integrityKeyOctets: 0 };

/** The keys of the direction whose receiver chose `spi`: encryption key, salt, integrity key, in this order. */
function keysOf(
  { keys, gqmxy, niB, nrB }: ChildSecrets,
  protocol: ProtectionProtocol,
  { encryptionKeyOctets: salt, saltOctets, integrityKeyOctets }: KeyLengths,
  spi: Spi,
): ChildKeys {
  const input = { gqmxy, protocol: PROTOCOL_ID[protocol], spi: spiOctets(spi, protocol), niB, nrB };
  const integrity = salt + saltOctets;
  const end = integrity + integrityKeyOctets;
  const material = keymat(keys.prf, keys.d, input, end);
  const slices = {
    spi,
    encryption: copySecret('encryption', material.subarray(0, salt)),
    salt: copySecret('salt', material.subarray(salt, integrity)),
    integrity: copySecret('integrity', material.subarray(integrity, end)),
  };
  material.fill(0);
  return slices;
}
