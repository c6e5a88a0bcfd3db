import { createCipheriv } from 'node:crypto';
import { inspect } from 'node:util';
import { type Engine, type EspSuite, espSuite, JOB_WORDS, nobleEngine } from '@espalier/crypto';
import { autoEngine as nodeAutoEngine, nodeEngine } from '@espalier/crypto/node';
import { autoEngine, wasmEngine } from '@espalier/crypto/wasm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { Arena } from '../../src/wasm/memory/arena.ts';
import { isKernelsAlone, type Pair, pairOf, wipe } from '../support/engines.ts';
import { jobs, keysFor, openOne, randomOctets, sealGiven, status } from '../support/esp.ts';
import { referenceSeal } from '../support/reference.ts';
import { COVER, isOnKernels } from '../support/suites.ts';
import { hex } from '../support/vectors.ts';

const CONTEXT = 1024;
const ON_KERNELS = COVER.filter(isOnKernels);
const KINDS = (
  [
    ['wasm', wasmEngine],
    ['node', nodeEngine],
  ] as const
).filter(([name]) => name === 'wasm' || !isKernelsAlone);

test.each(KINDS)(
  'the %s engine computes what kernels lack as noble does, and in constant time no better',
  (_, create) => {
    const engine = create();
    const others = COVER.filter((suite) => !isOnKernels(suite));
    expect(others.map(({ encryption }) => encryption)).toContain('camellia-cbc');
    for (const suite of others) {
      expect(engine.supports(suite)).toBe(true);
      const options = {
        suite,
        keys: keysFor(suite, 1),
        direction: 'open',
        esn: false,
        strictConstantTime: true,
      } as const;
      expect(() => engine.createEspTransform(options)).toThrow(TypeError);
    }
  },
);

function packetOctets(suite: EspSuite, text: number): number {
  return 8 + suite.ivOctets + text + suite.icvOctets;
}

/** All of an engine's memory: keys, working memory and arena. */
function wholeMemory(engine: Engine): Uint8Array {
  const probe = engine.allocate(1);
  engine.release(probe);
  return new Uint8Array(probe.buffer);
}

