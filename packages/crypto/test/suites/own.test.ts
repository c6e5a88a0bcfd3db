import {
  defineSuite,
  type EspSuite,
  espSuite,
  keyLimits,
  nobleEngine,
  type OwnSuite,
  type OwnSuiteDefinition,
  openMany,
  sealMany,
  withOwnSuites,
} from '@espalier/crypto';
import { describe, expect, test } from 'vitest';
import { ENGINES, pairOf, wipe } from '../support/engines.ts';
import { jobs, keysFor, openOne, randomOctets, sealGiven, status } from '../support/esp.ts';
import { OWN_BLOCK, OWN_CBC, OWN_MAC, OWN_STREAM, ownGcm } from '../support/own-suite.ts';
import { hex } from '../support/vectors.ts';

/** Parts that a caller brings, and the suite of the table that they come to. */
const TWINS: readonly (readonly [OwnSuite, EspSuite])[] = (
  [
    [{ cipher: OWN_CBC, mac: 'hmac-sha1-96' }, 'aes-128-cbc/hmac-sha1-96'],
    [{ cipher: OWN_CBC, mac: OWN_MAC }, 'aes-128-cbc/hmac-sha2-256-128'],
    [{ cipher: '3des-cbc', mac: OWN_MAC }, '3des-cbc/hmac-sha2-256-128'],
    [{ cipher: 'null', mac: OWN_MAC }, 'null/hmac-sha2-256-128'],
    [{ cipher: OWN_STREAM, mac: 'aes-cmac-96' }, 'aes-128-ctr/aes-cmac-96'],
    [{ aead: ownGcm(8) }, 'aes-128-gcm-16'],
    [{ aead: ownGcm(0) }, 'aes-128-gcm-16-iiv'],
  ] as const
).map(([definition, name]) => [defineSuite(definition), espSuite(name)]);

const GRID = TWINS.flatMap(([own, twin]) =>
  ENGINES.flatMap((engine) =>
    [false, true].map((esn) => ({ name: own.name, engine: engine.name, own, twin, esn, on: engine })),
  ),
);

const packetOf = (suite: EspSuite, blocks: number) =>
  randomOctets(8 + suite.ivOctets + blocks * suite.alignmentOctets + suite.icvOctets, blocks);

