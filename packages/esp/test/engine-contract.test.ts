import type { Engine, EspTransform } from '@espalier/crypto';
import { InboundSa, OutboundSa } from '@espalier/esp';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../test/support/rng.ts';
import { ipv4Packet } from './support/packets.ts';
import { ENGINE, keysFor, NOW, NULL_SUITE, poolOf, SPI } from './support/sas.ts';

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
