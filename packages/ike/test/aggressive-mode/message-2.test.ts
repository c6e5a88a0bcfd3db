import { ahSuite } from '@espalier/crypto';
import type { IkeProposal } from '@espalier/ike';
import {
  type DecodedPayload,
  decodeHeader,
  decodeMessage,
  encodeMessage,
  equalOctets,
  fromHex,
  seconds,
  VENDOR_ID,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { all } from '../../src/exchange/rules.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { NatBed } from '../support/nat-bed.ts';
import { childPolicy, type PeerChanges, type Side } from '../support/pair.ts';

const BEHIND: readonly (readonly Side[])[] = [[], ['R2'], ['R3'], ['R2', 'R3']];
const COMMON = { hash: 'sha1', group: 2, authentication: 'pre-shared-key' } as const;
const PROPOSALS: readonly IkeProposal[] = [
  { encryption: 'aes-cbc', keyOctets: 16, ...COMMON },
  { encryption: '3des-cbc', ...COMMON },
  { encryption: 'aes-cbc', keyOctets: 32, ...COMMON },
];
const SIDE: PeerChanges = { mode: 'aggressive', proposals: PROPOSALS };

type Alter = (payloads: readonly DecodedPayload[], first: readonly DecodedPayload[]) => readonly DecodedPayload[];

/** What HASH_R does not cover (RFC 2409 §5, RFC 3947 §3.2): message 2 as anybody on its way may change it. */
const ALTERED: Readonly<Record<string, Alter>> = {
  'another cipher chosen': choosing(1),
  'another length of key chosen': choosing(2),
  'no vendor ID': (payloads) => payloads.filter(({ kind }) => kind !== 'vendor-id'),
  'no NAT traversal': without((payload) => payload.kind === 'vendor-id' && isOfNatTraversal(payload.data)),
  'no NAT-D': without(({ kind }) => kind === 'nat-d'),
  'no NAT-D that is right': (payloads) =>
    payloads.map((payload) =>
      payload.kind === 'nat-d' ? { ...payload, hash: payload.hash.slice().fill(7) } : payload,
    ),
  'neither vendor IDs nor NAT-D, and another cipher': (payloads, first) =>
    choosing(1)(payloads, first).filter(({ kind }) => kind !== 'nat-d' && kind !== 'vendor-id'),
};

/** What hides that there is a NAT from an initiator that sends message 3, and more, at once. */
const HIDDEN: readonly string[] = ['no vendor ID', 'no NAT traversal', 'no NAT-D'];

function without(isGone: (payload: DecodedPayload) => boolean): Alter {
  return (payloads) => payloads.filter((payload) => !isGone(payload));
}

function isOfNatTraversal(data: Uint8Array): boolean {
  return equalOctets(data, fromHex(VENDOR_ID.natTraversal));
}

/** The transform of the offer that is at `index` in the place of the one that was chosen. */
function choosing(index: number): Alter {
  return (payloads, first) => {
    const [offer] = all(first, 'sa').flatMap(({ proposals }) => proposals);
    const transform = offer?.transforms[index] ?? expect.fail();
    return payloads.map((payload) =>
      payload.kind === 'sa'
        ? { ...payload, proposals: payload.proposals.map((proposal) => ({ ...proposal, transforms: [transform] })) }
        : payload,
    );
  };
}

/** A whole session; `beside`: what comes of message 2 beside the genuine one. */
function play(
  behind: readonly Side[],
  beside: Alter | undefined,
  isBefore: boolean,
  { R2 = {}, R3 = {} }: Readonly<Partial<Record<Side, PeerChanges>>> = {},
): NatBed {
  const bed = new NatBed({ engine: cheapEngine(), behind, R2: { ...SIDE, ...R2 }, R3: { ...SIDE, ...R3 } });
  let first: readonly DecodedPayload[] | undefined;
  let isOver = beside === undefined;
  bed.deliver = (side, transmit) => {
    const { octets } = transmit;
    const { payloads } = side === 'R3' || isOver ? { payloads: [] } : decodeMessage(octets);
    if (first === undefined) first = decodeMessage(octets).payloads;
    const altered = side === 'R3' || isOver ? undefined : beside?.(payloads, first);
    const other = altered && { ...transmit, octets: encodeMessage(decodeHeader(octets), altered) };
    isOver ||= other !== undefined;
    if (other !== undefined && isBefore) bed.inject(side, other);
    bed.inject(side, transmit);
    if (other !== undefined && !isBefore) bed.inject(side, other);
  };
  return bed.initiate().run(seconds(20));
}

function resultOf(bed: NatBed): unknown {
  return (['R2', 'R3'] as const).map((side) => ({
    sas: bed[side].endpoint.ikeSas().map(({ state, proposal }) => [state, proposal]),
    children: bed[side].of('child-established').map(({ child: { inUdp } }) => inUdp),
    failed: [...bed[side].of('ike-failed'), ...bed[side].of('child-failed')].map(({ reason }) => reason),
  }));
}

describe.each(BEHIND.map((behind) => ({ name: behind.join(' and ') || 'nobody', behind })))(
  'message 2, with $name behind a NAT',
  ({ behind }) => {
    const undisturbed = resultOf(play(behind, undefined, true));

    it.each(Object.keys(ALTERED))('misleads nobody where it comes with %s after the genuine one', (name) => {
      expect(resultOf(play(behind, ALTERED[name], false))).toEqual(undisturbed);
    });

    it.each(Object.keys(ALTERED).filter((name) => behind.length === 0 || !HIDDEN.includes(name)))(
      'nor with %s before it',
      (name) => {
        expect(resultOf(play(behind, ALTERED[name], true))).toEqual(undisturbed);
      },
    );
  },
);

it('a child of AH alone fails where message 2 was altered, came first, and the genuine one tells of a NAT', () => {
  const ah = { suites: [], bundles: [{ ah: [ahSuite('hmac-sha1-96')] }] };
  const deadPeerDetection = { idle: seconds(2), interval: seconds(2), retries: 1 };
  const bed = play(['R2'], ALTERED['neither vendor IDs nor NAT-D, and another cipher'], true, {
    R2: { children: [childPolicy('R2', ah)] },
    R3: { children: [childPolicy('R3', ah)], deadPeerDetection },
  });
  expect(bed.R2.of('ike-established')).toHaveLength(1);
  expect(bed.R2.of('child-failed')).toMatchObject([{ reason: 'ah-behind-nat' }]);
});

it('nothing protects from who hides a NAT, and is first: ESP goes without UDP, or the responder refuses that (SECURITY.md)', () => {
  const [unnamed, unspoken, undiscovered] = HIDDEN.map((name) => resultOf(play(['R2'], ALTERED[name], true)));
  for (const result of [unnamed, unspoken])
    expect(result).toMatchObject([{ children: [false] }, { children: [false] }]);
  expect(undiscovered).toMatchObject([{ failed: ['NO-PROPOSAL-CHOSEN'] }, { children: [] }]);
});
