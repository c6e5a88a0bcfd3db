import { ahSuite, espSuite } from '@espalier/crypto';
import { InboundSa, innerMtu, OutboundSa, overhead, PacketPool } from '@espalier/esp';
import { ahOverhead, InboundAhSa, OutboundAhSa } from '@espalier/esp/ah';
import { Compressor } from '@espalier/esp/ipcomp';
import { milliseconds, type Spi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { expectPlainOctets, NO_OCTETS, pooled } from '../../../test/support/octets.ts';
import { seededRng } from '../../../test/support/rng.ts';
import { ipv4Packet } from './support/packets.ts';
import {
  ENGINE,
  inboundSa,
  keysFor,
  NOW,
  NULL_SUITE,
  OUTER,
  outboundSa,
  poolOf,
  SPI,
  SUITES,
  seal,
} from './support/sas.ts';

const INNER = ipv4Packet(200);

describe('a door for octets', () => {
  it.each(NO_OCTETS)('takes no %s for a packet or for a buffer, and changes nothing', (_, value) => {
    const outbound = outboundSa(NULL_SUITE);
    const inbound = inboundSa(NULL_SUITE);
    const out = new Uint8Array(400);
    const batch = poolOf(1).createBatch(1);
    for (const [argument, use] of [
      ['packet', () => outbound.sealInto(NOW, value, out)],
      ['out', () => outbound.sealInto(NOW, INNER, value)],
      ['packet', () => inbound.openInto(NOW, value, out)],
      ['out', () => inbound.openInto(NOW, INNER, value)],
      ['packet', () => batch.add(value)],
    ] as const) {
      expect(use).toThrow(new TypeError(`${argument} must be a Uint8Array`));
    }
    expect(out).toEqual(new Uint8Array(400));
    expect(batch.size).toBe(0);
    for (const sa of [outbound, inbound]) expect(sa.counters.packets).toBe(0);
    for (const sa of [outbound, inbound]) expect(Object.values(sa.counters.refusals)).not.toContain(1);
  });

  it.each(NO_OCTETS)('takes no %s for a key', (_, value) => {
    for (const key of ['encryption', 'integrity'] as const) {
      for (const suite of SUITES.filter(({ encryptionKeyOctets: e, integrityKeyOctets: i }) =>
        key === 'encryption' ? e > 0 : i > 0,
      )) {
        const keys = { ...keysFor(suite), [key]: value };
        expect(() => outboundSa(suite, { keys })).toThrow(TypeError);
        expect(() => inboundSa(suite, { keys })).toThrow(TypeError);
      }
    }
  });

  it('seals and opens buffers of a pool as it does octets of their own, and hands out plain ones', () => {
    for (const suite of SUITES) {
      const wanted = seal(outboundSa(suite, { outer: OUTER }), INNER);
      const out = pooled(new Uint8Array(wanted.length));
      const sealed = outboundSa(suite, { outer: OUTER }).sealInto(NOW, pooled(INNER), out);
      if (!sealed.ok) expect.fail(sealed.reason);
      expect(sealed.octets).toEqual(wanted);
      expectPlainOctets(sealed.octets);
      expect([...out]).toEqual([...wanted]);

      const esp = pooled(wanted.subarray(20));
      const opened = inboundSa(suite).openInto(NOW, esp, esp);
      if (!opened.ok) expect.fail(opened.reason);
      expect(opened.octets).toEqual(INNER);
      expectPlainOctets(opened.octets);
    }
  });

  it('does not mind what becomes of keys and packets that it was given in a pool', () => {
    for (const suite of SUITES) {
      const { encryption, salt, integrity } = keysFor(suite);
      const keys = { encryption: pooled(encryption), salt: pooled(salt), integrity: pooled(integrity) };
      const outbound = outboundSa(suite, { keys });
      const inbound = inboundSa(suite, { keys });
      for (const key of Object.values(keys)) key.fill(0xee);
      expect(seal(outbound, INNER)).toEqual(seal(outboundSa(suite), INNER));

      const batch = poolOf(2).createBatch(2);
      for (let i = 0; i < 2; i++) {
        const buffer = pooled(INNER);
        batch.add(buffer);
        buffer.fill(0xee);
      }
      expect(outbound.sealBatch(NOW, batch)).toBe(2);
      expect(inbound.openBatch(NOW, rebatched(batch))).toBe(2);
    }
  });

  it('is not disturbed by a source of randomness that seals and opens packets itself, by the same engine', () => {
    const suite = SUITES.find(({ ivOctets }) => ivOctets === 16) ?? NULL_SUITE;
    const other = { out: outboundSa(NULL_SUITE), in: inboundSa(NULL_SUITE) };
    const rng = seededRng(7);
    const meddling = {
      fill(octets: Uint8Array): void {
        const opened = other.in.openInto(NOW, seal(other.out, ipv4Packet(9)), new Uint8Array(300));
        expect(opened).toMatchObject({ ok: true, length: 29 });
        rng.fill(octets);
      },
    };
    expect(seal(outboundSa(suite, { rng: meddling }), INNER)).toEqual(seal(outboundSa(suite), INNER));
    expect(other.in.counters.packets).toBeGreaterThan(0);
  });
});

/** What JavaScript lets through for an option, and the error that names it. */
const NO_OBJECTS = [undefined, null, 5, 'text'].map((value) => value as never);
const NO_OPTIONS: readonly (readonly [string, readonly unknown[], Error])[] = [
  ['engine', NO_OBJECTS, new TypeError('engine must be an object')],
  ['engine', [{}], new TypeError('engine.createEspTransform must be a function')],
  ['keys', NO_OBJECTS, new TypeError('keys must be an object')],
  ['keys', [{}], new TypeError('keys.encryption must be a Uint8Array')],
  ['spi', [undefined, null, '5', 5n], new TypeError('spi must be a number')],
  ['spi', [0, -1, 1.5, 2 ** 32, 2 ** 33, Number.NaN], new RangeError('spi must be an integer from 1 to 4294967295')],
];

describe('a door for options', () => {
  const good = { engine: ENGINE, suite: NULL_SUITE, keys: keysFor(NULL_SUITE), spi: SPI, rng: seededRng(7) };

  it.each(NO_OPTIONS)('of an SA names %s where it is wrong (%#)', (name, values, error) => {
    for (const value of values) {
      const options = { ...good, [name]: value };
      expect(() => new OutboundSa(options)).toThrow(error);
      expect(() => new InboundSa(options)).toThrow(error);
    }
  });

  it('of an outbound SA names its source of randomness', () => {
    for (const rng of NO_OBJECTS) {
      expect(() => new OutboundSa({ ...good, rng: rng as never })).toThrow(new TypeError('rng must be an object'));
    }
    expect(() => new OutboundSa({ ...good, rng: {} as never })).toThrow(new TypeError('rng.fill must be a function'));
  });

  it('names options and engine where there are none', () => {
    for (const none of NO_OBJECTS) {
      const error = new TypeError('options must be an object');
      expect(() => new OutboundSa(none)).toThrow(error);
      expect(() => new InboundSa(none)).toThrow(error);
      expect(() => new PacketPool(ENGINE, none)).toThrow(error);
      expect(() => new PacketPool(none, { slots: 1 })).toThrow(new TypeError('engine must be an object'));
    }
    expect(() => new PacketPool({} as never, { slots: 1 })).toThrow(
      new TypeError('engine.allocate must be a function'),
    );
  });

  it.each([
    ['lifetime must be', { lifetime: null }],
    ['lifetime must be', { lifetime: 'long' }],
    ['lifetime.establishedAt must be', { lifetime: { hard: { time: 5 } } }],
    // Regression: its hard lifetime never ended.
    ['lifetime.establishedAt must be', { lifetime: { establishedAt: Number.NaN, hard: { time: 5 } } }],
    ['firstSequence must be', { firstSequence: 5 }],
    // Regression: the address was called `text`.
    ['outer.destination is not', { outer: { ...OUTER, destination: 'east' } }, RangeError],
    // Regression: text was put behind the digits of the instant, and the SA lived on.
    ['lifetime.hard.time: must be', { lifetime: { establishedAt: 1000, hard: { time: '60' } } }, RangeError],
    ['keyLimits.hard.packets: must be', { keyLimits: { soft: {}, hard: { packets: 5n } } }, RangeError],
    ['outer must be', { outer: null }],
    ['outer must be', { outer: 'east' }],
    ['outer.source must be', { outer: { destination: '10.1.15.2' } }],
    ['outer.udp must be', { outer: { ...OUTER, udp: null } }],
    ['udp must be', { mode: 'transport', udp: null }],
    // Regression: what was misspelt was left out.
    ['outer.tll: ', { outer: { ...OUTER, tll: 3 } }],
    ['outer.toString: ', { outer: { ...OUTER, toString: 3 } }],
    ['trafficFlow.multiple: ', { trafficFlow: { multiple: 128 } }],
    ['trafficFlow: ', { trafficFlow: { multipleOf: 128, length: 1400 } }],
  ] as const)(
    'of an outbound SA says that %s something else (%#)',
    (name, change, kind: ErrorConstructor = TypeError) => {
      const construct = () => Reflect.construct(OutboundSa, [{ ...good, ...change }]);
      expect(construct).toThrow(kind);
      expect(construct).toThrow(name);
    },
  );

  // Regression: text was as good as true, 'no' included.
  it.each(['esn', 'keepAhead', 'allowUnauthenticated', 'strictConstantTime'])(
    'takes %s for yes or no alone',
    (name) => {
      for (const value of ['yes', 'no', 1, 0, null, {}]) {
        for (const Sa of [OutboundSa, InboundSa]) {
          expect(() => Reflect.construct(Sa, [{ ...good, [name]: value }])).toThrow(
            new TypeError(`${name} must be a boolean`),
          );
        }
      }
    },
  );

  // Regression: what is no text was asked to split itself.
  it('of an inbound SA names an original address that is none', () => {
    const options = { ...good, mode: 'transport' };
    for (const [source, error] of [
      [5, new TypeError('originalAddresses.source must be a string')],
      ['east', new RangeError('originalAddresses.source is not an IP address: "east"')],
    ] as const) {
      const originalAddresses = { source, destination: '10.1.15.2' };
      expect(() => Reflect.construct(InboundSa, [{ ...options, originalAddresses }])).toThrow(error);
    }
  });

  // Regression: it was before every end, so that an SA whose hard lifetime was over took packets still.
  it('names an instant that is none', () => {
    const lifetime = { establishedAt: NOW, hard: { time: milliseconds(5) } };
    const [outbound, inbound] = [outboundSa(NULL_SUITE, { lifetime }), inboundSa(NULL_SUITE, { lifetime })];
    const sealed = seal(outbound, INNER);
    const [sealing, opening] = [poolOf(1).createBatch(1), poolOf(1).createBatch(1)];
    sealing.add(INNER);
    opening.add(sealed);
    for (const now of [Number.NaN, Number.POSITIVE_INFINITY, undefined, 'soon'].map((value) => value as never)) {
      for (const use of [
        () => outbound.sealInto(now, INNER, new Uint8Array(400)),
        () => inbound.openInto(now, sealed, new Uint8Array(400)),
        () => outbound.sealBatch(now, sealing),
        () => inbound.openBatch(now, opening),
        () => outbound.lifetimeState(now),
      ]) {
        expect(use).toThrow(new TypeError('now must be an instant'));
      }
    }
    expect([outbound.counters.packets, inbound.counters.packets]).toEqual([1, 0]);
    expect([outbound.sealBatch(NOW, sealing), inbound.openBatch(NOW, opening)]).toEqual([1, 1]);
  });

  it('names a list of SAs that is none', () => {
    const batch = poolOf(1).createBatch(1);
    batch.add(INNER);
    for (const sas of [undefined, null, 5, {}].map((value) => value as never)) {
      const error = new TypeError('sas must be an array');
      expect(() => OutboundSa.sealMany(NOW, batch, sas)).toThrow(error);
      expect(() => InboundSa.openMany(NOW, batch, sas)).toThrow(error);
      expect(() => OutboundAhSa.sealMany(NOW, batch, sas)).toThrow(error);
      expect(() => InboundAhSa.openMany(NOW, batch, sas)).toThrow(error);
    }
  });

  // Regression: offsets are kept in 31 bits, and from there on began anew below zero.
  it('of a pool names slots that no offset would reach', () => {
    const most = Math.floor((2 ** 31 - 1) / 2112);
    expect(() => new PacketPool(ENGINE, { slots: most + 1 })).toThrow(/slots times slotOctets must be below 2\^31/);
    for (const slots of [2 ** 31, 2 ** 53]) {
      expect(() => new PacketPool(ENGINE, { slots })).toThrow(/slots must be a whole number from 1 to 2147483647/);
    }
    expect(() => poolOf(1).createBatch(2 ** 31)).toThrow(/capacity must be a whole number from 1 to 16777216/);
  });

  // Regression: a name, which an SA takes, was a key that no weak map takes.
  it('of what a packet grows by takes the name of a suite, as an SA does, and names what is none', () => {
    const form = { family: 4, udp: false } as const;
    const [name, ahName] = ['aes-128-gcm-16', 'hmac-sha1-96'];
    expect(overhead(name, form)).toEqual(overhead(espSuite(name), form));
    expect(innerMtu(name, form, 1500)).toBe(innerMtu(espSuite(name), form, 1500));
    expect(ahOverhead(ahName, form)).toEqual(ahOverhead(ahSuite(ahName), form));
    for (const suite of ['aes', undefined, {}].map((value) => value as never)) {
      for (const use of [
        () => overhead(suite, form),
        () => innerMtu(suite, form, 1500),
        () => ahOverhead(suite, form),
      ]) {
        expect(use).toThrow(/suite '.*' is not known/);
      }
    }
    for (const none of NO_OBJECTS) {
      const error = new TypeError('form must be an object');
      for (const use of [
        () => overhead(name, none),
        () => innerMtu(name, none, 1500),
        () => ahOverhead(ahName, none),
      ]) {
        expect(use).toThrow(error);
      }
    }
    expect(() => ahOverhead(ahName, { family: 5 as 4 })).toThrow(new RangeError('form.family must be 4 or 6'));
    expect(() => ahOverhead(ahName, { family: 4, alignment: 5 as 4 })).toThrow(/^form.alignment/);
  });

  it('of AH and of IPComp names an outer header that is none', () => {
    const rng = seededRng(7);
    const ah = { engine: ENGINE, suite: 'hmac-sha1-96', key: new Uint8Array(20), spi: SPI, rng };
    for (const outer of [null, 5, 'east'].map((value) => value as never)) {
      const error = new TypeError('outer must be an object');
      expect(() => new OutboundAhSa({ ...ah, outer })).toThrow(error);
      expect(() => new Compressor({ cpi: 2, rng, outer })).toThrow(error);
    }
  });

  it('of an inbound SA names a replay window that is none', () => {
    for (const value of [null, 31, 4097, 64.5, '64', 'on']) {
      expect(() => Reflect.construct(InboundSa, [{ ...good, replayWindow: value }])).toThrow(
        new RangeError('replayWindow: must be a whole number from 32 to 4096'),
      );
    }
  });

  it('names octets in front of a packet that are no whole number of it', () => {
    const error = new RangeError('outerOctets must be a whole number from 0 to the octets of packet');
    const batch = poolOf(1).createBatch(1);
    const [inbound, out] = [inboundSa(NULL_SUITE), new Uint8Array(400)];
    for (const octets of [1.5, '3', -1, INNER.length + 1, Number.NaN].map((value) => value as number)) {
      expect(() => inbound.openInto(NOW, INNER, out, 0, octets)).toThrow(error);
      expect(() => batch.add(INNER, 0, octets)).toThrow(error);
    }
    expect(batch.size).toBe(0);
  });

  // Regression: no octets at all had room for fewer than none.
  it('of innerMtu names what no packet fits, and a family that is none', () => {
    expect(innerMtu(NULL_SUITE, { family: 4, udp: false }, 44)).toBe(2);
    for (const outerMtu of [43, 0, -1, Number.NaN]) {
      expect(() => innerMtu(NULL_SUITE, { family: 4, udp: false }, outerMtu)).toThrow(/^outerMtu: /);
    }
    for (const mode of ['tunnel', 'transport'] as const) {
      const form = { mode, family: 5 as 4, udp: false };
      expect(() => innerMtu(NULL_SUITE, form, 1500)).toThrow(new RangeError('form.family must be 4 or 6'));
      expect(() => overhead(NULL_SUITE, form)).toThrow(new RangeError('form.family must be 4 or 6'));
    }
  });

  it('takes every SPI that a packet can have', () => {
    for (const spi of [1, 255, 256, 0xffff_ffff].map((value) => value as Spi)) {
      expect(new OutboundSa({ ...good, spi }).spi).toBe(spi);
      expect(new InboundSa({ ...good, spi }).spi).toBe(spi);
    }
  });
});

/** What was sealed, in a batch to be opened. */
function rebatched(sealed: Iterable<{ readonly octets: Uint8Array }>) {
  const batch = poolOf(2).createBatch(2);
  for (const { octets } of sealed) batch.add(octets);
  return batch;
}
