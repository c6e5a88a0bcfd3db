import { DOI_IPSEC, encodePayloadBody, PAYLOAD, readU16, type SaPayload, SITUATION } from '@espalier/wire';
import fc from 'fast-check';
import { ikeSa } from '../isakmp/phase-1.ts';
import { ipsecSa } from '../isakmp/phase-2.ts';
import { u8 } from '../octets.ts';
import { type BrokenRule, changed, cutBelow, short, word } from './rule.ts';

/** What is broken in an SA that is good otherwise: in any of its proposals, transforms and attributes. */
const SA_FAULTS = [
  'truncated',
  'doi',
  'situation',
  'empty',
  'proposal-next-payload',
  'proposal-reserved',
  'proposal-length-beyond-sa',
  'proposal-spi-size',
  'proposal-transform-count',
  'transform-next-payload',
  'transform-reserved',
  'transform-reserved2',
  'transform-length-beyond-proposal',
  'attribute-overrun',
] as const;

type SaFault = (typeof SA_FAULTS)[number];
type SaStructure = 'ike-sa' | 'ipsec-sa';

/** Names of the rules of the SAs that are met in phase 1 and in phase 2. */
export const SAS_RULES: readonly `${SaStructure}-${SaFault}`[] = [
  ...SA_FAULTS.map((fault) => `ike-sa-${fault}` as const),
  ...SA_FAULTS.map((fault) => `ipsec-sa-${fault}` as const),
];

const FRONT_OCTETS = 8;
const PROPOSAL_OCTETS = 8;
const TRANSFORM_OCTETS = 8;
const ATTRIBUTE_OCTETS = 4;
/** Of an attribute whose value is in the place of its length, and not behind it (RFC 2408 §3.3). */
const TV_FORMAT = 0x80;

/** Where something begins, and where it ends. */
interface Place {
  readonly at: number;
  readonly end: number;
}

/** An SA, and where one of its proposals is, one of the transforms in that, and the last attribute in that. */
interface Mapped {
  readonly sa: Uint8Array;
  readonly proposal: Place;
  readonly transform: Place;
  readonly attribute: Place;
}

/** What makes each of them broken. */
export const BROKEN_SAS: Readonly<Record<(typeof SAS_RULES)[number], BrokenRule>> = {
  ...brokenAs('ike-sa', ikeSa),
  ...brokenAs('ipsec-sa', ipsecSa),
};

function brokenAs<S extends SaStructure>(
  structure: S,
  sa: fc.Arbitrary<SaPayload>,
): Record<`${S}-${SaFault}`, BrokenRule> {
  const rules = faultsOf(sa);
  const named = SA_FAULTS.map((fault) => [`${structure}-${fault}`, { structure, ...rules[fault] }]);
  return Object.fromEntries(named);
}

