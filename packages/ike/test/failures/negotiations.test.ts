import { ESP_SUITES, espSuite } from '@espalier/crypto';
import { IKE_REFUSALS, IkeEndpoint, type IkeEndpointConfig, type PeerConfig } from '@espalier/ike';
import { decodeMessage, fromAscii, fromHex, ipv4AddressId, ipv4SubnetId, NOTIFY, seconds, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { REACHED_PER_ADDRESS, UNREACHED_PER_ADDRESS } from '../../src/limits.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { Forger } from '../support/forger.ts';
import {
  catchUp,
  childPolicy,
  type Network,
  Pair,
  type PairOptions,
  peerConfig,
  R2,
  R3,
  START,
  tunnelled,
} from '../support/pair.ts';

/** What both sides counted, by reason. */
function refusals(pair: Pair): Record<string, number> {
  const counted = pair.nodes.flatMap(({ endpoint }) => Object.entries(endpoint.counters));
  const sums: Record<string, number> = {};
  for (const [reason, count] of counted) if (count > 0) sums[reason] = (sums[reason] ?? 0) + count;
  return sums;
}

describe('a negotiation that cannot succeed', () => {
  const aes = {
    encryption: 'aes-cbc',
    keyOctets: 32,
    hash: 'sha2-512',
    group: 16,
    authentication: 'pre-shared-key',
  } as const;
  const wrongPsk = { R3: { preSharedKey: fromAscii('netscreen') } };
  const CASES: readonly (readonly [name: string, options: PairOptions, reason: string])[] = [
    ['a wrong pre-shared key', wrongPsk, 'undecipherable'],
    ['no phase 1 proposal in common', { R3: { proposals: [aes] } }, 'no-proposal-chosen'],
    [
      'an identity that the responder does not expect',
      { R2: { localIdentity: ipv4AddressId('192.0.2.9') } },
      'invalid-identity',
    ],
    [
      'an identity that the initiator does not expect',
      { R3: { localIdentity: ipv4AddressId('192.0.2.9') } },
      'invalid-identity',
    ],
  ];

  it.each(CASES)('of phase 1, for %s, fails at both ends with nothing left behind', (_name, options, reason) => {
    const pair = new Pair(options).initiate();
    pair.run(seconds(200));
    expect(Object.keys(refusals(pair))).toContain(reason);
    // Once more where the peer, having answered, falls silent.
    expect(pair.R2.of('ike-failed').length).toBe(reason === 'undecipherable' ? 2 : 1);
    expect(pair.R2.of('child-failed')).toMatchObject([{ policy: 'net' }]);
    expect(pair.nodes.flatMap((node) => [...node.of('child-negotiated'), ...node.of('child-established')])).toEqual([]);
    expect(pair.R2.endpoint.ikeSas()).toEqual([]);
    expect(pair.R2.endpoint.pollTimeout()).toBeUndefined();
  });

  it('of phase 1 may be tried again, and succeeds once the reason is gone', () => {
    const pair = new Pair({ network: () => [] }).initiate();
    pair.run(seconds(100));
    pair.network = () => [10];
    pair.initiate().run(seconds(1));
    expect(pair.R2.of('child-established')).toHaveLength(1);
  });

  it('tells an initiator with nothing acceptable in clear, which it reports and does not obey', () => {
    const pair = new Pair({ R3: { proposals: [aes] } }).initiate();
    pair.run(seconds(1.5));
    expect(pair.R2.of('notified')[0]).toEqual({
      kind: 'notified',
      peer: 'R3',
      notifyType: NOTIFY['NO-PROPOSAL-CHOSEN'],
      name: 'NO-PROPOSAL-CHOSEN',
      authenticated: false,
      suppressed: 0,
    });
    expect(pair.R2.endpoint.ikeSas()).toHaveLength(1);
    expect(pair.R2.of('ike-failed')).toEqual([]);
  });

  const QUICK_CASES: readonly (readonly [name: string, options: PairOptions, reason: string, notify: string])[] = [
    [
      'no suite in common',
      { R3: { children: [childPolicy('R3', { suites: [espSuite('aes-256-cbc/hmac-sha2-256-128')] })] } },
      'no-proposal-chosen',
      'NO-PROPOSAL-CHOSEN',
    ],
    [
      'perfect forward secrecy at one end',
      { R3: { children: [childPolicy('R3', { pfsGroup: 2 })] } },
      'no-proposal-chosen',
      'NO-PROPOSAL-CHOSEN',
    ],
    [
      'other perfect forward secrecy at each end',
      {
        R2: { children: [childPolicy('R2', { pfsGroup: 5 })] },
        R3: { children: [childPolicy('R3', { pfsGroup: 2 })] },
      },
      'no-proposal-chosen',
      'NO-PROPOSAL-CHOSEN',
    ],
    [
      'client identities that the responder does not have',
      { R3: { children: [childPolicy('R3', { remoteIdentity: ipv4SubnetId('10.9.9.0/24') })] } },
      'invalid-identity',
      'INVALID-ID-INFORMATION',
    ],
  ];

  it.each(QUICK_CASES)(
    'of phase 2, for %s, is told under protection and ends at once',
    (_name, options, reason, notify) => {
      const pair = tunnelled(options);
      expect(refusals(pair)).toEqual({ [reason]: 1 });
      expect(pair.R2.of('child-failed')).toMatchObject([{ peer: 'R3', policy: 'net', phase: 2, reason: notify }]);
      expect(pair.R2.of('notified')).toMatchObject([{ name: notify, authenticated: true }]);
      expect(pair.nodes.map(({ endpoint }) => endpoint.children().length)).toEqual([0, 0]);
      expect(pair.R2.endpoint.ikeSas()).toMatchObject([{ state: 'ready', quickModesInProgress: 0 }]);
    },
  );
});

describe('a first message', () => {
  const first = (): Uint8Array => new Forger().start().octets;

  it('from an address that is no peer is refused without a word', () => {
    const { endpoint } = new Forger();
    const result = endpoint.handleDatagram(START, { address: '192.0.2.77', port: 500 }, R3, first());
    expect(result).toEqual({ ok: false, reason: 'unknown-peer' });
    expect(endpoint.pollTransmit()).toBeUndefined();
  });

  it('to an address that the peer is not configured for is refused', () => {
    const { endpoint } = new Forger();
    expect(endpoint.handleDatagram(START, R2, { address: '10.1.15.9', port: 500 }, first())).toMatchObject({
      ok: false,
    });
  });

  it('may come from another port, which is answered', () => {
    const { endpoint } = new Forger();
    endpoint.handleDatagram(START, { ...R2, port: 1024 }, R3, first());
    expect(endpoint.pollTransmit()?.destination).toEqual({ ...R2, port: 1024 });
  });

  it('of Aggressive Mode begins nothing with a peer that is configured for Main Mode', () => {
    const pair = new Pair({ R2: { mode: 'aggressive' } }).initiate();
    pair.run(seconds(0.4));
    expect(pair.R3.results).toEqual([{ ok: false, reason: 'unknown-peer' }]);
    expect(pair.R3.endpoint.ikeSas()).toEqual([]);
  });

  it.each(['quick', 'informational', 'transaction'])('of a %s exchange begins nothing', (exchange) => {
    const forger = new Forger();
    const octets = first();
    octets[18] = { quick: 32, informational: 5, aggressive: 4, transaction: 6 }[exchange] ?? 0;
    expect(forger.send(octets).result).toEqual({ ok: false, reason: 'unsupported-exchange' });
    expect(forger.endpoint.ikeSas()).toEqual([]);
  });

  it('of ours that is sent back to us begins nothing', () => {
    const pair = new Pair({ network: () => [] }).initiate();
    const [own] = pair.sent;
    expect(pair.inject('R2', own?.transmit.octets ?? new Uint8Array(0))).toMatchObject({ ok: false });
    expect(pair.R2.endpoint.ikeSas()).toHaveLength(1);
  });
});

describe('limits', () => {
  it('half-open IKE SAs of one address are bounded, and made-up first messages do not shut the peer out', () => {
    const forger = new Forger();
    const count = UNREACHED_PER_ADDRESS + 100;
    for (let i = 0; i < count; i++) expect(forger.send(forger.start().octets).result.ok).toBe(true);
    expect(forger.endpoint.ikeSas()).toHaveLength(UNREACHED_PER_ADDRESS);
    expect(forger.engine.keyPairs()).toBe(0);
    forger.establish();
    expect(forger.endpoint.ikeSas().filter(({ state }) => state === 'ready')).toHaveLength(1);
    expect(forger.kinds()).toEqual(['ike-established']);
  });

  it('half-open IKE SAs that have cost us a key exchange are bounded too, and do not shut the peer out either', () => {
    const forger = new Forger();
    for (let i = 0; i < REACHED_PER_ADDRESS + 10; i++) forger.send(forger.mainMode(2).octets);
    expect(forger.engine.keyPairs()).toBe(REACHED_PER_ADDRESS + 10);
    expect(forger.endpoint.ikeSas()).toHaveLength(REACHED_PER_ADDRESS);
    forger.establish();
    expect(forger.kinds()).toEqual(['ike-established']);
  });

  it('half-open IKE SAs end by themselves, and of many alike one is told', () => {
    const forger = new Forger();
    for (let i = 0; i < 5; i++) forger.send(forger.start().octets);
    forger.send(forger.mainMode(2).octets);
    catchUp(forger.endpoint, (START + seconds(61)) as typeof START);
    forger.drain();
    expect(forger.endpoint.ikeSas()).toEqual([]);
    const failed = { kind: 'ike-failed', peer: 'R2', role: 'responder', reason: 'no-answer', suppressed: 0 };
    expect(forger.events).toMatchObject([
      { ...failed, detail: { kind: 'silence', sent: 2 } },
      { ...failed, detail: { kind: 'silence', sent: 4 } },
    ]);
    expect(forger.endpoint.pollTimeout()).toBeUndefined();
  });

  it('Quick Modes of one SA in progress are bounded', () => {
    const forger = new Forger();
    const sa = forger.establish();
    for (let i = 1; i <= 32; i++) expect(forger.send(forger.quick(sa, i).reply).result.ok).toBe(true);
    expect(forger.send(forger.quick(sa, 99).reply).result).toEqual({ ok: false, reason: 'limit' });
  });

  it('outputs that nobody takes are bounded: input is refused until they are taken, and nothing is lost', () => {
    const forger = new Forger();
    const { octets } = forger.start();
    const take = (): boolean => forger.endpoint.handleDatagram(START, R2, R3, octets).ok;
    let accepted = 0;
    while (take()) accepted++;
    expect(accepted).toBe(1024);
    expect(forger.endpoint.counters['outputs-pending']).toBe(1);
    expect(forger.drain()).toHaveLength(1024);
    expect(take()).toBe(true);
  });
});

describe('close', () => {
  it('deletes every child and SA at both ends, says so, and wipes: nothing is accepted afterwards', () => {
    const pair = tunnelled();
    pair.on('R2', (endpoint, now) => endpoint.close(now));
    expect(pair.R2.events.slice(-2)).toMatchObject([
      { kind: 'child-deleted', reason: 'closed' },
      { kind: 'ike-deleted', reason: 'closed' },
    ]);
    pair.run(seconds(1));
    expect(pair.R3.events.slice(-2)).toMatchObject([
      { kind: 'child-deleted', reason: 'peer-deleted' },
      { kind: 'ike-deleted', reason: 'peer-deleted' },
    ]);
    expect(pair.nodes.map(({ endpoint }) => endpoint.ikeSas().length + endpoint.children().length)).toEqual([0, 0]);
    expect(pair.inject('R2', fromHex('00'))).toEqual({ ok: false, reason: 'closed' });
    const events = pair.R2.events.length;
    pair.initiate();
    pair.on('R2', (endpoint, now) => endpoint.close(now));
    expect(pair.R2.events).toHaveLength(events);
  });

  it('leaves a negotiation that is under way', () => {
    const pair = new Pair({ network: () => [] }).initiate();
    pair.on('R2', (endpoint, now) => endpoint.close(now));
    expect(pair.R2.endpoint.ikeSas()).toEqual([]);
    expect(pair.R2.endpoint.pollTimeout()).toBeUndefined();
  });
});

describe('a configuration', () => {
  const make = (changes: Partial<PeerConfig>, more: Partial<IkeEndpointConfig> = {}): IkeEndpoint =>
    new IkeEndpoint({ engine: cheapEngine(), rng: seededRng(1), peers: [peerConfig('R2', changes)], ...more });
  const proposal = { encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key' } as const;
  const chacha = ESP_SUITES.find(({ encryption }) => encryption === 'chacha20-poly1305');

  it.each([
    ['proposals', { proposals: [] }],
    ['preSharedKey', { preSharedKey: new Uint8Array(0) }],
    ['lifetime', { lifetime: seconds(0) }],
    ['keyOctets', { proposals: [{ ...proposal, encryption: 'aes-cbc' as const }] }],
    ['keyOctets', { proposals: [{ ...proposal, keyOctets: 16 as const }] }],
    ['suites', { children: [childPolicy('R2', { suites: [] })] }],
    ['lifetime', { children: [childPolicy('R2', { lifetime: seconds(0) })] }],
    ['children: of peer R3', { children: [childPolicy('R2'), childPolicy('R2')] }],
    ['port', { local: { address: '10.1.15.1', port: 0 } }],
    ['encryption: des', { proposals: [{ ...proposal, encryption: 'des-cbc' as const }] }],
    ['hash: md5', { proposals: [{ ...proposal, hash: 'md5' as const }] }],
    ['group: modp768', { proposals: [{ ...proposal, group: 1 as const }] }],
    ['group: modp1024s160', { proposals: [{ ...proposal, group: 22 as const }] }],
    ['group: modp2048s256', { proposals: [{ ...proposal, group: 24 as const }] }],
    ['pfsGroup: modp768', { children: [childPolicy('R2', { pfsGroup: 1 })] }],
    ['suites[0]: des', { children: [childPolicy('R2', { suites: [espSuite('des-cbc/hmac-sha1-96')] })] }],
    ['suites[0]: md5', { children: [childPolicy('R2', { suites: [espSuite('3des-cbc/hmac-md5-96')] })] }],
    ['suites[0]: IKEv1 cannot', { children: [childPolicy('R2', { suites: chacha === undefined ? [] : [chacha] })] }],
  ])('is refused by the name of the argument: %s', (argument, changes) => {
    expect(() => make(changes)).toThrow(RangeError);
    expect(() => make(changes)).toThrow(argument);
  });

  it('is refused for two peers between the same addresses, however they are written', () => {
    const twice = [
      peerConfig('R2', { name: 'a', remote: { address: '2001:db8::1', port: 500 } }),
      peerConfig('R2', { name: 'b', remote: { address: '2001:0db8:0::1', port: 500 } }),
    ];
    expect(() => make({}, { peers: twice })).toThrow('a and b cannot be told apart');
  });

  it('names the peer and the child that a command asks for and that there is not', () => {
    const endpoint = make({});
    expect(() => endpoint.initiate(START, 'R9')).toThrow('peerName');
    expect(() => endpoint.initiate(START, 'R3', 'other')).toThrow('childName');
    expect(() => endpoint.rekeyIke(START, 'R9')).toThrow('peerName');
  });

  it('keeps its own copy of the pre-shared key', () => {
    const preSharedKey = fromAscii('juniper');
    const network: Network = () => [10];
    const pair = new Pair({ R2: { preSharedKey }, network });
    preSharedKey.fill(0);
    pair.initiate().run(seconds(1));
    expect(pair.R2.of('child-established')).toHaveLength(1);
  });
});

describe('counters', () => {
  it('has one for each reason, and a name that appears once', () => {
    expect(new Set(IKE_REFUSALS).size).toBe(IKE_REFUSALS.length);
    const { endpoint } = new Forger();
    expect(Object.keys(endpoint.counters)).toEqual([...IKE_REFUSALS]);
  });

  it('counts a refused datagram once', () => {
    const forger = new Forger();
    forger.send(fromHex('0102'));
    forger.send(fromHex('0102'));
    expect(forger.endpoint.counters.malformed).toBe(2);
    expect(Object.values(forger.endpoint.counters).reduce((sum, count) => sum + count)).toBe(2);
  });

  it('tells the same refused message the same, and spends no randomness on it', () => {
    const forger = new Forger({
      proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
    });
    const { octets } = forger.start();
    const [a, b] = [forger.send(octets).replies[0], forger.send(octets).replies[0]];
    expect(a && toHex(a)).toBe(b && toHex(b));
    expect(a && decodeMessage(a).payloads).toMatchObject([{ kind: 'notification', notifyType: 14 }]);
    expect(a?.length).toBeLessThan(octets.length);
  });
});
