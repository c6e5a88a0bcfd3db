import type { Engine, EspJobs, EspTransform } from '@espalier/crypto';
import { type Batch, InboundSa, OutboundSa } from '@espalier/esp';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../test/support/rng.ts';
import { singleOf } from '../src/batch/single.ts';
import { ipv4Packet } from './support/packets.ts';
import { ENGINE, keysFor, NOW, NULL_SUITE, open, poolOf, SPI, seal } from './support/sas.ts';

/** An engine of a caller's own, whose transforms do what `changed` says instead. */
function engineWith(changed: (own: EspTransform) => Partial<Record<'seal' | 'open', unknown>>): Engine {
  return {
    ...ENGINE,
    createEspTransform: (options) => {
      const own = ENGINE.createEspTransform(options);
      const { suite, constantTime } = own;
      const seal: EspTransform['seal'] = (memory, jobs, iv) => own.seal(memory, jobs, iv);
      const open: EspTransform['open'] = (memory, jobs) => own.open(memory, jobs);
      return Object.assign({ suite, constantTime, seal, open, wipe: () => own.wipe() }, changed(own));
    },
  };
}

const LATER = engineWith(() => ({ seal: async () => {}, open: async () => {} }));
const IDLE = engineWith(() => ({ seal: () => {}, open: () => {} }));

function outbound(engine: Engine): OutboundSa {
  return new OutboundSa({ engine, suite: NULL_SUITE, keys: keysFor(NULL_SUITE), spi: SPI, rng: seededRng(7) });
}

function inbound(engine: Engine): InboundSa {
  return new InboundSa({ engine, suite: NULL_SUITE, keys: keysFor(NULL_SUITE), spi: SPI });
}

describe.each([
  ['does its work later', LATER],
  ['does not do its work', IDLE],
])('an engine that %s', (_, engine) => {
  it('sends nothing in clear', () => {
    const batch = poolOf(2).createBatch(2);
    for (const octets of [40, 50]) batch.add(ipv4Packet(octets));
    expect(() => outbound(engine).sealBatch(NOW, batch)).toThrow(TypeError);
    expect(Array.from(batch, (packet) => packet.ok)).toEqual([false, false]);
    expect(() => outbound(engine).sealInto(NOW, ipv4Packet(40), new Uint8Array(200))).toThrow(TypeError);
  });
});

it('packets behind one that an engine left out are not handed out', () => {
  const half = engineWith((own) => ({
    seal: (memory: Uint8Array, { words }: { words: Int32Array }) => own.seal(memory, { words, count: 1 }, 'fresh'),
  }));
  const batch = poolOf(2).createBatch(2);
  for (const octets of [40, 50]) batch.add(ipv4Packet(octets));
  expect(() => outbound(half).sealBatch(NOW, batch)).toThrow('engine: seal left a packet in clear');
  expect(Array.from(batch, (packet) => packet.ok)).toEqual([true, false]);
});

it('what an engine opens later is an error, what it does not open is refused', () => {
  const out = new Uint8Array(outbound(ENGINE).sealedOctets(60));
  const sealed = outbound(ENGINE).sealInto(NOW, ipv4Packet(40), out);
  if (!sealed.ok) throw new Error(sealed.reason);
  expect(() => inbound(LATER).openInto(NOW, sealed.octets, new Uint8Array(200))).toThrow(TypeError);
  expect(inbound(IDLE).openInto(NOW, sealed.octets, new Uint8Array(200))).toEqual({ ok: false, reason: 'bad-icv' });
});