function faultsOf(sa: fc.Arbitrary<SaPayload>): Readonly<Record<SaFault, Omit<BrokenRule, 'structure'>>> {
  const whole = sa.map((payload) => encodePayloadBody(payload));
  const mapped = fc.tuple(whole, fc.nat(), fc.nat()).map(([octets, which, inside]) => placesIn(octets, which, inside));
  const notZero = fc.integer({ min: 1, max: 0xff });
  const more = fc.integer({ min: 1, max: 1000 });
  const changedAt = (value: fc.Arbitrary<number>, at: (one: Mapped) => number): fc.Arbitrary<Uint8Array> =>
    fc.tuple(mapped, value).map(([one, octet]) => changed(one.sa, at(one), octet));
  return {
    truncated: {
      clause: 'RFC 2408 §3.4',
      says: 'an SA has a DOI and a situation',
      octets: cutBelow(whole, FRONT_OCTETS),
    },
    doi: {
      clause: 'RFC 2407 §4.6.1',
      says: 'the DOI is that of IPsec, 1',
      octets: fc.tuple(whole, notOf(DOI_IPSEC)).map(([octets, doi]) => changed(octets, 0, ...word(doi))),
    },
    situation: {
      clause: 'RFC 2407 §4.2.1',
      says: 'a situation without labels is that for identity only',
      octets: fc
        .tuple(whole, notOf(SITUATION.identityOnly))
        .map(([octets, situation]) => changed(octets, 4, ...word(situation))),
    },
    empty: {
      clause: 'RFC 2408 §3.4',
      says: 'an SA has a proposal',
      octets: whole.map((octets) => octets.slice(0, FRONT_OCTETS)),
    },
    'proposal-next-payload': {
      clause: 'RFC 2408 §3.5',
      says: 'a proposal is followed by a proposal, or by nothing',
      octets: changedAt(notChainOf(PAYLOAD.proposal), ({ proposal }) => proposal.at),
    },
    'proposal-reserved': {
      clause: 'RFC 2408 §3.5',
      says: 'the octet behind the next payload is zero',
      octets: changedAt(notZero, ({ proposal }) => proposal.at + 1),
    },
    'proposal-length-beyond-sa': {
      clause: 'RFC 2408 §3.5',
      says: 'a proposal ends within its SA',
      octets: fc
        .tuple(mapped, more)
        .map(([{ sa, proposal }, more]) => changed(sa, proposal.at + 2, ...short(sa.length - proposal.at + more))),
    },
    'proposal-spi-size': {
      clause: 'RFC 2408 §3.5',
      says: 'an SPI has 16 octets at most',
      octets: changedAt(fc.integer({ min: 17, max: 0xff }), ({ proposal }) => proposal.at + 6),
    },
    'proposal-transform-count': {
      clause: 'RFC 2408 §3.5',
      says: 'there are as many transforms as the proposal counts',
      octets: fc.tuple(mapped, notZero).map(([{ sa, proposal }, by]) => {
        const countAt = proposal.at + 7;
        return changed(sa, countAt, ((sa[countAt] ?? 0) + by) & 0xff);
      }),
    },
    'transform-next-payload': {
      clause: 'RFC 2408 §3.6',
      says: 'a transform is followed by a transform, or by nothing',
      octets: changedAt(notChainOf(PAYLOAD.transform), ({ transform }) => transform.at),
    },
    'transform-reserved': {
      clause: 'RFC 2408 §3.6',
      says: 'the octet behind the next payload is zero',
      octets: changedAt(notZero, ({ transform }) => transform.at + 1),
    },
    'transform-reserved2': {
      clause: 'RFC 2408 §3.6',
      says: 'the two octets behind the transform ID are zero',
      octets: changedAt(notZero, ({ transform }) => transform.at + 6),
    },
    'transform-length-beyond-proposal': {
      clause: 'RFC 2408 §3.6',
      says: 'a transform ends within its proposal',
      octets: fc
        .tuple(mapped, more)
        .map(([{ sa, proposal, transform }, more]) =>
          changed(sa, transform.at + 2, ...short(proposal.end - transform.at + more)),
        ),
    },
    'attribute-overrun': {
      clause: 'RFC 2408 §3.3',
      says: 'an attribute ends within its transform',
      octets: fc.tuple(mapped, more).map(([{ sa, attribute }, more]) => {
        const type = (sa[attribute.at] ?? 0) & ~TV_FORMAT;
        const length = attribute.end - attribute.at - ATTRIBUTE_OCTETS + more;
        return changed(changed(sa, attribute.at, type), attribute.at + 2, ...short(length));
      }),
    },
  };
}

function placesIn(sa: Uint8Array, which: number, inside: number): Mapped {
  const framed = (at: number): number => readU16(sa, at + 2);
  const proposal = one(chained({ at: FRONT_OCTETS, end: sa.length }, framed), which);
  const transformsAt = proposal.at + PROPOSAL_OCTETS + (sa[proposal.at + 6] ?? 0);
  const transform = one(chained({ at: transformsAt, end: proposal.end }, framed), inside);
  const attributes = chained({ at: transform.at + TRANSFORM_OCTETS, end: transform.end }, (at) => {
    const isShort = ((sa[at] ?? 0) & TV_FORMAT) !== 0;
    return ATTRIBUTE_OCTETS + (isShort ? 0 : framed(at));
  });
  return { sa, proposal, transform, attribute: one(attributes, attributes.length - 1) };
}

function one(places: readonly Place[], which: number): Place {
  const place = places[which % places.length];
  if (place === undefined) throw new RangeError('sa: has no proposal, no transform or no attribute');
  return place;
}

/** What lies one after the other, each as long as is said where it begins. */
function chained({ at, end }: Place, octetsAt: (at: number) => number): readonly Place[] {
  const places: Place[] = [];
  for (let from = at; from < end; ) {
    const to = from + octetsAt(from);
    places.push({ at: from, end: to });
    from = to;
  }
  return places;
}

function notOf(value: number): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 0xffff_ffff }).filter((other) => other !== value);
}

function notChainOf(type: number): fc.Arbitrary<number> {
  return u8.filter((next) => next !== PAYLOAD.none && next !== type);
}