describe.each(KINDS)('the %s engine', (_, createEngine) => {
  describe.each(ON_KERNELS.map((suite) => suite.name))('%s', (name) => {
    const suite = espSuite(name);

    test('leaves nothing of its keys in memory once wiped', () => {
      const engine = createEngine({ arenaOctets: 65_536 });
      const memory = wholeMemory(engine);
      const place = engine.allocate(CONTEXT);
      engine.release(place);
      const espKeys = keysFor(suite, 77);
      const one = engine.createEspTransform({ suite, keys: espKeys, direction: 'seal', esn: false, rng: seededRng(1) });
      const context = new Uint8Array(place.buffer, place.byteOffset, CONTEXT);
      expect(context.some((octet) => octet !== 0)).toBe(true);
      const secrets = secretsIn(context);
      expect(secrets.some((secret) => includes(memory, secret))).toBe(true);
      for (const length of [64, 640]) {
        const packet = engine.allocate(20 * packetOctets(suite, length));
        const shapes = Array.from({ length: 20 }, (__, i) => {
          return { offset: i * packetOctets(suite, length), length: packetOctets(suite, length) };
        });
        one.seal(packet, jobs(...shapes), 'fresh');
        packet.fill(0);
        engine.release(packet);
      }
      one.wipe();
      expect(context.every((octet) => octet === 0)).toBe(true);
      for (const key of [espKeys.encryption, espKeys.integrity]) expect(includes(memory, key)).toBe(key.length === 0);
      for (const secret of secrets) expect(includes(memory, secret)).toBe(false);
    });

    test('shows its keys to nobody', () => {
      const engine = createEngine({ arenaOctets: 65_536 });
      const espKeys = keysFor(suite, 11);
      const pair = pairOf(engine, suite, espKeys);
      sealGiven(pair.seal, randomOctets(packetOctets(suite, 640), 1));
      const shown =
        inspect([pair, engine], { showHidden: true, depth: 9, maxArrayLength: null }) + JSON.stringify(pair);
      expect(shown.length).toBeLessThan(100_000);
      for (const key of Object.values(espKeys)) {
        if (key.length === 0) continue;
        expect(shown).not.toContain(hex(key));
        expect(shown).not.toContain([...key].join(', '));
      }
      wipe(pair);
    });

    test('a batch of garbage costs no more than a batch of good packets', () => {
      const engine = createEngine();
      const pair = pairOf(engine, suite, keysFor(suite, 5));
      const length = packetOctets(suite, 480);
      const batch = jobs(...Array.from({ length: 64 }, (__, i) => ({ offset: i * length, length })));
      const memory = engine.allocate(64 * length);
      pair.seal.seal(memory, batch, 'fresh');
      const good = memory.slice();
      const time = (octets: Uint8Array): number => {
        let best = Number.MAX_VALUE;
        for (let round = 0; round < 5; round++) {
          memory.set(octets);
          const start = performance.now();
          pair.open.open(memory, batch);
          best = Math.min(best, performance.now() - start);
        }
        return best;
      };
      const bad = good.map((octet, i) => (i % length === length - 1 ? octet ^ 1 : octet));
      const [goodTime, badTime] = [time(good), time(bad)];
      expect(status(batch, 63)).toBe(0);
      expect(badTime).toBeLessThan(2 * goodTime + 1);
      wipe(pair);
    });
  });

  test('seals and opens ChaCha20-Poly1305 up to the longest packet, in a batch with the shortest', () => {
    const suite = espSuite('chacha20-poly1305');
    const engine = createEngine();
    const pair = pairOf(engine, suite, keysFor(suite, 1));
    for (const length of [1472, 1473, 1536, 9000, 131_071, 131_072]) {
      const lengths = [packetOctets(suite, 0), length, packetOctets(suite, 1), length];
      const shapes = lengths.map((octets, i) => ({ offset: i * 131_072, length: octets }));
      const plain = randomOctets(4 * 131_072, length);
      const memory = plain.slice();
      const batch = jobs(...shapes);
      pair.seal.seal(memory, batch, 'given');
      for (const { offset, length: octets } of shapes) {
        const expected = referenceSeal(suite, keysFor(suite, 1), plain.slice(offset, offset + octets));
        expect(Buffer.compare(memory.subarray(offset, offset + octets), expected)).toBe(0);
      }
      pair.open.open(memory, batch);
      shapes.forEach(({ offset, length: octets }, i) => {
        expect(status(batch, i)).toBe(1);
        const end = offset + octets - suite.icvOctets;
        expect(Buffer.compare(memory.subarray(offset, end), plain.subarray(offset, end))).toBe(0);
      });
    }
    wipe(pair);
  });

  test('leaves nothing of the key stream of ChaCha20 in memory once wiped', () => {
    const suite = espSuite('chacha20-poly1305');
    const engine = createEngine({ arenaOctets: 65_536 });
    const memory = wholeMemory(engine);
    const pair = pairOf(engine, suite, keysFor(suite, 1));
    const streams = [64, 1024].map((text) => {
      const length = packetOctets(suite, text);
      const sealed = sealGiven(pair.seal, new Uint8Array(length).fill(0xff));
      return sealed.slice(16, length - suite.icvOctets).map((octet) => octet ^ 0xff);
    });
    const parts = streams.flatMap((stream) => [stream.subarray(0, 16), stream.subarray(-16)]);
    expect(parts.some((part) => includes(memory, part))).toBe(true);
    wipe(pair);
    for (const part of parts) expect(includes(memory, part)).toBe(false);
  });

  test('leaves nothing of what GHASH came to in memory once wiped', () => {
    const suite = espSuite('aes-128-gcm-16');
    const engine = createEngine({ arenaOctets: 65_536 });
    const memory = wholeMemory(engine);
    const espKeys = keysFor(suite, 1);
    const pair = pairOf(engine, suite, espKeys);
    const sealed = sealGiven(pair.seal, randomOctets(packetOctets(suite, 64), 1));
    // The ICV is the sum plus the encryption of the first counter block (SP 800-38D §7.1).
    const counter = Buffer.concat([espKeys.salt, sealed.subarray(8, 16), Uint8Array.of(0, 0, 0, 1)]);
    const hidden = createCipheriv('aes-128-ecb', espKeys.encryption, null).update(counter);
    const sum = sealed.slice(-16).map((octet, i) => octet ^ (hidden[i] ?? 0));
    expect(includes(memory, sum)).toBe(true);
    wipe(pair);
    expect(includes(memory, sum)).toBe(false);
  });

  test('leaves nothing of packets from memory that is not its own in its memory once wiped', () => {
    const suite = espSuite('aes-128-gcm-16');
    const engine = createEngine({ arenaOctets: 65_536 });
    const memory = wholeMemory(engine);
    const pair = pairOf(engine, suite, keysFor(suite, 1));
    const plain = randomOctets(packetOctets(suite, 64), 1);
    expect(openOne(pair.open, sealGiven(pair.seal, plain)).status).toBe(1);
    expect(includes(memory, plain.subarray(16, 80))).toBe(true);
    wipe(pair);
    expect(includes(memory, plain.subarray(16, 80))).toBe(false);
  });

  test('uses the memory of wiped SAs again, and says when there is none left', () => {
    const engine = createEngine({ arenaOctets: 65_536 });
    const suite = espSuite('3des-cbc/hmac-sha1-96');
    for (let i = 0; i < 500; i++) wipe(pairOf(engine, suite, keysFor(suite, i)));
    const held: Pair[] = [];
    expect(() => {
      for (let i = 0; i < 500; i++) held.push(pairOf(engine, suite, keysFor(suite, i)));
    }).toThrow(RangeError);
    expect(held.length).toBeGreaterThan(20);
    held.forEach(wipe);
    const packet = randomOctets(packetOctets(suite, 64), 1);
    const pair = pairOf(engine, suite, keysFor(suite, 1));
    expect(hex(sealGiven(pair.seal, packet))).toBe(hex(referenceSeal(suite, keysFor(suite, 1), packet)));
  });

  test('takes no memory for a transform that it refuses', () => {
    const engine = createEngine({ arenaOctets: 65_536 });
    const suite = espSuite('aes-128-cbc/hmac-sha1-96');
    for (let i = 0; i < 500; i++) {
      const options = { suite, keys: keysFor(suite, i), direction: 'seal', esn: false } as const;
      expect(() => engine.createEspTransform(options)).toThrow(TypeError);
      const keys = { ...options.keys, integrity: new Uint8Array(7) };
      expect(() => engine.createEspTransform({ ...options, keys })).toThrow(RangeError);
    }
    expect(() => pairOf(engine, suite, keysFor(suite, 1))).not.toThrow();
  });

  test('gives zeroed memory, and takes back only what it gave, once', () => {
    const engine = createEngine({ arenaOctets: 65_536 });
    const memory = engine.allocate(1000);
    memory.fill(7);
    engine.release(memory);
    expect(engine.allocate(1000)).toEqual(new Uint8Array(1000));
    engine.release(memory);
    expect(() => engine.release(memory)).toThrow(RangeError);
    expect(() => engine.release(new Uint8Array(1000))).toThrow(RangeError);
    expect(() => engine.allocate(10_000_000)).toThrow(RangeError);
    for (const arenaOctets of [0, -1, 1.5, 2 ** 33, Number.NaN]) {
      expect(() => createEngine({ arenaOctets })).toThrow(RangeError);
    }
  });

  test('is constant-time but where it seals a few packets with DES, and nowhere else when strict', () => {
    const engine = createEngine();
    for (const suite of ON_KERNELS) {
      for (const direction of ['seal', 'open'] as const) {
        const options = { suite, keys: keysFor(suite, 1), direction, esn: false, rng: seededRng(1) };
        const usual = engine.createEspTransform(options);
        expect(usual.constantTime).toBe(direction === 'open' || !suite.encryption.includes('des'));
        usual.wipe();
        const strict = engine.createEspTransform({ ...options, strictConstantTime: true });
        expect(strict.constantTime).toBe(true);
        if (direction === 'seal') {
          const packet = randomOctets(packetOctets(suite, 160), 3);
          expect(hex(sealGiven(strict, packet))).toBe(hex(referenceSeal(suite, options.keys, packet)));
        }
        strict.wipe();
      }
    }
  });

  test('allocates nothing for a packet of the arena', () => {
    const engine = createEngine();
    for (const name of ['3des-cbc/hmac-sha1-96', 'null/hmac-sha1-96', 'chacha20-poly1305']) {
      const suite = espSuite(name);
      const pair = pairOf(engine, suite, keysFor(suite, 1));
      const length = packetOctets(suite, 64);
      const memory = engine.allocate(128 * length);
      const batch = jobs(...Array.from({ length: 128 }, (__, i) => ({ offset: i * length, length })));
      const run = (times: number): void => {
        for (let i = 0; i < times; i++) {
          pair.seal.seal(memory, batch, 'given');
          pair.open.open(memory, batch);
        }
      };
      run(60);
      const growths = [0, 0, 0].map(() => {
        const before = process.memoryUsage().heapUsed;
        run(60);
        return process.memoryUsage().heapUsed - before;
      });
      // Less than an octet for each of the packets, whatever the test runner does meanwhile.
      expect(Math.min(...growths)).toBeLessThan(2 * 60 * 128);
      wipe(pair);
      engine.release(memory);
    }
  });

  test('refuses what it seals with the wrong key, once wiped, or in the wrong direction', () => {
    const engine = createEngine();
    for (const suite of ON_KERNELS) {
      const packet = randomOctets(packetOctets(suite, 48), 1);
      const pair = pairOf(engine, suite, keysFor(suite, 1));
      const other = pairOf(engine, suite, keysFor(suite, 2));
      expect(openOne(other.open, sealGiven(pair.seal, packet)).status).toBe(0);
      expect(() => sealGiven(pair.open, packet)).toThrow(TypeError);
      expect(() => openOne(pair.seal, packet)).toThrow(TypeError);
      for (const transform of [pair.seal, pair.open]) {
        transform.wipe();
        transform.wipe();
      }
      expect(() => sealGiven(pair.seal, packet)).toThrow(TypeError);
      expect(() => openOne(pair.open, packet)).toThrow(TypeError);
      wipe(other);
    }
  });

  test('does nothing for an empty batch', () => {
    const suite = espSuite('aes-128-gcm-16');
    const pair = pairOf(createEngine(), suite, keysFor(suite, 1));
    const words = new Int32Array(JOB_WORDS);
    pair.open.open(new Uint8Array(0), { words, count: 0 });
    pair.seal.seal(new Uint8Array(0), { words, count: 0 }, 'fresh');
    expect([...words]).toEqual([0, 0, 0, 0]);
  });

  test('takes packets from memory that is not its own, however far apart they lie', () => {
    const suite = espSuite('3des-cbc/hmac-sha1-96');
    const pair = pairOf(createEngine(), suite, keysFor(suite, 1));
    const length = packetOctets(suite, 64);
    const memory = randomOctets(900_000, 1);
    const before = memory.slice();
    const shapes = [700_000, 10, 899_000, 500, 300_000].map((offset) => ({ offset, length }));
    const batch = jobs(...shapes);
    pair.seal.seal(memory, batch, 'given');
    for (const { offset } of shapes) {
      const expected = referenceSeal(suite, keysFor(suite, 1), before.slice(offset, offset + length));
      expect(hex(memory.slice(offset, offset + length))).toBe(hex(expected));
      before.set(expected, offset);
    }
    expect(Buffer.compare(memory, before)).toBe(0);
  });
});

