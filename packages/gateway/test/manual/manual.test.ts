import { createHmac, defineSuite, espSuite, nobleEngine, type OwnMac, withOwnSuites } from '@espalier/crypto';
import { encodeIpv4, instant, parseAddress, readU32, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ManualProtection } from '../../src/index.ts';
import {
  datagram,
  delivered,
  EAST,
  espSa,
  gateway,
  keyOf,
  manual,
  mirrored,
  Pair,
  policyOf,
  transmitted,
} from './hosts.ts';

const OUTER = 20;

/** HMAC-SHA1 cut to 80 bits, which the table does not have. */
const SHA1_80: OwnMac = {
  name: 'hmac-sha1-80',
  keyOctets: 20,
  icvOctets: 10,
  key: (key) => {
    const hmac = createHmac('sha1', key);
    return {
      compute: (message, trailer, icv) => icv.set(hmac.compute(message, trailer).subarray(0, icv.length)),
      wipe: () => hmac.wipe(),
    };
  },
};

describe('SAs given by hand', () => {
  it('are there from the beginning, without a word on the wire, and for ever', () => {
    const pair = new Pair(manual());
    expect(pair.west.pollTimeout()).toBeUndefined();
    expect(pair.west.pollEvent()).toBeUndefined();
    expect(transmitted(pair.west)).toEqual([]);
    expect(pair.west.ipsecSas()).toMatchObject([
      { policy: 'by hand', inbound: 300, outbound: 301, state: 'established', antiReplayWindow: 'off', mode: 'tunnel' },
    ]);
    expect(pair.west.ipsecSas()[0]).toMatchObject({ role: undefined, softExpiry: undefined, hardExpiry: undefined });
    pair.now = instant(seconds(10 * 365 * 86_400));
    expect(pair.send(datagram())).toMatchObject({ outcome: { ok: true, action: 'protected' }, out: [datagram()] });
  });

  it('may be of a suite that the caller brings, on an engine that computes it', () => {
    const suite = defineSuite({ cipher: 'aes-128-cbc', mac: SHA1_80 });
    const protection = manual({ inbound: espSa(300, suite), outbound: espSa(301, suite) });
    const pair = new Pair(protection, { engine: withOwnSuites(nobleEngine()) });
    for (const octets of [0, 1, 100, 1400]) {
      const { sent, out } = pair.send(datagram(octets));
      expect(out).toEqual([datagram(octets)]);
      expect(((sent[0]?.length ?? 0) - 20 - 8 - 16 - 10) % 16).toBe(0);
    }
    expect(pair.west.ipsecSas()[0]?.sas.inbound).toMatchObject([{ suite: { name: 'aes-128-cbc/hmac-sha1-80' } }]);
    expect(() => new Pair(protection)).toThrow('the engine does not support aes-128-cbc/hmac-sha1-80');
  });

  it('bring every packet through, of every suite that may be keyed by hand', () => {
    const suites = ['null/hmac-sha1-96', '3des-cbc/hmac-sha1-96', 'aes-256-cbc/hmac-sha2-256-128'];
    fc.assert(
      fc.property(fc.constantFrom(...suites), fc.integer({ min: 0, max: 1400 }), (suite, octets) => {
        const pair = new Pair(manual({ inbound: espSa(256, suite), outbound: espSa(0xffff_ffff, suite) }));
        expect(pair.send(datagram(octets)).out).toEqual([datagram(octets)]);
      }),
      { numRuns: 30 },
    );
  });

  it('may be the same in both directions', () => {
    const pair = new Pair(manual({ inbound: espSa(261), outbound: espSa(261) }));
    expect(pair.send(datagram()).out).toEqual([datagram()]);
  });

  it('may be of another suite in each direction', () => {
    const pair = new Pair(manual({ outbound: espSa(301, 'aes-128-cbc/hmac-sha1-96') }));
    expect(pair.send(datagram()).out).toEqual([datagram()]);
  });

  it('have no anti-replay: a packet that comes twice is taken twice (RFC 4303 §5)', () => {
    const pair = new Pair(manual());
    pair.west.handleInside(pair.now, datagram());
    const [sealed = new Uint8Array()] = transmitted(pair.west);
    for (const _ of [1, 2]) expect(pair.east.handleOutside(pair.now, sealed)).toMatchObject({ ok: true });
    expect(delivered(pair.east)).toEqual([datagram(), datagram()]);
    expect(pair.east.statistics('by hand')).toMatchObject({ espDecryptedPackets: 2, replayErrors: 0 });
  });

  it('begin anew after a restart of one end, and the other end goes on', () => {
    const protection = manual();
    const pair = new Pair(protection);
    pair.send(datagram());
    const again = gateway([policyOf(protection)]);
    again.handleInside(pair.now, datagram(8));
    const [sealed = new Uint8Array()] = transmitted(again);
    expect(readU32(sealed, OUTER + 4)).toBe(1);
    expect(pair.east.handleOutside(pair.now, sealed)).toMatchObject({ ok: true });
  });

  it('are told by SPI and both addresses, so that two peers may have the same SPI', () => {
    const other = '10.1.15.3';
    const hub = gateway([
      { ...policyOf(mirrored(manual()), 'west'), selectors: { remote: '10.1.12.0/24' } },
      {
        ...policyOf(mirrored(manual({ local: other, outbound: espSa(301, 'aes-128-cbc/hmac-sha1-96') })), 'other'),
        selectors: { remote: '10.1.13.0/24' },
      },
    ]);
    const west = gateway([policyOf(manual())]);
    const third = gateway([policyOf(manual({ local: other, outbound: espSa(301, 'aes-128-cbc/hmac-sha1-96') }))]);
    west.handleInside(instant(0), datagram());
    third.handleInside(instant(0), datagram(8, '10.1.13.2'));
    for (const octets of [...transmitted(west), ...transmitted(third)]) {
      expect(hub.handleOutside(instant(0), octets)).toMatchObject({ ok: true });
    }
    expect(delivered(hub)).toEqual([datagram(), datagram(8, '10.1.13.2')]);
  });

  it('refuse what another address sends by their SPI, and count it', () => {
    const pair = new Pair(manual());
    const stranger = gateway([policyOf(manual({ local: '10.1.15.9' }))]);
    stranger.handleInside(pair.now, datagram());
    const [sealed = new Uint8Array()] = transmitted(stranger);
    expect(pair.east.handleOutside(pair.now, sealed)).toMatchObject({ ok: false, reason: 'unknown-spi' });
    expect(pair.east.refusals.gateway['unknown-spi']).toBe(1);
  });

  it('refuse what was sealed with another key, and count it', () => {
    const pair = new Pair(manual());
    const mistaken = espSa(301);
    const keys = { ...mistaken.esp.keys, integrity: keyOf(99, 20) };
    const west = gateway([policyOf(manual({ outbound: { esp: { ...mistaken.esp, keys } } }))]);
    west.handleInside(pair.now, datagram());
    const [sealed = new Uint8Array()] = transmitted(west);
    expect(pair.east.handleOutside(pair.now, sealed)).toMatchObject({ ok: false, by: 'esp', reason: 'bad-icv' });
    expect(pair.east.statistics('by hand')).toMatchObject({ espAuthenticationFailures: 1, espDecryptedPackets: 0 });
  });

  it('let out what their selectors describe, and nothing else', () => {
    const narrow = { ...policyOf(mirrored(manual())), selectors: { local: '10.1.56.0/24', remote: '10.1.12.0/24' } };
    const east = gateway([narrow]);
    const west = gateway([policyOf(manual())]);
    west.handleInsideBatch(instant(0), [datagram(), datagram(8, '10.9.9.9')]);
    const outcomes = transmitted(west).map((octets) => east.handleOutside(instant(0), octets));
    expect(outcomes).toMatchObject([{ ok: true }, { ok: false, reason: 'selector-mismatch' }]);
    expect(delivered(east)).toEqual([datagram()]);
  });

  it('tell who sends and is not heard, and ask no IKE about it', () => {
    const pair = new Pair(manual());
    for (let second = 0; second <= 10; second++) pair.west.handleInside(instant(seconds(second)), datagram());
    expect(pair.west.pollEvent()).toMatchObject({ kind: 'ipsec-silent', policy: 'by hand', peer: EAST });
    expect(pair.west.pollEvent()).toBeUndefined();
  });

  it('are shared by other policies', () => {
    const west = gateway([
      { ...policyOf(manual()), selectors: { remote: '10.1.56.0/24' } },
      { name: 'rest', action: { kind: 'share', policy: 'by hand' } },
    ]);
    expect(west.handleInside(instant(0), datagram(8, '10.1.12.2', '10.7.7.7'))).toMatchObject({ action: 'protected' });
  });
});

