import { DH_GROUPS, ESP_SUITES, type EspSuite, espSuite, nobleEngine } from '@espalier/crypto';
import type { ChildPolicy, IkeProposal, NegotiatedChild } from '@espalier/ike';
import { concat, ipv4AddressId, ipv4SubnetId, seconds, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { cheapEngine } from './support/cheap-engine.ts';
import { stride } from './support/handing.ts';
import {
  childPolicy,
  espOf,
  type Flight,
  Pair,
  type PairOptions,
  type peerConfig,
  type Side,
  tunnelled,
} from './support/pair.ts';

const PSK = 'pre-shared-key';
const PROPOSALS: readonly IkeProposal[] = [
  { encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: PSK },
  { encryption: '3des-cbc', hash: 'md5', group: 5, authentication: PSK },
  { encryption: 'des-cbc', hash: 'md5', group: 1, authentication: PSK },
  { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 14, authentication: PSK },
  { encryption: 'aes-cbc', keyOctets: 24, hash: 'sha2-384', group: 15, authentication: PSK },
  { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-512', group: 16, authentication: PSK },
  { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha1', prf: 'aes-xcbc', group: 2, authentication: PSK },
  { encryption: '3des-cbc', hash: 'sha2-256', prf: 'aes-xcbc', group: 14, authentication: PSK },
  { encryption: 'camellia-cbc', keyOctets: 16, hash: 'sha1', group: 2, authentication: PSK },
  { encryption: 'camellia-cbc', keyOctets: 24, hash: 'sha2-256', group: 14, authentication: PSK },
  { encryption: 'camellia-cbc', keyOctets: 32, hash: 'sha2-384', group: 15, authentication: PSK },
];

/** All that IKEv1 has numbers for. */
const SUITES: readonly EspSuite[] = ESP_SUITES.filter(
  ({ encryption, integrity, iv }) =>
    encryption !== 'chacha20-poly1305' && integrity !== 'aes-cmac-96' && iv !== 'implicit',
);

const everythingLegacy = { allowLegacy: ['des', 'md5', 'modp768', 'modp1024s160', 'modp2048s256'] } as const;

function both(changes: (side: Side) => Parameters<typeof peerConfig>[1]): Pick<PairOptions, 'R2' | 'R3'> {
  return { R2: changes('R2') ?? {}, R3: changes('R3') ?? {} };
}

function nameOf({ encryption, keyOctets, hash, prf, group }: IkeProposal): string {
  const length = keyOctets === undefined ? '' : ` ${keyOctets * 8}`;
  return `${encryption}${length} ${hash}${prf === undefined ? '' : `, prf ${prf}`} group ${group}`;
}

function keysOf(child: NegotiatedChild): readonly string[] {
  const { inbound, outbound } = espOf(child);
  return [inbound, outbound].map(({ spi, encryption, salt, integrity }) =>
    [spi, toHex(concat(encryption, salt, integrity))].join(' '),
  );
}

/** Both ends have one IKE SA and one child, and what one seals with the other opens with. */
function expectTunnel(pair: Pair): { readonly R2: NegotiatedChild; readonly R3: NegotiatedChild } {
  const children = pair.nodes.map((node) => node.of('child-established').at(-1)?.child);
  const [r2, r3] = children;
  if (r2 === undefined || r3 === undefined) throw new Error('no child was established');
  expect(keysOf(r2)).toEqual(keysOf(r3).toReversed());
  const { inbound, outbound, suite } = espOf(r2);
  expect(toHex(inbound.encryption)).not.toBe(toHex(outbound.encryption) || 'none');
  expect(r2.localIdentity).toEqual(r3.remoteIdentity);
  expect(r2.remoteIdentity).toEqual(r3.localIdentity);
  expect(suite).toBe(espOf(r3).suite);
  const [a, b] = pair.nodes.map(({ endpoint }) => endpoint.ikeSas().at(-1));
  expect(a?.state).toBe('ready');
  expect([a?.initiatorCookie, a?.responderCookie]).toEqual([b?.initiatorCookie, b?.responderCookie]);
  return { R2: r2, R3: r3 };
}

describe('Main Mode and Quick Mode', () => {
  describe.each(['R2', 'R3'] as const)('started by %s', (side) => {
    it.each(PROPOSALS.map((proposal, i) => [nameOf(proposal), proposal, i] as const))(
      'agree on %s and on a twentieth of all suites, with and without perfect forward secrecy',
      (_name, proposal, i) => {
        const part = 20 * stride();
        for (const suite of SUITES.filter((_, j) => j % part === i % part)) {
          for (const pfs of [{}, { pfsGroup: proposal.group }]) {
            const options = both((end) => ({
              proposals: [proposal],
              children: [childPolicy(end, { suites: [suite], ...pfs })],
            }));
            const pair = new Pair({ ...options, endpoint: everythingLegacy }).initiate(side);
            pair.run(seconds(1));
            const child = expectTunnel(pair)[side];
            expect(espOf(child).suite).toBe(suite);
            expect(child.pfsGroup).toBe(pfs.pfsGroup);
            const { inbound } = espOf(child);
            expect(inbound.encryption).toHaveLength(suite.encryptionKeyOctets);
            expect(inbound.salt).toHaveLength(suite.saltOctets);
            expect(inbound.integrity).toHaveLength(suite.integrityKeyOctets);
          }
        }
      },
    );
  });

  it.each(Object.values(DH_GROUPS).map(({ number, name }) => [name, number] as const))(
    'agree in every group, in both phases, in either mode: %s',
    (_name, group) => {
      for (const mode of ['main', 'aggressive'] as const) {
        const options = both((side) => ({
          mode,
          proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group, authentication: 'pre-shared-key' }],
          children: [childPolicy(side, { pfsGroup: group })],
        }));
        // The cheap engine knows the lengths of values alone: enough for MODP, where any number will do.
        const engine = group <= 18 ? cheapEngine() : nobleEngine();
        const pair = new Pair({ ...options, engine, endpoint: everythingLegacy }).initiate();
        pair.run(seconds(1));
        expect(expectTunnel(pair).R2.pfsGroup).toBe(group);
      }
    },
  );

  it('agree with real Diffie-Hellman groups too', () => {
    const pair = new Pair({
      engine: nobleEngine(),
      ...both((side) => ({ children: [childPolicy(side, { pfsGroup: 2 })] })),
    }).initiate();
    pair.run(seconds(1));
    expectTunnel(pair);
  });

  it('take nine messages and nothing after them', () => {
    const pair = new Pair().initiate();
    pair.run(seconds(600));
    expect(pair.sent).toHaveLength(9);
    expect(pair.nodes.flatMap(({ results }) => results)).toEqual(Array.from({ length: 9 }, () => ({ ok: true })));
  });

  it('tell the responder of the child before message 2 leaves, and both ends when it may send', () => {
    const pair = tunnelled();
    expect(pair.R2.events.map(({ kind }) => kind)).toEqual(['ike-established', 'child-established']);
    expect(pair.R3.events.map(({ kind }) => kind)).toEqual([
      'ike-established',
      'child-negotiated',
      'child-established',
    ]);
    const [negotiated, established] = [pair.R3.of('child-negotiated')[0], pair.R3.of('child-established')[0]];
    expect(established?.child).toBe(negotiated?.child);
  });

  it('give each end its role, the lifetimes of Junos and the identities of its policy', () => {
    const { R2, R3 } = expectTunnel(tunnelled());
    expect([R2.role, R3.role]).toEqual(['initiator', 'responder']);
    expect([R2.lifetime, R2.softLifetime]).toEqual([seconds(28_800), seconds(28_800 - 135)]);
    expect([R3.lifetime, R3.softLifetime]).toEqual([seconds(28_800), seconds(28_800 - 90)]);
    expect(R2.localIdentity).toEqual(ipv4SubnetId('10.1.12.0/24'));
  });

  it('negotiate phase 1 alone where a peer has no children', () => {
    const pair = new Pair(both(() => ({ children: [] }))).initiate();
    pair.run(seconds(1));
    expect(pair.R2.endpoint.ikeSas()).toMatchObject([{ state: 'ready', role: 'initiator' }]);
    expect(pair.sent).toHaveLength(6);
  });

  it('negotiate every child of a peer, each with its own message ID', () => {
    const names = ['a', 'b', 'c'];
    const options = both((side) => ({
      children: names.map((name, i) => {
        const [net, other] = [ipv4SubnetId(`10.${i}.1.0/24`), ipv4SubnetId(`10.${i}.2.0/24`)];
        const ids =
          side === 'R2' ? { localIdentity: net, remoteIdentity: other } : { localIdentity: other, remoteIdentity: net };
        return childPolicy(side, { name, ...ids });
      }),
    }));
    const pair = tunnelled(options);
    for (const node of pair.nodes) {
      expect(node.of('child-established').map(({ child }) => child.policy)).toEqual(names);
      expect(node.endpoint.ikeSas()[0]).toMatchObject({ childrenCreated: 3, quickModesInProgress: 0 });
    }
  });

  it('do nothing more when asked for what there is', () => {
    const pair = tunnelled();
    pair.initiate().initiate();
    pair.on('R2', (endpoint, now) => endpoint.initiate(now, 'R3', 'net'));
    expect(pair.sent).toHaveLength(9);
  });
});

describe('what is chosen', () => {
  const aes: IkeProposal = { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 14, authentication: PSK };
  const tripleDes: IkeProposal = { encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: PSK };
  const [gcm, cbc]: readonly EspSuite[] = [espSuite('aes-128-gcm-16'), espSuite('aes-128-cbc/hmac-sha1-96')];

  it('is what the responder prefers among what the initiator offers, in phase 1 and in phase 2', () => {
    const suites = (...order: readonly (EspSuite | undefined)[]): Partial<ChildPolicy> => ({
      suites: order.filter((suite) => suite !== undefined),
    });
    const pair = tunnelled({
      R2: { proposals: [tripleDes, aes], children: [childPolicy('R2', suites(cbc, gcm))] },
      R3: { proposals: [aes, tripleDes], children: [childPolicy('R3', suites(gcm, cbc))] },
    });
    expect(pair.R2.endpoint.ikeSas()[0]?.proposal).toEqual(aes);
    expect(espOf(expectTunnel(pair).R2).suite).toBe(gcm);
  });

  it.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
  ])('is 64-bit sequence numbers only where both ends want them: %s and %s', (r2, r3, agreed) => {
    const pair = tunnelled({
      R2: { children: [childPolicy('R2', { esn: r2 })] },
      R3: { children: [childPolicy('R3', { esn: r3 })] },
    });
    const { R2, R3 } = expectTunnel(pair);
    expect([R2.esn, R3.esn]).toEqual([agreed, agreed]);
  });

  it.each([
    [28_800, 3600, 3600],
    [3600, 28_800, 3600],
    [200_000, 100_000, 100_000],
  ])('is the shorter lifetime of a child, told by RESPONDER-LIFETIME: %i and %i', (r2, r3, agreed) => {
    const pair = tunnelled({
      R2: { children: [childPolicy('R2', { lifetime: seconds(r2) })] },
      R3: { children: [childPolicy('R3', { lifetime: seconds(r3) })] },
    });
    const { R2, R3 } = expectTunnel(pair);
    expect([R2.lifetime, R3.lifetime]).toEqual([seconds(agreed), seconds(agreed)]);
  });

  it.each([
    [undefined, 1000, 1000],
    [5_000_000, 1000, 1000],
    [1000, 5_000_000, 1000],
    [1000, undefined, 1000],
  ])('is the smaller lifetime in kilobytes: %s and %s', (r2, r3, agreed) => {
    const kilobytes = (n: number | undefined): Partial<ChildPolicy> =>
      n === undefined ? {} : { lifetimeKilobytes: n };
    const pair = tunnelled({
      R2: { children: [childPolicy('R2', kilobytes(r2))] },
      R3: { children: [childPolicy('R3', kilobytes(r3))] },
    });
    const { R2, R3 } = expectTunnel(pair);
    expect([R2.lifetimeKilobytes, R3.lifetimeKilobytes]).toEqual([agreed, agreed]);
  });

  it.each([
    [3600, 1800],
    [1800, 3600],
  ])('is the shorter lifetime of phase 1: %i and %i', (r2, r3) => {
    const pair = tunnelled({ R2: { lifetime: seconds(r2) }, R3: { lifetime: seconds(r3) } });
    for (const { endpoint } of pair.nodes) {
      const [sa] = endpoint.ikeSas();
      expect((sa?.hardExpiry ?? 0) - (sa?.establishedAt ?? 0)).toBe(seconds(1800));
    }
  });
});

