import { AH_SUITES, ahSuite, type EspSuite, espSuite } from '@espalier/crypto';
import type { ChildPolicy, KeyLogEntry, NegotiatedChild, ProtectionBundle } from '@espalier/ike';
import {
  AUTH_ALGORITHM,
  type DeletePayload,
  DOI_IPSEC,
  EXCHANGE,
  IPCOMP_TRANSFORM,
  IPSEC_ATTRIBUTE,
  type Payload,
  PROTOCOL_ID,
  type Proposal,
  type SaPayload,
  seconds,
  spi,
  type Transform,
  toHex,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { randomCpi } from '../../src/runtime/random.ts';
import { DEFAULT_TERMS } from '../../src/terms.ts';
import { lifeAttributes } from '../../src/v1/proposals/attributes.ts';
import { choosePhase2, offerPhase2, readPhase2Choice } from '../../src/v1/proposals/phase2.ts';
import { spiFrom, spiOctets } from '../../src/v1/proposals/spis.ts';
import { ahTransformForm } from '../../src/v1/proposals/suites.ts';
import { Forger } from '../support/forger.ts';
import { NatBed } from '../support/nat-bed.ts';
import { childPolicy, Pair, tunnelled } from '../support/pair.ts';

const CBC = espSuite('aes-128-cbc/hmac-sha1-96');
const TRIPLE = espSuite('3des-cbc/hmac-sha1-96');
const SHA1 = ahSuite('hmac-sha1-96');
const SHA2 = ahSuite('hmac-sha2-256-128');
const OWN = { spi: spi(0x1234), cpi: spi(0x567) };

/** What can be wanted together, and what it comes to in the order of protection. */
const BUNDLES: readonly (readonly [string, ProtectionBundle, readonly string[]])[] = [
  ['ah', { ah: [SHA1] }, ['ah']],
  ['esp', { esp: [CBC] }, ['esp']],
  ['ah and esp', { ah: [SHA2], esp: [TRIPLE] }, ['esp', 'ah']],
  ['ah and esp without integrity', { ah: [SHA1], esp: [espSuite('3des-cbc/none')] }, ['esp', 'ah']],
  ['ipcomp and esp', { ipcomp: 'deflate', esp: [CBC] }, ['ipcomp', 'esp']],
  ['ipcomp and ah', { ipcomp: 'deflate', ah: [SHA1] }, ['ipcomp', 'ah']],
  ['all three', { ipcomp: 'deflate', ah: [SHA1], esp: [CBC] }, ['ipcomp', 'esp', 'ah']],
];

function policy(bundles: readonly ProtectionBundle[], changes: Partial<ChildPolicy> = {}): ChildPolicy {
  return childPolicy('R2', { suites: [], bundles, ...changes });
}

function options(bundles: readonly ProtectionBundle[], theirs = bundles, changes: Partial<ChildPolicy> = {}) {
  return {
    R2: { children: [childPolicy('R2', { suites: [], bundles, ...changes })] },
    R3: { children: [childPolicy('R3', { suites: [], bundles: theirs, ...changes })] },
  };
}

function childrenOf(pair: Pair): readonly [NegotiatedChild, NegotiatedChild] {
  const [r2, r3] = pair.nodes.map((node) => node.of('child-established').at(-1)?.child);
  return r2 === undefined || r3 === undefined ? expect.unreachable('there is no child') : [r2, r3];
}

function spisOf(child: NegotiatedChild, way: 'inbound' | 'outbound'): readonly string[] {
  return child.protections.map((protection) => `${protection.protocol} ${protection[way].spi}`);
}

function keysOf(child: NegotiatedChild, way: 'inbound' | 'outbound'): readonly string[] {
  return child.protections.map((protection) => {
    const { encryption, salt, integrity } = protection[way];
    return [encryption, salt, integrity].map(toHex).join(' ');
  });
}

describe('Protections that are wanted together', () => {
  const grid = BUNDLES.flatMap(([name, bundle, protocols]) =>
    [{}, { esn: true }, { pfsGroup: 2 } as const, { mode: 'transport' } as const].map((changes) => ({
      name,
      bundle,
      protocols,
      changes,
    })),
  );

  it.each(grid)('are settled as a whole, with keys of their own: $name, $changes', ({ bundle, protocols, changes }) => {
    const given = options([bundle], [bundle], changes);
    const anybody = { localIdentity: 'any', remoteIdentity: 'any' } as const;
    const isTransport = 'mode' in changes;
    const pair = tunnelled(
      isTransport
        ? {
            ...given,
            R2: { children: [{ ...given.R2.children[0], ...gatewaysOf() }] as ChildPolicy[] },
            R3: { children: given.R3.children.map((child) => ({ ...child, ...anybody })) },
          }
        : given,
    );
    const [r2, r3] = childrenOf(pair);
    for (const child of [r2, r3]) {
      expect(child.protections.map(({ protocol }) => protocol)).toEqual(protocols);
      expect(child.esn).toBe('esn' in changes);
      const named = child.protections.filter(({ protocol }) => protocol !== 'ipcomp');
      expect(named.map(({ inbound }) => inbound.spi)).toEqual(named.map(() => child.inbound));
      expect(child.outbound).toBe(named[0]?.outbound.spi);
      for (const { protocol, suite, inbound } of child.protections) {
        if (protocol === 'ipcomp') expect(inbound.spi).toBeLessThan(0xf000);
        const octets = protocol === 'ipcomp' ? 0 : suite.integrityKeyOctets;
        expect(inbound.integrity).toHaveLength(octets);
        expect(inbound.encryption).toHaveLength(protocol === 'esp' ? suite.encryptionKeyOctets : 0);
      }
    }
    expect(spisOf(r2, 'inbound')).toEqual(spisOf(r3, 'outbound'));
    expect(spisOf(r2, 'outbound')).toEqual(spisOf(r3, 'inbound'));
    expect(keysOf(r2, 'inbound')).toEqual(keysOf(r3, 'outbound'));
    expect(keysOf(r2, 'outbound')).toEqual(keysOf(r3, 'inbound'));
    // RFC 2409 §5.5: protocol and SPI go into KEYMAT, so no two SAs share a key.
    const keys = [r2, r3].flatMap((child) => keysOf(child, 'inbound')).filter((key) => key.trim() !== '');
    expect(new Set(keys).size).toBe(keys.length);
    expect(pair.R3.endpoint.children()).toMatchObject([
      { protections: r3.protections.map(({ protocol, inbound }) => ({ protocol, inbound: inbound.spi })) },
    ]);
  });

  it('are taken by the preference of who answers: bundles, then suites within them', () => {
    const [both, ah] = [{ ah: [SHA1, SHA2], esp: [CBC, TRIPLE] }, { ah: [SHA2] }] as const;
    const names = (pair: Pair) =>
      childrenOf(pair)[0].protections.map(({ protocol, suite }) => `${protocol} ${suite.name}`);
    expect(names(tunnelled(options([both, ah], [ah, both])))).toEqual(['ah hmac-sha2-256-128']);
    const turned = { ah: [SHA2, SHA1], esp: [TRIPLE, CBC] };
    expect(names(tunnelled(options([both, ah], [turned])))).toEqual([`esp ${TRIPLE.name}`, `ah ${SHA2.name}`]);
    const alone = { suites: [CBC] };
    const espOnly = { children: [childPolicy('R3', alone)] };
    expect(names(tunnelled({ ...options([both], [both], alone), R3: espOnly }))).toEqual([`esp ${CBC.name}`]);
    expect(names(tunnelled(options([{ ah: [SHA1] }, both], [both], alone)))).toEqual([
      `esp ${CBC.name}`,
      `ah ${SHA1.name}`,
    ]);
  });

  it.each([
    ['a part of it', { ah: [SHA1] }],
    ['more than it', { ah: [SHA1], esp: [CBC], ipcomp: 'deflate' }],
    ['another suite', { ah: [SHA2], esp: [CBC] }],
  ] as const)('are nothing in common with %s, and both sides are told what', (_, theirs) => {
    const pair = new Pair(options([{ ah: [SHA1], esp: [CBC] }], [theirs])).initiate();
    pair.run(seconds(1));
    expect(pair.R2.of('child-failed')).toMatchObject([{ reason: 'NO-PROPOSAL-CHOSEN' }]);
    expect(pair.R3.news).toMatchObject([{ reason: 'no-proposal-chosen', detail: { kind: 'proposals' } }]);
    expect(pair.R3.endpoint.children()).toEqual([]);
  });

  it('live and die together: a Delete of each is told, and one that comes ends all', () => {
    const pair = tunnelled(options([{ ipcomp: 'deflate', ah: [SHA1], esp: [CBC] }]));
    const [r2] = childrenOf(pair);
    pair.on('R2', (endpoint, now) => endpoint.deleteChild(now, r2.inbound));
    pair.run(seconds(1));
    expect(pair.R2.of('child-deleted')).toMatchObject([{ reason: 'closed', inbound: r2.inbound }]);
    expect(pair.R3.of('child-deleted')).toMatchObject([{ reason: 'peer-deleted', outbound: r2.inbound }]);
  });

  it('are renewed as a whole, by either side, and are as free again as if they had never been', () => {
    for (const side of ['R2', 'R3'] as const) {
      const pair = tunnelled(options([{ ipcomp: 'deflate', ah: [SHA1], esp: [CBC] }]));
      const before = childrenOf(pair)[side === 'R2' ? 0 : 1];
      pair.on(side, (endpoint, now) => endpoint.rekeyChild(now, before.inbound));
      pair.run(seconds(40));
      const after = childrenOf(pair)[side === 'R2' ? 0 : 1];
      expect(after.replaces).toBe(before.inbound);
      expect(spisOf(after, 'inbound').filter((one) => spisOf(before, 'inbound').includes(one))).toEqual([]);
      expect(pair[side].endpoint.children()).toHaveLength(1);
    }
  });

  it('log the keys of ESP and of AH, and of IPComp nothing', () => {
    const entries: KeyLogEntry[] = [];
    const keyLog = (entry: KeyLogEntry): void => {
      entries.push(entry.kind === 'ah' ? { ...entry, key: entry.key.slice() } : entry);
    };
    const pair = tunnelled({
      ...options([{ ipcomp: 'deflate', ah: [SHA1], esp: [CBC] }]),
      endpoint: { keyLog },
    });
    const [r2] = childrenOf(pair);
    expect(entries.filter(({ kind }) => kind === 'esp')).toHaveLength(4);
    const ah = entries.filter((entry) => entry.kind === 'ah');
    expect(ah).toHaveLength(4);
    const inbound = r2.protections.find(({ protocol }) => protocol === 'ah')?.inbound;
    const logged = ah.filter((entry) => entry.spi === inbound?.spi).map(({ key }) => toHex(key));
    expect(logged).toEqual(Array(2).fill(toHex(inbound?.integrity ?? new Uint8Array(0))));
  });
});

function gatewaysOf(): Pick<ChildPolicy, 'localIdentity' | 'remoteIdentity'> {
  const at = (address: string) => ({
    idType: 1,
    protocol: 0,
    port: 0,
    data: Uint8Array.from(address.split('.').map(Number)),
  });
  return { localIdentity: at('10.1.15.1'), remoteIdentity: at('10.1.15.2') };
}

describe('AH where there is a NAT', () => {
  const ah: ProtectionBundle = { ah: [SHA1], esp: [CBC] };

  it('is not begun, and says why', () => {
    const bed = new NatBed({ behind: ['R2'], ...options([ah]) }).initiate().run();
    expect(bed.R2.of('child-failed')).toMatchObject([{ reason: 'ah-behind-nat', phase: 2 }]);
  });

  it('gives way to ESP alone', () => {
    const bed = new NatBed({ behind: ['R2'], ...options([ah], [ah], { suites: [CBC] }) }).initiate().run();
    const children = bed.R3.of('child-established').map(({ child }) => child);
    expect(children).toMatchObject([{ inUdp: true, protections: [{ protocol: 'esp' }] }]);
  });
});

describe('The proposals of a bundle', () => {
  it.each(AH_SUITES.filter((suite) => ahTransformForm(suite) !== undefined))(
    'say the algorithm of AH twice, and are refused where the two differ: $name (RFC 2407 §4.4.3)',
    (suite) => {
      const wanted = policy([{ ah: [suite] }]);
      const offer = offerPhase2(wanted, OWN);
      expect(choosePhase2(offer, wanted)?.chosen).toMatchObject([{ protocol: 'ah', suite: { name: suite.name } }]);
      const authentication = IPSEC_ATTRIBUTE.authenticationAlgorithm;
      for (const value of [...Object.values(AUTH_ALGORITHM), undefined]) {
        const changed = altered(offer, (proposal) => ({
          ...proposal,
          transforms: proposal.transforms.map((transform) => ({
            ...transform,
            attributes: transform.attributes.flatMap((attribute) => {
              if (attribute.type !== authentication) return [attribute];
              return value === undefined ? [] : [{ ...attribute, value }];
            }),
          })),
        }));
        const isSame = value === ahTransformForm(suite)?.authentication;
        expect(choosePhase2(changed, wanted) !== undefined).toBe(isSame);
      }
    },
  );

  it('take a CPI of 2 octets, or of 4 whose first two mean nothing, and no other (RFC 3173 §4.1)', () => {
    for (const octets of [
      [0x12, 0x34],
      [0, 0, 0x12, 0x34],
      [0xff, 0xff, 0x12, 0x34],
    ]) {
      expect(spiFrom('ipcomp', Uint8Array.from(octets))).toBe(0x1234);
    }
    for (const octets of [[], [0x12], [0, 0x12, 0x34], [0, 0, 0, 0x12, 0x34], Array(16).fill(0x12)]) {
      expect(spiFrom('ipcomp', Uint8Array.from(octets))).toBeUndefined();
    }
    for (const value of [0, 2, 255, 61_440, 65_535]) {
      expect(spiFrom('ipcomp', Uint8Array.of(value >> 8, value))).toBeUndefined();
    }
    expect(toHex(spiOctets(spi(0x1234), 'ipcomp'))).toBe('1234');
  });

  it.each([0, 1, 2, 3, 5, 8, 16])('are not taken with an SPI of %i octets', (octets) => {
    for (const [, bundle] of BUNDLES) {
      const wanted = policy([bundle]);
      const offer = offerPhase2(wanted, OWN);
      for (const which of ['esp', 'ah'] as const) {
        if (bundle[which] === undefined) continue;
        const changed = altered(offer, (proposal) =>
          proposal.protocol === PROTOCOL_ID[which] ? { ...proposal, spi: new Uint8Array(octets).fill(1) } : proposal,
        );
        expect(choosePhase2(changed, wanted)).toBeUndefined();
      }
    }
  });

  it('are a choice under different numbers, and, where a peer has it so, under one number of one protocol', () => {
    const wanted = policy([{ esp: [CBC] }]);
    const [proposal] = offerPhase2(wanted, OWN).proposals;
    if (proposal === undefined) return expect.unreachable('there is no proposal');
    const sa = (...proposals: readonly Proposal[]): SaPayload => ({ ...offerPhase2(wanted, OWN), proposals });
    expect(choosePhase2(sa(proposal, { ...proposal, number: 2 }), wanted)?.proposals).toEqual([proposal]);
    expect(choosePhase2(sa(proposal, proposal), wanted)).toMatchObject({ tolerated: ['proposals-alike'] });
    const [strict, ah] = [
      { ...DEFAULT_TERMS, leniency: new Set<never>() },
      { ...proposal, protocol: PROTOCOL_ID.ah },
    ];
    expect(choosePhase2(sa(proposal, proposal), wanted, undefined, strict)).toBeUndefined();
    expect(choosePhase2(sa(proposal, proposal, ah), wanted)).toBeUndefined();
    expect(choosePhase2(sa(proposal, { ...proposal, protocol: 200 }), wanted)).toBeUndefined();
    expect(choosePhase2(sa(proposal, proposal, { ...proposal, number: 7 }), wanted)?.proposals).toMatchObject([
      { number: 7 },
    ]);
  });

  it('live as long as the one with the shortest life, whatever IPComp says', () => {
    const wanted = policy([{ ipcomp: 'deflate', ah: [SHA1], esp: [CBC] }], { lifetimeKilobytes: 4000 });
    const offer = offerPhase2(wanted, OWN);
    const [hour, kilobytes] = [3600, 1000];
    for (const which of ['ah', 'esp', 'ipcomp'] as const) {
      const changed = altered(offer, (proposal) =>
        proposal.protocol === PROTOCOL_ID[which]
          ? { ...proposal, transforms: proposal.transforms.map((one) => withLife(one, hour, kilobytes)) }
          : proposal,
      );
      const answer = choosePhase2(changed, wanted);
      const isShorter = which !== 'ipcomp';
      expect(answer?.lifetime).toBe(isShorter ? seconds(hour) : wanted.lifetime);
      expect(answer?.kilobytes).toBe(isShorter ? kilobytes : 4000);
    }
  });

  it("come with a CPI that may be agreed on and is nobody else's", () => {
    fc.assert(
      fc.property(fc.integer(), fc.uniqueArray(fc.integer({ min: 256, max: 61_439 })), (seed, taken) => {
        const cpi = randomCpi(seededRng(seed), (value) => taken.includes(value));
        expect(cpi).toBeGreaterThanOrEqual(256);
        expect(cpi).toBeLessThanOrEqual(61_439);
        expect(taken).not.toContain(cpi);
      }),
    );
  });

  it('refuse LZS and what else IKE has a number for (RFC 2407 §4.4.5)', () => {
    const wanted = policy([{ ipcomp: 'deflate', esp: [CBC] }]);
    for (const id of Object.values(IPCOMP_TRANSFORM)) {
      const changed = altered(offerPhase2(wanted, OWN), (proposal) =>
        proposal.protocol === PROTOCOL_ID.ipcomp
          ? { ...proposal, transforms: proposal.transforms.map((transform) => ({ ...transform, id })) }
          : proposal,
      );
      expect(choosePhase2(changed, wanted) !== undefined).toBe(id === IPCOMP_TRANSFORM.deflate);
    }
  });

  it('are taken as an answer only whole, each protocol once, with a transform that was offered', () => {
    const wanted = policy([{ ah: [SHA1, SHA2], esp: [CBC, TRIPLE] }], { esn: true });
    const offer = offerPhase2(wanted, OWN);
    const answer = choosePhase2(offer, wanted);
    if (answer === undefined) return expect.unreachable('there is no answer');
    const reply = { ...offer, proposals: answer.proposals };
    expect(readPhase2Choice(reply, offer, wanted).chosen).toEqual(answer.chosen);
    const [first, second] = answer.proposals;
    if (first === undefined || second === undefined) return expect.unreachable('there are no two');
    const [, plain] = offer.proposals.find(({ protocol }) => protocol === second.protocol)?.transforms ?? [];
    const wrong: readonly (readonly Proposal[])[] = [
      [],
      [first],
      [second],
      [first, first],
      [first, second, second],
      [first, { ...second, number: second.number + 1 }],
      [first, { ...second, transforms: [] }],
      [first, { ...second, transforms: [...second.transforms, ...second.transforms] }],
      [first, { ...second, spi: new Uint8Array(4) }],
      // One with extended sequence numbers, one without.
      [first, { ...second, transforms: plain === undefined ? [] : [plain] }],
    ];
    for (const proposals of wrong) {
      expect(() => readPhase2Choice({ ...offer, proposals }, offer, wanted)).toThrow('proposal-changed');
    }
  });

  it('in any number and mixture are answered with what both sides want, or not at all', () => {
    const suites = fc.uniqueArray(fc.constantFrom<EspSuite>(CBC, TRIPLE), { minLength: 1 });
    const ahs = fc.uniqueArray(fc.constantFrom(SHA1, SHA2), { minLength: 1 });
    const bundle = fc.oneof(
      fc.record({ esp: suites }),
      fc.record({ ah: ahs }),
      fc.record({ ah: ahs, esp: suites }),
      fc.record({ ipcomp: fc.constant('deflate' as const), esp: suites }),
    );
    const bundles = fc.array(bundle, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(bundles, bundles, fc.boolean(), fc.boolean(), (ours, theirs, esn, theirEsn) => {
        const wanted = policy(ours, { esn });
        const offer = offerPhase2(policy(theirs, { esn: theirEsn }), OWN);
        const answer = choosePhase2(offer, wanted);
        const isShared = (one: ProtectionBundle): boolean =>
          theirs.some(
            (other) =>
              'ipcomp' in one === 'ipcomp' in other &&
              shares('esp' in one ? one.esp : undefined, 'esp' in other ? other.esp : undefined) &&
              shares('ah' in one ? one.ah : undefined, 'ah' in other ? other.ah : undefined),
          );
        const first = ours.find(isShared);
        expect(answer === undefined).toBe(first === undefined);
        if (answer === undefined || first === undefined) return;
        expect(new Set(answer.chosen.map(({ protocol }) => protocol))).toEqual(new Set(Object.keys(first)));
        expect(answer.esn).toBe(esn && theirEsn);
        const reply = { ...offer, proposals: answer.proposals };
        expect(readPhase2Choice(reply, offer, policy(theirs, { esn: theirEsn })).chosen).toEqual(answer.chosen);
      }),
      { numRuns: 300 },
    );
  });
});

function shares(a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.some((one) => b.includes(one));
}

/** Every lifetime of a transform, in seconds and in kilobytes, is another. */
function withLife(transform: Transform, secondsOf: number, kilobytes: number): Transform {
  const others = transform.attributes.filter(
    ({ type }) => type !== IPSEC_ATTRIBUTE.lifeType && type !== IPSEC_ATTRIBUTE.lifeDuration,
  );
  const life = [...lifeAttributes(IPSEC_ATTRIBUTE, 1, secondsOf), ...lifeAttributes(IPSEC_ATTRIBUTE, 2, kilobytes)];
  return { ...transform, attributes: [...others, ...life] };
}

function altered(sa: SaPayload, alter: (proposal: Proposal) => Proposal): SaPayload {
  return { ...sa, proposals: sa.proposals.map(alter) };
}

describe('A Delete (RFC 2408 §3.15)', () => {
  it.each([
    ['of the protocol that has the SPI', PROTOCOL_ID.ah, 0, true],
    ['of another protocol with the same SPI', PROTOCOL_ID.esp, 0, false],
    ['of no protocol that protects packets', 9, 0, false],
    ['with more octets than an SPI has', PROTOCOL_ID.ah, 4, false],
  ])('ends a child of AH or not: %s', (_, protocol, more, ends) => {
    const forger = new Forger({ children: [childPolicy('R3', { suites: [], bundles: [{ ah: [SHA1] }] })] });
    const sa = forger.establish();
    const { reply, next } = forger.quick(sa, 5, policy([{ ah: [SHA1] }]));
    const [answer] = forger.send(reply).replies;
    if (answer === undefined) return expect.unreachable('no answer');
    const step = forger.confirm({ next }, answer);
    forger.send(step.reply ?? answer);
    const own = step.outcome?.[0]?.inbound ?? expect.unreachable('no child');
    const octets = new Uint8Array(4 + more);
    octets.set(spiOctets(own), more);
    const payload: DeletePayload = {
      kind: 'delete',
      doi: DOI_IPSEC,
      protocol,
      spiOctets: octets.length,
      spis: [octets],
    };
    forger.send(forger.seal(sa, EXCHANGE.informational, 6, [payload as Payload]));
    expect(forger.endpoint.children()).toHaveLength(ends ? 0 : 1);
  });
});