describe('a policy with SAs given by hand', () => {
  it('comes and goes at run time, and nothing is received when it has gone', () => {
    const pair = new Pair(manual());
    const west = gateway([]);
    west.addPolicy(pair.now, policyOf(manual()));
    west.handleInside(pair.now, datagram());
    const [sealed = new Uint8Array()] = transmitted(west);
    expect(pair.east.handleOutside(pair.now, sealed)).toMatchObject({ ok: true });
    pair.east.removePolicy(pair.now, 'by hand', 'keep');
    expect(pair.east.handleOutside(pair.now, sealed)).toMatchObject({ ok: false, reason: 'no-policy' });
    expect(pair.east.ipsecSas()).toEqual([]);
    pair.east.addPolicy(pair.now, policyOf(mirrored(manual())));
    expect(pair.east.handleOutside(pair.now, sealed)).toMatchObject({ ok: true });
  });

  it('is replaced by one with other keys, with the same SPIs', () => {
    const pair = new Pair(manual());
    const fresh = manual({ inbound: espSa(300, 'null/hmac-sha1-96'), outbound: espSa(301, 'null/hmac-sha1-96') });
    pair.west.replacePolicy(pair.now, policyOf(fresh));
    expect(pair.send(datagram()).outcomes).toMatchObject([{ ok: false, by: 'esp' }]);
    pair.east.replacePolicy(pair.now, policyOf(mirrored(fresh)));
    expect(pair.send(datagram()).out).toEqual([datagram()]);
  });

  it('changes nothing when it is refused', () => {
    const pair = new Pair(manual());
    const before = pair.west.ipsecSas();
    const bad = policyOf(manual({ inbound: espSa(255) }));
    expect(() => pair.west.replacePolicy(pair.now, bad)).toThrow(/^policy\.action\.inbound\.esp\.spi: /);
    expect(() => pair.west.addPolicy(pair.now, policyOf(manual(), 'twice'))).toThrow(/is that of by hand/);
    expect(pair.west.ipsecSas()).toEqual(before);
    expect(pair.send(datagram()).out).toEqual([datagram()]);
  });

  it('has no SAs any more once the gateway is closed', () => {
    const pair = new Pair(manual());
    pair.west.close(pair.now);
    expect(pair.west.ipsecSas()).toEqual([]);
    expect(pair.send(datagram()).outcome).toMatchObject({ ok: false, reason: 'closed' });
  });

  it('needs none of the keys that the caller gave, once it is in place', () => {
    const protection = manual();
    const copy = manual();
    const pair = new Pair(protection);
    for (const { esp } of [protection.inbound, protection.outbound]) {
      for (const key of Object.values(esp?.keys ?? {})) key.fill(0);
    }
    const west = gateway([policyOf(copy)]);
    west.handleInside(pair.now, datagram());
    const [sealed = new Uint8Array()] = transmitted(west);
    expect(pair.east.handleOutside(pair.now, sealed)).toMatchObject({ ok: true });
  });

  it('leaves the keys that the caller gave as they are', () => {
    const protection = manual();
    new Pair(protection);
    expect(protection).toEqual(manual());
  });
});