describe('identities', () => {
  it('of phase 1 are the addresses unless configured', () => {
    const pair = tunnelled();
    expect(pair.R2.endpoint.ikeSas()[0]?.remoteIdentity).toEqual(ipv4AddressId('10.1.15.2'));
  });

  it('may be any that the other end expects', () => {
    const [a, b] = [ipv4AddressId('192.0.2.1'), ipv4AddressId('192.0.2.2')];
    const pair = tunnelled({
      R2: { localIdentity: a, remoteIdentity: b },
      R3: { localIdentity: b, remoteIdentity: a },
    });
    expectTunnel(pair);
    expect(pair.R3.endpoint.ikeSas()[0]?.remoteIdentity).toEqual(a);
  });
});

describe('determinism', () => {
  const transcript = (pair: Pair): readonly string[] =>
    pair.sent.map(({ from, transmit, sentAt }) => `${sentAt} ${from} ${toHex(transmit.octets)}`);
  const lossy = ({ index }: Flight): readonly number[] => (index % 5 === 3 ? [] : index % 7 === 2 ? [40, 10] : [10]);

  it('gives the same outputs for the same configuration, octets of the rng and inputs', () => {
    const run = (): Pair => new Pair({ network: lossy, seed: 5 }).initiate().run(seconds(30_000));
    expect(transcript(run())).toEqual(transcript(run()));
  });

  it('gives other cookies, nonces and SPIs for other octets of the rng', () => {
    const [a, b] = [tunnelled({ seed: 1 }), tunnelled({ seed: 2 })];
    expect(transcript(a)).not.toEqual(transcript(b));
    expect(expectTunnel(a).R2.inbound).not.toBe(expectTunnel(b).R2.inbound);
  });
});