describe('the engine chosen', () => {
  const isNew = Number.parseInt(process.versions.node, 10) >= 22;
  const relaxed = isNew || process.execArgv.includes('--experimental-wasm-relaxed-simd');

  test('is that of the kernels where nothing but WebAssembly is asked for, with relaxed SIMD if there is any', () => {
    const { engine, reason } = autoEngine({ arenaOctets: 65_536 });
    expect(engine.name).toBe('wasm');
    expect(reason).toBe(`WebAssembly kernels with ${relaxed ? 'relaxed SIMD' : 'SIMD without its relaxed part'}`);
  });

  test('is that of node:crypto on Node', () => {
    const { engine, reason } = nodeAutoEngine({ arenaOctets: 65_536 });
    expect(engine.name).toBe('node');
    expect(reason).toContain('node:crypto for AES');
  });

  test('is the portable one, and says why, where there is no WebAssembly', () => {
    const { WebAssembly } = globalThis;
    Reflect.deleteProperty(globalThis, 'WebAssembly');
    try {
      for (const { engine, reason } of [autoEngine(), nodeAutoEngine()]) {
        expect(engine.name).toBe(nobleEngine().name);
        expect(reason).toBe('this platform has no WebAssembly with SIMD');
      }
      expect(() => wasmEngine()).toThrow(TypeError);
      expect(() => nodeEngine()).toThrow(TypeError);
    } finally {
      globalThis.WebAssembly = WebAssembly;
    }
  });
});