describe('one SA of a group in transport mode', () => {
  const GROUP = '224.0.0.5';
  const OSPF = 89;
  const sa = espSa(256, 'null/hmac-sha1-96');
  const router = (address: string, change: Partial<ManualProtection> = {}) =>
    gateway([
      {
        name: 'ospf',
        selectors: { local: [address, GROUP], protocol: OSPF },
        action: {
          kind: 'manual',
          mode: 'transport',
          local: [address, GROUP],
          remote: 'any',
          inbound: sa,
          outbound: sa,
          ...change,
        },
      },
    ]);
  const hello = (source: string, destination = GROUP) =>
    encodeIpv4({
      source: parseAddress(source),
      destination: parseAddress(destination),
      protocol: OSPF,
      ttl: 1,
      payload: Uint8Array.of(2, 1, 0, 44),
    });

  it('is between all who have its key: to the group, and to one another', () => {
    const [a, b, c] = ['10.1.15.1', '10.1.15.2', '10.1.15.3'].map((address) => router(address)) as [
      ReturnType<typeof router>,
      ReturnType<typeof router>,
      ReturnType<typeof router>,
    ];
    a.handleInside(instant(0), hello('10.1.15.1'));
    const [sent = new Uint8Array()] = transmitted(a);
    expect(sent[9]).toBe(50);
    for (const neighbour of [b, c]) {
      expect(neighbour.handleOutside(instant(0), sent)).toMatchObject({ ok: true });
      expect(delivered(neighbour)).toEqual([hello('10.1.15.1')]);
    }
    c.handleInside(instant(0), hello('10.1.15.3', '10.1.15.1'));
    const [answer = new Uint8Array()] = transmitted(c);
    expect(a.handleOutside(instant(0), answer)).toMatchObject({ ok: true });
    expect(delivered(a)).toEqual([hello('10.1.15.3', '10.1.15.1')]);
  });

  it('refuses who says the same in the clear, or with another key, and counts both', () => {
    const here = router('10.1.15.1');
    expect(here.handleOutside(instant(0), hello('10.1.15.9'))).toMatchObject({ ok: false, reason: 'unprotected' });
    const stranger = router('10.1.15.9', {
      outbound: { esp: { ...sa.esp, keys: espSa(7, 'null/hmac-sha1-96').esp.keys } },
    });
    stranger.handleInside(instant(0), hello('10.1.15.9'));
    const [sent = new Uint8Array()] = transmitted(stranger);
    expect(here.handleOutside(instant(0), sent)).toMatchObject({ ok: false, by: 'esp', reason: 'bad-icv' });
    expect(here.refusals.gateway.unprotected).toBe(1);
    expect(here.refusals.esp['bad-icv']).toBe(1);
    expect(delivered(here)).toEqual([]);
  });

  it('is of transport mode, and of addresses of one family', () => {
    expect(() => router('10.1.15.1', { mode: 'tunnel' })).toThrow('.action.remote: can be any in transport mode only');
    expect(() => router('10.1.15.1', { local: [] })).toThrow('.action.local: ');
    expect(() => router('10.1.15.1', { local: ['10.1.15.1', 'ff02::5'] })).toThrow('.action: local and remote');
    expect(() => router('10.1.15.1', { remote: '10.1.15.2' })).toThrow('.action.local: must be a string');
  });
});