describe('retransmission', () => {
  const LAST = 8;
  it.each(Array.from({ length: LAST + 1 }, (_, i) => i))('makes up for the loss of message %i', (lost) => {
    const pair = new Pair({ network: ({ index }) => (index === lost ? [] : [10]) }).initiate();
    pair.run(seconds(20));
    expectTunnel(pair);
    expect(pair.nodes.map(({ endpoint }) => endpoint.children().length)).toEqual([1, 1]);
  });

  it.each([1, 2, 3, 4])('makes up for losing one datagram in three and reordering the rest, run %i', (seed) => {
    const pair = new Pair({
      seed,
      network: ({ index }) => ((index * 7 + seed) % 3 === 0 ? [] : [10 + ((index * 13) % 40), 60]),
    });
    pair.initiate().run(seconds(200));
    expectTunnel(pair);
  });

  it('repeats a request after 0.5, 1, 2, then 4 seconds more, seven times, and gives up 4 seconds after that', () => {
    const pair = new Pair({ network: () => [] }).initiate();
    pair.run(seconds(600));
    const [first, ...again] = pair.sent;
    expect(again.map(({ sentAt }) => sentAt - (first?.sentAt ?? 0))).toEqual(
      [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5].map((s) => seconds(s)),
    );
    expect(
      again.every(({ transmit }) => toHex(transmit.octets) === toHex(first?.transmit.octets ?? new Uint8Array(0))),
    ).toBe(true);
    expect(pair.R2.of('ike-failed')).toMatchObject([
      { kind: 'ike-failed', peer: 'R3', role: 'initiator', reason: 'no-answer' },
    ]);
    expect(pair.R2.of('child-failed')).toMatchObject([{ policy: 'net', reason: 'no-answer' }]);
    expect(pair.now - (first?.sentAt ?? 0)).toBeGreaterThan(seconds(23));
    expect(pair.R2.endpoint.ikeSas()).toEqual([]);
    expect(pair.R2.endpoint.pollTimeout()).toBeUndefined();
  });

  it('gives the same octets for the same request, however often, and does no public-key work', () => {
    const engine = cheapEngine();
    const pair = new Pair({ engine, network: () => [10, 15, 400] }).initiate();
    pair.run(seconds(60));
    expectTunnel(pair);
    // Two key pairs: one for each end of phase 1.
    expect(engine.keyPairs()).toBe(2);
    const answers = new Map<string, Set<string>>();
    for (const { from, transmit } of pair.sent) {
      const kind = `${from} ${toHex(transmit.octets.subarray(18, 24))}${transmit.octets.length}`;
      const octets = answers.get(kind) ?? new Set();
      answers.set(kind, octets.add(toHex(transmit.octets)));
    }
    for (const octets of answers.values()) expect(octets.size).toBe(1);
    expect(pair.R3.of('child-established')).toHaveLength(1);
    expect(pair.R2.of('child-established')).toHaveLength(1);
  });

  it('of Quick Mode stops when a packet of the child proves that the peer has it', () => {
    // Message 3 of Quick Mode never arrives.
    const pair = new Pair({
      network: ({ transmit: { octets } }) => (octets[18] === 32 && octets.length < 70 ? [] : [10]),
    });
    pair.initiate().run(seconds(1));
    const [negotiated] = pair.R3.of('child-negotiated');
    expect(pair.R3.of('child-established')).toEqual([]);
    pair.on('R3', (endpoint, now) => endpoint.confirmChild(now, negotiated?.child.inbound ?? expect.fail()));
    expect(pair.R3.of('child-established')).toMatchObject([{ child: negotiated?.child }]);
    const sent = pair.sent.length;
    pair.run(seconds(100));
    expect(pair.sent.filter(({ from }, i) => i > sent && from === 'R3')).toEqual([]);
  });

  it('of Quick Mode ends with the child deleted where message 3 never comes', () => {
    const pair = new Pair({
      network: ({ transmit: { octets } }) => (octets[18] === 32 && octets.length < 70 ? [] : [10]),
    });
    pair.initiate().run(seconds(100));
    expect(pair.R3.of('child-deleted')).toMatchObject([{ reason: 'not-confirmed' }]);
    expect(pair.R2.of('child-deleted')).toMatchObject([{ reason: 'peer-deleted' }]);
  });
});

