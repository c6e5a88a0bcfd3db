import { concat, DOI_IPSEC, encodePayloadBody, PAYLOAD, SITUATION } from '@espalier/wire';
import fc from 'fast-check';
import { saPayload } from '../isakmp/proposals.ts';
import { list, octets, u8 } from '../octets.ts';
import { withBody } from './isakmp.ts';
import { type BrokenRule, changed, cutBelow, short, word } from './rule.ts';

/** Names of the rules of the SA payload: its proposals, transforms and attributes. */
export const SA_RULES = [
  'sa-truncated',
  'sa-doi',
  'sa-situation',
  'sa-empty',
  'proposal-next-payload',
  'proposal-reserved',
  'proposal-length-below-header',
  'proposal-length-beyond-sa',
  'proposal-leftover',
  'proposal-spi-size',
  'proposal-spi-overrun',
  'proposal-transform-count',
  'transform-next-payload',
  'transform-reserved',
  'transform-reserved2',
  'transform-length-below-header',
  'transform-length-beyond-proposal',
  'transform-leftover',
  'attribute-truncated',
  'attribute-overrun',
] as const;

type SaRule = (typeof SA_RULES)[number];

const FRAME_OCTETS = 4;
const FRONT = Uint8Array.of(...word(DOI_IPSEC), ...word(SITUATION.identityOnly));

/** A field that is not zero though it must be. */
const notZero = fc.integer({ min: 1, max: 0xff });
const more = fc.integer({ min: 1, max: 1000 });

/** In each of the two forms (RFC 2408 §3.3). */
const attribute = fc.oneof(
  fc.tuple(u8, octets(2)).map(([type, value]) => Uint8Array.of(0x80, type, ...value)),
  fc.tuple(u8, octets(0, 6)).map(([type, value]) => Uint8Array.of(0, type, 0, value.length, ...value)),
);
const transform = transformOf(list(attribute, 0, 3).map((parts) => concat(...parts)));
const proposal = proposalOf(list(transform, 0, 1), transform);
const whole = saPayload.map((sa) => encodePayloadBody(sa));

/** What makes each of them broken. */
export const BROKEN_SA: Readonly<Record<SaRule, BrokenRule>> = {
  'sa-truncated': inSa('RFC 2408 §3.4', 'an SA has a DOI and a situation', cutBelow(whole, FRONT.length)),
  'sa-doi': inSa(
    'RFC 2407 §4.6.1',
    'the DOI is that of IPsec, 1',
    fc
      .tuple(whole, fc.oneof(fc.constant(0), fc.integer({ min: 2, max: 0xffff_ffff })))
      .map(([body, doi]) => changed(body, 0, ...word(doi))),
  ),
  'sa-situation': inSa(
    'RFC 2407 §4.2',
    'a situation has no bits but those for identity only, secrecy and integrity',
    fc.tuple(whole, fc.integer({ min: 8, max: 0xffff_ffff })).map(([body, bits]) => changed(body, 4, ...word(bits))),
  ),
  'sa-empty': inSa('RFC 2408 §3.4', 'an SA has a proposal', fc.constant(FRONT)),
  'proposal-next-payload': lastProposal(
    'RFC 2408 §3.5',
    'a proposal is followed by a proposal, or by nothing',
    fc.tuple(proposal, notChainOf(PAYLOAD.proposal)).map(([octets, next]) => changed(octets, 0, next)),
  ),
  'proposal-reserved': lastProposal(
    'RFC 2408 §3.5',
    'the octet behind the next payload is zero',
    fc.tuple(proposal, notZero).map(([octets, value]) => changed(octets, 1, value)),
  ),
  'proposal-length-below-header': lastProposal(
    'RFC 2408 §3.5',
    'the length includes the header',
    fc.tuple(proposal, fc.nat(FRAME_OCTETS - 1)).map(([octets, length]) => changed(octets, 2, ...short(length))),
  ),
  'proposal-length-beyond-sa': lastProposal(
    'RFC 2408 §3.5',
    'a proposal ends within its SA',
    fc.tuple(proposal, more).map(([octets, more]) => changed(octets, 2, ...short(octets.length + more))),
  ),
  'proposal-leftover': lastProposal(
    'RFC 2408 §3.5',
    'the last proposal is the end of its SA',
    fc.tuple(proposal, octets(1, 20)).map((parts) => concat(...parts)),
  ),
  'proposal-spi-size': lastProposal(
    'RFC 2408 §3.5',
    'an SPI has 16 octets at most',
    proposalOf(fc.constant([]), transform, { spi: octets(17, 40) }),
  ),
  'proposal-spi-overrun': lastProposal(
    'RFC 2408 §3.5',
    'an SPI ends within its proposal',
    fc
      .tuple(fc.integer({ min: 1, max: 16 }), octets(0, 15))
      .map(([size, there]) => framed(Uint8Array.of(1, 1, size, 1, ...there.slice(0, size - 1)))),
  ),
  'proposal-transform-count': lastProposal(
    'RFC 2408 §3.5',
    'there are as many transforms as the proposal counts',
    proposalOf(list(transform, 0, 2), transform, { more: notZero }),
  ),
  'transform-next-payload': lastTransform(
    'RFC 2408 §3.6',
    'a transform is followed by a transform, or by nothing',
    fc.tuple(transform, notChainOf(PAYLOAD.transform)).map(([octets, next]) => changed(octets, 0, next)),
  ),
  'transform-reserved': lastTransform(
    'RFC 2408 §3.6',
    'the octet behind the next payload is zero',
    fc.tuple(transform, notZero).map(([octets, value]) => changed(octets, 1, value)),
  ),
  'transform-reserved2': lastTransform(
    'RFC 2408 §3.6',
    'the two octets behind the transform ID are zero',
    fc.tuple(transform, fc.nat(1), notZero).map(([octets, at, value]) => changed(octets, FRAME_OCTETS + 2 + at, value)),
  ),
  'transform-length-below-header': lastTransform(
    'RFC 2408 §3.6',
    'the length includes the header',
    fc.tuple(transform, fc.nat(FRAME_OCTETS - 1)).map(([octets, length]) => changed(octets, 2, ...short(length))),
  ),
  'transform-length-beyond-proposal': lastTransform(
    'RFC 2408 §3.6',
    'a transform ends within its proposal',
    fc.tuple(transform, more).map(([octets, more]) => changed(octets, 2, ...short(octets.length + more))),
  ),
  'transform-leftover': lastTransform(
    'RFC 2408 §3.6',
    'the last transform is the end of its proposal',
    fc.tuple(transform, octets(1, 20)).map((parts) => concat(...parts)),
  ),
  'attribute-truncated': lastTransform(
    'RFC 2408 §3.3',
    'an attribute has a type, and a length or a value',
    transformOf(fc.tuple(attribute, octets(1, 3)).map(([good, rest]) => concat(good, rest))),
  ),
  'attribute-overrun': lastTransform(
    'RFC 2408 §3.3',
    'an attribute ends within its transform',
    transformOf(
      fc
        .record({
          before: list(attribute, 0, 2),
          type: u8,
          length: fc.integer({ min: 1, max: 0xffff }),
          there: octets(0, 20),
        })
        .map(({ before, type, length, there }) =>
          concat(...before, Uint8Array.of(0, type, ...short(length)), there.slice(0, length - 1)),
        ),
    ),
  ),
};