describe('what cannot be given by hand', () => {
  const weak = { encryption: new Uint8Array(8).fill(1), salt: new Uint8Array(0) };
  const des = espSuite('des-cbc/hmac-sha1-96');
  const esp = (change: object): Partial<ManualProtection> => ({ inbound: { esp: { ...espSa(300).esp, ...change } } });
  const keys = (change: object) => esp({ keys: { ...espSa(300).esp.keys, ...change } });
  const changes: [string, object, object?][] = [
    ['local', { local: 'r2' }],
    ['remote', { remote: '10.1.15.0/30' }],
    ['', { remote: '2001:db8::2' }],
    ['mtu', { mtu: 255 }],
    ['outsideMtu', { outsideMtu: 575 }],
    ['freshKeys', { freshKeys: 1 }],
    ['inbound', { inbound: undefined }],
    ['inbound.esp.spi', esp({ spi: 255 })],
    ['inbound.esp.spi', esp({ spi: 2 ** 32 })],
    ['inbound.esp.suite', esp({ suite: { name: 'rot13' } })],
    ['inbound.esp.suite', esp({ suite: undefined })],
    ['inbound.esp.keys', esp({ keys: undefined })],
    ['inbound.esp.keys.encryption', keys({ encryption: keyOf(1, 23) })],
    ['inbound.esp.keys.integrity', keys({ integrity: keyOf(1, 16) })],
    ['inbound.esp.keys.salt', keys({ salt: keyOf(1, 1) })],
    ['inbound.esp.keys.salt', keys({ salt: 'salt' })],
    ['inbound.esp.suite', { inbound: espSa(300, 'aes-128-gcm-16') }],
    ['inbound.esp.suite', { inbound: espSa(300, 'aes-128-ctr/hmac-sha1-96') }],
    ['inbound.esp.suite', { inbound: espSa(300, 'des-cbc/hmac-sha1-96') }],
    ['inbound.esp.suite', { inbound: espSa(300, 'null/hmac-md5-96') }],
    [
      'inbound.esp.keys.encryption',
      esp({ suite: des, keys: { ...weak, integrity: keyOf(1, 20) } }),
      { allowLegacy: ['des'] },
    ],
    ['', {}, { outside: 'udp' }],
  ];

  it.each(changes)('is refused by the name of its argument: %s', (argument, change, options = {}) => {
    const config = { peers: [], policies: [policyOf({ ...manual(), ...change })] };
    const make = () => gateway(config.policies, options);
    expect(make).toThrow(`config.policies[0].action${argument === '' ? '' : `.${argument}`}`);
  });

  it('are SAs that could not be told from one another', () => {
    const twice = () => gateway([policyOf(manual(), 'one'), policyOf(manual({ outbound: espSa(400) }), 'two')]);
    expect(twice).toThrow('config.policies[1].action.inbound.esp.spi: 300 is that of one, between the same addresses');
  });

  it('but suites with counters are taken with the promise that their keys are fresh', () => {
    const gcm = manual({
      freshKeys: true,
      inbound: espSa(300, 'aes-128-gcm-16'),
      outbound: espSa(301, 'aes-128-gcm-16'),
    });
    expect(new Pair(gcm).send(datagram()).out).toEqual([datagram()]);
  });

  it('but DES and MD5 are taken by name', () => {
    const old = manual({ inbound: espSa(300, 'des-cbc/hmac-md5-96'), outbound: espSa(301, 'des-cbc/hmac-md5-96') });
    expect(new Pair(old, { allowLegacy: ['des', 'md5'] }).send(datagram()).out).toEqual([datagram()]);
  });
});
