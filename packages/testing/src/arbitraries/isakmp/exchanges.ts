import { DOI_IPSEC, EXCHANGE, NOTIFY, type Payload, PROTOCOL_ID } from '@espalier/wire';
import fc from 'fast-check';
import { list, octets } from '../octets.ts';
import { identification } from './identification.ts';
import type { Message } from './message.ts';
import { ikeSa } from './phase-1.ts';
import { cookie, keyExchange, natDiscovery, nonce, vendorId } from './values.ts';

const NO_COOKIE = new Uint8Array(8);

/** Message 1 of Main Mode: SA, and vendor IDs behind it (RFC 2409 §5). */
export const mainModeFirst: fc.Arbitrary<Message> = fc
  .record({ initiator: cookie, sa: ikeSa, vendors: list(vendorId, 0, 4) })
  .map(({ initiator, sa, vendors }) => inClear(EXCHANGE.main, initiator, NO_COOKIE, [sa, ...vendors]));

/** Message 2 of Main Mode: SA with the one transform that was chosen (RFC 2409 §5). */
export const mainModeSecond: fc.Arbitrary<Message> = fc
  .record({ initiator: cookie, responder: cookie, sa: ikeSa, vendors: list(vendorId, 0, 4) })
  .map(({ initiator, responder, sa, vendors }) => {
    const chosen = sa.proposals.map((proposal) => ({ ...proposal, transforms: proposal.transforms.slice(0, 1) }));
    return inClear(EXCHANGE.main, initiator, responder, [{ ...sa, proposals: chosen }, ...vendors]);
  });

/** Messages 3 and 4 of Main Mode: KE, nonce, and NAT-D (RFC 2409 §5.4, RFC 3947 §3.2). */
export const mainModeKeys: fc.Arbitrary<Message> = fc
  .record({ initiator: cookie, responder: cookie, ke: keyExchange, nonce, natD: fc.option(natDiscovery) })
  .map(({ initiator, responder, ke, nonce, natD }) =>
    inClear(EXCHANGE.main, initiator, responder, [ke, nonce, ...(natD ?? [])]),
  );

/** Message 1 of Aggressive Mode: SA, KE, nonce, identity (RFC 2409 §5.4). */
export const aggressiveModeFirst: fc.Arbitrary<Message> = fc
  .record({ initiator: cookie, sa: ikeSa, ke: keyExchange, nonce, id: identification, vendors: list(vendorId, 0, 4) })
  .map(({ initiator, sa, ke, nonce, id, vendors }) =>
    inClear(EXCHANGE.aggressive, initiator, NO_COOKIE, [sa, ke, nonce, { kind: 'id', ...id }, ...vendors]),
  );

/** An Informational exchange in clear that tells of an error: it has a message ID of its own (RFC 2408 §4.8, RFC 2409 §5.7). */
export const errorNotification: fc.Arbitrary<Message> = fc
  .record({
    initiator: cookie,
    responder: cookie,
    messageId: fc.integer({ min: 1, max: 0xffff_ffff }),
    notifyType: fc.constantFrom(...Object.values(NOTIFY).filter((number) => number < 16_384)),
    spi: fc.oneof(octets(0), octets(16)),
  })
  .map(({ initiator, responder, messageId, notifyType, spi }) =>
    inClear(
      EXCHANGE.informational,
      initiator,
      responder,
      [
        {
          kind: 'notification',
          doi: DOI_IPSEC,
          protocol: PROTOCOL_ID.isakmp,
          notifyType,
          spi,
          data: new Uint8Array(0),
        },
      ],
      messageId,
    ),
  );

/** A message that may be met in clear: one of the above; what is shrunk becomes the last of them, which is the shortest. */
export const exchangeMessage: fc.Arbitrary<Message> = fc.oneof(
  { withCrossShrink: true },
  errorNotification,
  mainModeFirst,
  mainModeSecond,
  mainModeKeys,
  aggressiveModeFirst,
);

function inClear(
  exchange: number,
  initiatorCookie: Uint8Array,
  responderCookie: Uint8Array,
  payloads: readonly Payload[],
  messageId = 0,
): Message {
  return { fields: { initiatorCookie, responderCookie, exchange, flags: 0, messageId }, payloads };
}