describe('time', () => {
  it('may call too early: nothing is due, nothing happens', () => {
    const pair = new Pair({ network: () => [] }).initiate();
    for (let i = 0; i < 10; i++) pair.on('R2', (endpoint, now) => endpoint.handleTimeout(now));
    expect(pair.sent).toHaveLength(1);
  });

  it('may call too late: what is due is done once each, in order', () => {
    const pair = new Pair({ network: () => [] }).initiate();
    pair.now = (pair.now + 20_000) as typeof pair.now;
    pair.on('R2', (endpoint, now) => endpoint.handleTimeout(now));
    expect(pair.sent).toHaveLength(2);
    expect(pair.R2.endpoint.pollTimeout()?.at).toBe(pair.now + seconds(1));
  });

  it('does not run backwards: an earlier time counts as the latest seen', () => {
    const pair = tunnelled();
    const before = pair.R2.endpoint.pollTimeout();
    pair.R2.endpoint.handleTimeout((pair.now - 1_000_000) as typeof pair.now);
    expect(pair.R2.endpoint.pollTimeout()).toEqual(before);
    const established = pair.R2.endpoint.ikeSas()[0]?.establishedAt ?? 0;
    pair.R2.endpoint.rekeyIke((pair.now - 1_000_000) as typeof pair.now, 'R3');
    expect(pair.R2.endpoint.pollTimeout()?.at).toBeGreaterThan(established);
  });

  it('has nothing more due after close', () => {
    const pair = tunnelled();
    pair.on('R2', (endpoint, now) => endpoint.close(now));
    expect(pair.R2.endpoint.pollTimeout()).toBeUndefined();
  });
});