function inSa(clause: string, says: string, body: fc.Arbitrary<Uint8Array>): BrokenRule {
  return { structure: 'isakmp-message', clause, says, octets: withBody(PAYLOAD.sa, body) };
}

/** Behind one good proposal, or none. */
function lastProposal(clause: string, says: string, last: fc.Arbitrary<Uint8Array>): BrokenRule {
  const body = fc
    .tuple(list(proposal, 0, 1), last)
    .map(([before, octets]) => concat(FRONT, ...before.map((one) => changed(one, 0, PAYLOAD.proposal)), octets));
  return inSa(clause, says, body);
}

/** Behind one good transform of its proposal, or none. */
function lastTransform(clause: string, says: string, last: fc.Arbitrary<Uint8Array>): BrokenRule {
  return lastProposal(clause, says, proposalOf(list(transform, 0, 1), last));
}

/** A proposal with these transforms and a last one, which it counts, and `more`. */
function proposalOf(
  before: fc.Arbitrary<readonly Uint8Array[]>,
  last: fc.Arbitrary<Uint8Array>,
  { spi = octets(0, 16), more = fc.constant(0) }: { spi?: fc.Arbitrary<Uint8Array>; more?: fc.Arbitrary<number> } = {},
): fc.Arbitrary<Uint8Array> {
  return fc
    .record({ number: u8, protocol: u8, spi, before, last, more })
    .map(({ number, protocol, spi, before, last, more }) => {
      const count = (before.length + 1 + more) & 0xff;
      const front = Uint8Array.of(number, protocol, spi.length, count);
      return framed(concat(front, spi, ...before.map((one) => changed(one, 0, PAYLOAD.transform)), last));
    });
}

function transformOf(attributes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.tuple(u8, u8, attributes).map(([number, id, octets]) => framed(Uint8Array.of(number, id, 0, 0, ...octets)));
}

/** With a generic header in front that announces nothing behind it (RFC 2408 §3.2). */
function framed(body: Uint8Array): Uint8Array {
  return Uint8Array.of(PAYLOAD.none, 0, ...short(FRAME_OCTETS + body.length), ...body);
}

function notChainOf(type: number): fc.Arbitrary<number> {
  return u8.filter((next) => next !== PAYLOAD.none && next !== type);
}
