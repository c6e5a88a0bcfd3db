import {
  DOI_IPSEC,
  encodeMessage,
  FLAG,
  fqdnId,
  KEY_IKE,
  type KeyExchangePayload,
  OAKLEY_ATTRIBUTE,
  OAKLEY_AUTHENTICATION,
  OAKLEY_ENCRYPTION,
  OAKLEY_HASH,
  type Payload,
  PROTOCOL_ID,
  type SaPayload,
  SITUATION,
} from '@espalier/wire';
import fc from 'fast-check';
import { aggressiveModeFirst, mainModeFirst } from '../isakmp/exchanges.ts';
import type { Message } from '../isakmp/message.ts';
import { nonce, vendorId } from '../isakmp/values.ts';
import { octets } from '../octets.ts';
import { type BrokenRule, changed } from './rule.ts';

/** Names of the rules of the first message of an exchange: what a responder looks at before it knows anything. */
export const EXCHANGE_RULES = [
  'exchange-initiator-cookie',
  'exchange-message-id',
  'exchange-in-clear',
  'exchange-sa-missing',
  'exchange-sa-twice',
  'exchange-sa-first',
  'exchange-foreign-payload',
  'exchange-key-missing',
  'exchange-nonce-missing',
  'exchange-identity-missing',
  'exchange-nonce-length',
] as const;

type ExchangeRule = (typeof EXCHANGE_RULES)[number];

type Kind = Payload['kind'];

const FLAGS_AT = 19;
const first = fc.oneof(mainModeFirst, aggressiveModeFirst);

/** What everybody takes that speaks IKEv1 at all: TripleDES, SHA-1, a key that is shared, the second group (RFC 2409 §4). */
const COMMON_SA: SaPayload = {
  kind: 'sa',
  doi: DOI_IPSEC,
  situation: SITUATION.identityOnly,
  proposals: [
    {
      number: 1,
      protocol: PROTOCOL_ID.isakmp,
      spi: new Uint8Array(0),
      transforms: [
        {
          number: 1,
          id: KEY_IKE,
          attributes: [
            { type: OAKLEY_ATTRIBUTE.encryption, value: OAKLEY_ENCRYPTION.tripleDesCbc },
            { type: OAKLEY_ATTRIBUTE.hash, value: OAKLEY_HASH.sha1 },
            { type: OAKLEY_ATTRIBUTE.authentication, value: OAKLEY_AUTHENTICATION.preSharedKey },
            { type: OAKLEY_ATTRIBUTE.groupDescription, value: 2 },
          ],
        },
      ],
    },
  ],
};

/** Of one who may be anywhere. */
const COMMON_ID: Payload = { kind: 'id', ...fqdnId('initiator.example') };

/** As long as a value of the second group, and below its prime. */
const commonKey: fc.Arbitrary<KeyExchangePayload> = octets(127).map((data) => ({
  kind: 'ke',
  data: Uint8Array.of(0x7f, ...data),
}));

/** What makes each of them broken. */
export const BROKEN_EXCHANGES: Readonly<Record<ExchangeRule, BrokenRule>> = {
  'exchange-initiator-cookie': inExchange(
    'RFC 2408 §2.5.3',
    "the initiator's cookie is not zero",
    first.map((message) => withFields(message, { initiatorCookie: new Uint8Array(8) })),
  ),
  'exchange-message-id': inExchange(
    'RFC 2408 §3.1',
    'the message ID is zero while there is no IKE SA',
    fc
      .tuple(first, fc.integer({ min: 1, max: 0xffff_ffff }))
      .map(([message, messageId]) => withFields(message, { messageId })),
  ),
  'exchange-in-clear': {
    structure: 'isakmp-exchange',
    clause: 'RFC 2409 §5',
    says: 'nothing is encrypted before there are keys',
    octets: first.map(encoded).map((message) => changed(message, FLAGS_AT, FLAG.encryption)),
  },
  'exchange-sa-missing': inExchange('RFC 2409 §5', 'message 1 has an SA', without('sa', first)),
  'exchange-sa-twice': inExchange(
    'RFC 2409 §5',
    'message 1 has one SA',
    first.map(({ fields, payloads }) => ({ fields, payloads: [...payloads, ...payloads.slice(0, 1)] })),
  ),
  'exchange-sa-first': inExchange(
    'RFC 2409 §5',
    'SA comes before all other payloads',
    fc.tuple(first, vendorId).map(([{ fields, payloads }, vendor]) => ({ fields, payloads: [vendor, ...payloads] })),
  ),
  'exchange-foreign-payload': inExchange(
    'RFC 2409 §5',
    'message 1 of Main Mode has no payload of a later one',
    fc
      .tuple(mainModeFirst, fc.oneof(nonce, commonKey, hashOrSignature()))
      .map(([{ fields, payloads }, later]) => ({ fields, payloads: [...payloads, later] })),
  ),
  'exchange-key-missing': inExchange('RFC 2409 §5.4', 'message 1 has KE', without('ke', aggressiveModeFirst)),
  'exchange-nonce-missing': inExchange('RFC 2409 §5.4', 'message 1 has Ni', without('nonce', aggressiveModeFirst)),
  'exchange-identity-missing': inExchange('RFC 2409 §5.4', 'message 1 has IDii', without('id', aggressiveModeFirst)),
  'exchange-nonce-length': inExchange(
    'RFC 2409 §5',
    'a nonce has 8 to 256 octets',
    fc
      .record({ message: aggressiveModeFirst, ke: commonKey, data: fc.oneof(octets(0, 7), octets(257, 300)) })
      .map(({ message: { fields }, ke, data }) => ({
        fields,
        payloads: [COMMON_SA, ke, { kind: 'nonce', data }, COMMON_ID],
      })),
  ),
};

function inExchange(clause: string, says: string, message: fc.Arbitrary<Message>): BrokenRule {
  return { structure: 'isakmp-exchange', clause, says, octets: message.map(encoded) };
}

function encoded({ fields, payloads }: Message): Uint8Array {
  return encodeMessage(fields, payloads);
}

function withFields({ fields, payloads }: Message, others: Partial<Message['fields']>): Message {
  return { fields: { ...fields, ...others }, payloads };
}

function without(missing: Kind, message: fc.Arbitrary<Message>): fc.Arbitrary<Message> {
  return message.map(({ fields, payloads }) => ({ fields, payloads: payloads.filter(({ kind }) => kind !== missing) }));
}

function hashOrSignature(): fc.Arbitrary<Payload> {
  return fc
    .tuple(fc.constantFrom('hash' as const, 'signature' as const), octets(20))
    .map(([kind, data]) => ({ kind, data }));
}