describe('a suite of parts that a caller brought', () => {
  test.each(GRID)('is as its twin in the table: $name on $engine, ESN $esn', ({ own, twin, esn, on }) => {
    const { name, encryption, integrity, own: isOwn, keyUse, ikev1, ...lengths } = own;
    expect(twin).toMatchObject(lengths);
    const keys = keysFor(own, 3);
    const pair = pairOf(withOwnSuites(on), own, keys, esn);
    const known = pairOf(nobleEngine(), twin, keys, esn);
    for (const blocks of [1, 2, 7]) {
      const packet = packetOf(own, blocks);
      const sealed = sealGiven(pair.seal, packet, 5);
      expect(hex(sealed)).toBe(hex(sealGiven(known.seal, packet, 5)));
      const { memory, status: good } = openOne(pair.open, sealed, 5);
      expect(good).toBe(1);
      const text = 8 + own.ivOctets;
      expect(hex(memory.subarray(text, memory.length - own.icvOctets))).toBe(
        hex(packet.subarray(text, packet.length - own.icvOctets)),
      );
      for (const at of [0, text, sealed.length - 1]) {
        const changed = sealed.with(at, (sealed[at] ?? 0) ^ 1);
        const refused = openOne(pair.open, changed, 5);
        expect(refused.status).toBe(0);
        expect(hex(refused.memory)).toBe(hex(changed));
      }
    }
    wipe(pair);
    wipe(known);
  });

  test('draws IVs as the table does, and asks for rng where they are to be unpredictable', () => {
    const [[own] = expect.unreachable()] = TWINS;
    const engine = withOwnSuites(nobleEngine());
    const options = { suite: own, keys: keysFor(own, 1), direction: 'seal', esn: false } as const;
    expect(() => engine.createEspTransform(options)).toThrow(`rng is required to seal with ${own.name}`);
    const { seal } = pairOf(engine, own, keysFor(own, 1));
    const packet = packetOf(own, 2);
    const ivs = [1, 2].map(() => {
      const memory = packet.slice();
      seal.seal(memory, jobs({ offset: 0, length: memory.length }), 'fresh');
      return hex(memory.subarray(8, 8 + own.ivOctets));
    });
    expect(new Set([...ivs, hex(packet.subarray(8, 8 + own.ivOctets))]).size).toBe(3);
  });

  test.each(ENGINES.map((engine) => [engine.name, engine] as const))(
    'shares a batch with suites of %s',
    (_, engine) => {
      const on = withOwnSuites(engine);
      const pairs = TWINS.flat().map((suite) => ({ suite, ...pairOf(on, suite, keysFor(suite, 1)) }));
      const order = [...pairs, ...pairs.toReversed()];
      const packets = order.map(({ suite }) => packetOf(suite, 3));
      const memory = Uint8Array.from(packets.flatMap((packet) => [...packet]));
      const endOf = (count: number) => packets.slice(0, count).reduce((sum, { length }) => sum + length, 0);
      const places = packets.map(({ length }, i) => ({ offset: endOf(i), length }));
      const batch = jobs(...places);
      sealMany(
        on,
        memory,
        batch,
        order.map(({ seal }) => seal),
        'given',
      );
      order.forEach(({ seal }, i) => {
        const { offset, length } = places[i] ?? expect.unreachable();
        const alone = sealGiven(seal, packets[i] ?? expect.unreachable());
        expect(hex(memory.subarray(offset, offset + length))).toBe(hex(alone));
      });
      openMany(
        on,
        memory,
        batch,
        order.map(({ open }) => open),
      );
      expect(order.map((__, i) => status(batch, i))).toEqual(order.map(() => 1));
    },
  );

  test('is known as itself: neither its name nor a copy is', () => {
    for (const [own] of TWINS) {
      expect(espSuite(own)).toBe(own);
      for (const other of [own.name, { ...own }]) expect(() => espSuite(other)).toThrow(RangeError);
      for (const engine of ENGINES) {
        expect(engine.supports(own)).toBe(false);
        expect(() => pairOf(engine, own, keysFor(own, 1))).toThrow(`does not support ${own.name}`);
        expect(withOwnSuites(engine).supports(own)).toBe(true);
        expect(withOwnSuites(engine).supports(espSuite('aes-128-gcm-16'))).toBe(true);
      }
    }
  });

  test('has keys of its own, which are checked, and wiped with it', () => {
    const given = { encryption: randomOctets(16, 1), salt: new Uint8Array(0), integrity: randomOctets(32, 2) };
    const kept: Uint8Array[] = [];
    const keep = (key: Uint8Array) => {
      kept.push(key);
      return key;
    };
    const suite = defineSuite({
      cipher: {
        ...OWN_CBC,
        key: (keys, direction) => OWN_CBC.key({ ...keys, encryption: keep(keys.encryption) }, direction),
      },
      mac: { ...OWN_MAC, key: (key) => OWN_MAC.key(keep(key)) },
    });
    const engine = withOwnSuites(nobleEngine());
    const open = engine.createEspTransform({ suite, keys: given, direction: 'open', esn: false });
    expect(kept).toEqual([given.encryption, given.integrity]);
    expect(kept.every((key) => key !== given.encryption && key !== given.integrity)).toBe(true);
    open.wipe();
    expect(kept.every((key) => key.every((octet) => octet === 0))).toBe(true);
    expect(given.encryption.some((octet) => octet !== 0)).toBe(true);
    expect(() => openOne(open, packetOf(suite, 2))).toThrow('this transform was wiped');
    const short = { ...given, integrity: given.integrity.subarray(1) };
    expect(() => engine.createEspTransform({ suite, keys: short, direction: 'open', esn: false })).toThrow(
      `keys.integrity must be 32 octets for ${suite.name}, not 31`,
    );
  });

  test('is constant-time where all its parts say so', () => {
    const engine = withOwnSuites(nobleEngine());
    const make = (suite: EspSuite) =>
      engine.createEspTransform({
        suite,
        keys: keysFor(suite, 1),
        direction: 'open',
        esn: false,
        strictConstantTime: true,
      });
    expect(make(defineSuite({ cipher: OWN_STREAM, mac: OWN_MAC })).constantTime).toBe(true);
    const table = defineSuite({ cipher: OWN_CBC, mac: OWN_MAC });
    expect(() => make(table)).toThrow(`${table.name} is not constant-time`);
  });

  test('protects as much with one key as its parts say', () => {
    expect(keyLimits(defineSuite({ cipher: OWN_CBC, mac: 'hmac-sha1-96' })).hard).toEqual({ octets: 2 ** 52 });
    const narrow = { ...OWN_CBC, blockOctets: 8, ivOctets: 8 };
    expect(keyLimits(defineSuite({ cipher: narrow, mac: OWN_MAC })).hard).toEqual({
      packets: 2 ** 27,
      octets: 2 ** 32,
    });
    expect(keyLimits(defineSuite({ aead: ownGcm(8) })).hard).toEqual({ packets: 2 ** 32 });
    expect(keyLimits(defineSuite({ aead: ownGcm(8), keyUse: { octets: 400 } }))).toEqual({
      soft: { octets: 100 },
      hard: { octets: 400 },
    });
  });

  test.each<readonly [string, unknown]>([
    ['cipher or mac must be brought', { cipher: 'aes-128-cbc', mac: 'hmac-sha1-96' }],
    ["cipher: 'aes-512-cbc' is not known", { cipher: 'aes-512-cbc', mac: OWN_MAC }],
    ["mac: 'none' is not known", { cipher: OWN_CBC, mac: 'none' }],
    ['cipher must be an object', { cipher: undefined, mac: OWN_MAC }],
    ['cipher.key must be a function', { cipher: { ...OWN_CBC, key: 1 }, mac: OWN_MAC }],
    ['cipher.key must be a function', { cipher: { ...OWN_BLOCK, key: undefined }, mac: OWN_MAC }],
    ['mac.name must be a text', { cipher: OWN_CBC, mac: { ...OWN_MAC, name: '' } }],
    ['cipher.keyOctets', { cipher: { ...OWN_CBC, keyOctets: 1.5 }, mac: OWN_MAC }],
    ['cipher.blockOctets: must be a power of two', { cipher: { ...OWN_CBC, blockOctets: 12 }, mac: OWN_MAC }],
    ['cipher.blockOctets', { cipher: { ...OWN_CBC, blockOctets: 128 }, mac: OWN_MAC }],
    ['cipher.iv', { cipher: { ...OWN_CBC, iv: 'sequence' }, mac: OWN_MAC }],
    ['cipher.iv', { cipher: { ...OWN_CBC, iv: 'implicit', ivOctets: 0 }, mac: OWN_MAC }],
    ['mac.icvOctets', { cipher: OWN_CBC, mac: { ...OWN_MAC, icvOctets: 0 } }],
    ['aead.ivOctets', { aead: { ...ownGcm(8), ivOctets: 12 } }],
    ['aead.icvOctets', { aead: { ...ownGcm(8), icvOctets: 3 } }],
    ['definition must be an object', null],
    ['keyUse.packets: must be a number', { cipher: OWN_CBC, mac: OWN_MAC, keyUse: { packets: Number.NaN } }],
    // Regression: what no transform can say threw when IKE wrote its proposal.
    ['ikev1.transform: must be', { cipher: OWN_CBC, mac: OWN_MAC, ikev1: { transform: 256 } }],
    [
      'ikev1.authentication: must be',
      { cipher: OWN_CBC, mac: OWN_MAC, ikev1: { transform: 250, authentication: 65_536 } },
    ],
    ['name: aes-128-gcm-16 is in the table', { aead: { ...ownGcm(8), name: 'aes-128-gcm-16' } }],
    [
      'name: aes-128-cbc/hmac-sha1-96 is in the table',
      { cipher: { ...OWN_CBC, name: 'aes-128-cbc' }, mac: 'hmac-sha1-96' },
    ],
  ])('is refused by the name of its argument: %s', (message, definition) => {
    expect(() => defineSuite(definition as OwnSuiteDefinition)).toThrow(message);
  });
});