test('an arena gives out what was given back, never twice at a time', () => {
  const commands = fc.array(fc.record({ take: fc.integer({ min: 0, max: 3000 }), give: fc.nat(20) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(commands, (steps) => {
      const arena = new Arena(100, 20_000);
      const held: { from: number; to: number }[] = [];
      for (const { take, give } of steps) {
        try {
          const from = arena.take(take);
          expect(from).toBeGreaterThanOrEqual(100);
          expect(from + take).toBeLessThanOrEqual(20_000);
          for (const other of held) expect(from >= other.to || from + take <= other.from).toBe(true);
          held.push({ from, to: from + take });
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        const [gone] = held.splice(give, 1);
        if (gone !== undefined) arena.giveBack(gone.from);
      }
      for (const { from } of held) arena.giveBack(from);
      expect(arena.take(19_800)).toBe(128);
    }),
    { numRuns: 300 },
  );
});

/** Every 16 octets of a context that are not mostly zeros. */
function secretsIn(context: Uint8Array): Uint8Array[] {
  const parts = Array.from({ length: CONTEXT / 16 }, (_, i) => context.slice(16 * i, 16 * i + 16));
  return parts.filter((part) => part.filter((octet) => octet === 0).length < 4);
}

function includes(memory: Uint8Array, secret: Uint8Array): boolean {
  return Buffer.from(memory.buffer).includes(Buffer.from(secret));
}