describe('an engine that throws', () => {
  /** What it throws at, until `mended`: the first job is done by then. */
  function failing(): { readonly engine: Engine; mended: boolean } {
    const failure = { engine: ENGINE, mended: false };
    const attempt = (own: () => void) => {
      own();
      if (!failure.mended) throw new Error('the cipher failed');
    };
    failure.engine = engineWith((own) => ({
      seal: (memory: Uint8Array, jobs: EspJobs, iv: 'fresh') => attempt(() => own.seal(memory, jobs, iv)),
      open: (memory: Uint8Array, jobs: EspJobs) => attempt(() => own.open(memory, jobs)),
    }));
    return failure;
  }

  const batchOf = (...packets: readonly Uint8Array[]) => {
    const batch = poolOf(packets.length).createBatch(packets.length);
    for (const packet of packets) batch.add(packet);
    return batch;
  };
  const outcomes = (batch: Batch) => Array.from(batch, ({ ok, reason }) => [ok, reason]);

  // Regression: they still waited, their head overwritten, and a second call sealed that.
  it('leaves no packet of a batch behind that a second call takes', () => {
    const [sealing, opening] = [failing(), failing()];
    const one = outbound(sealing.engine);
    const toSeal = batchOf(ipv4Packet(40), ipv4Packet(50));
    expect(() => one.sealBatch(NOW, toSeal)).toThrow('the cipher failed');
    const many = batchOf(ipv4Packet(40), ipv4Packet(50));
    const sas = [one, outbound(sealing.engine)];
    expect(() => OutboundSa.sealMany(NOW, many, sas)).toThrow('the cipher failed');
    sealing.mended = true;
    expect([one.sealBatch(NOW, toSeal), OutboundSa.sealMany(NOW, many, sas)]).toEqual([0, 0]);

    const sealed = [seal(outbound(ENGINE), ipv4Packet(40)), seal(outbound(ENGINE), ipv4Packet(50))];
    const toOpen = batchOf(...sealed);
    const inwards = [inbound(opening.engine), inbound(opening.engine)];
    expect(() => inwards[0]?.openBatch(NOW, toOpen)).toThrow('the cipher failed');
    const manyIn = batchOf(...sealed);
    expect(() => InboundSa.openMany(NOW, manyIn, inwards)).toThrow('the cipher failed');
    opening.mended = true;
    expect([inwards[0]?.openBatch(NOW, toOpen), InboundSa.openMany(NOW, manyIn, inwards)]).toEqual([0, 0]);

    for (const batch of [toSeal, many, toOpen, manyIn]) {
      expect(outcomes(batch)).toEqual([
        [false, undefined],
        [false, undefined],
      ]);
      batch.clear();
      expect(batch.add(ipv4Packet(40))).toBe(true);
    }
    expect([one.sealBatch(NOW, toSeal), toSeal.at(0).ok]).toEqual([1, true]);
  });

  // Regression: every packet alone, of any SA of the engine, made a batch of its own from then on.
  it('does not keep what packets alone share', () => {
    const { engine } = failing();
    const shared = singleOf(engine);
    expect(() => seal(outbound(engine), ipv4Packet(40))).toThrow('the cipher failed');
    expect(shared.isTaken).toBe(false);
    expect(() => open(inbound(engine), seal(outbound(ENGINE), ipv4Packet(40)))).toThrow('the cipher failed');
    expect(shared.isTaken).toBe(false);
  });
});

describe('a suite', () => {
  const copied = structuredClone(NULL_SUITE);

  it('that was copied is looked up by its name', () => {
    const options = { engine: ENGINE, keys: keysFor(NULL_SUITE), spi: SPI };
    expect(new InboundSa({ ...options, suite: copied }).suite).toBe(NULL_SUITE);
    expect(new OutboundSa({ ...options, suite: copied, rng: seededRng(7) }).suite).toBe(NULL_SUITE);
  });

  it('that nobody knows is refused by the argument’s name', () => {
    const options = { engine: ENGINE, keys: keysFor(NULL_SUITE), spi: SPI };
    for (const suite of ['aes-128-cbc', '', { ...copied, name: 'rot13' }]) {
      expect(() => new InboundSa({ ...options, suite })).toThrow(/^suite .* is not known$/);
    }
  });
});
