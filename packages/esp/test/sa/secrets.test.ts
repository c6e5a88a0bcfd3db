import { inspect } from 'node:util';
import { type EspKeys, espSuite } from '@espalier/crypto';
import { toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { ipv4Packet } from '../support/packets.ts';
import { inboundSa, keysFor, NOW, open, outboundSa, poolOf, SUITES, seal } from '../support/sas.ts';

const out = new Uint8Array(1000);

function shows(text: string, keys: EspKeys): boolean {
  const plain = text.toLowerCase().replaceAll(/[\s,]/g, '');
  return [keys.encryption, keys.salt, keys.integrity]
    .filter(({ length }) => length > 0)
    .some((key) => plain.includes(toHex(key.subarray(0, 4))) || plain.includes(key.subarray(0, 4).join('')));
}

describe('keys', () => {
  it('are in no view, text or error of an SA', () => {
    for (const suite of SUITES) {
      const keys = keysFor(suite);
      for (const sa of [outboundSa(suite, { keys }), inboundSa(suite, { keys })]) {
        expect(shows(inspect(sa, { depth: 9, showHidden: true }), keys)).toBe(false);
        expect(shows(JSON.stringify(sa), keys)).toBe(false);
        expect(shows(String(sa), keys)).toBe(false);
      }
      const wrong = { ...keys, integrity: keys.integrity.slice(1), encryption: keys.encryption.slice(1) };
      try {
        outboundSa(suite, { keys: wrong });
        expect.fail('took keys of a wrong length');
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        expect(shows(inspect(error), keys)).toBe(false);
      }
    }
  });

  it('may be wiped by the caller once the SA is made', () => {
    for (const suite of SUITES) {
      const keys = keysFor(suite);
      const outbound = outboundSa(suite, { keys });
      const inbound = inboundSa(suite, { keys });
      for (const key of [keys.encryption, keys.salt, keys.integrity]) key.fill(0);
      expect(open(inboundSa(suite), seal(outbound, ipv4Packet(9)))).toEqual(ipv4Packet(9));
      expect(open(inbound, seal(outboundSa(suite), ipv4Packet(9)))).toEqual(ipv4Packet(9));
    }
  });

  it('are gone after wipe, and the SA with them', () => {
    for (const suite of SUITES) {
      const outbound = outboundSa(suite);
      const sealed = seal(outbound, ipv4Packet(9));
      const inbound = inboundSa(suite);
      outbound.wipe();
      inbound.wipe();
      const batch = poolOf(1).createBatch(1);
      batch.add(ipv4Packet(9));
      expect(() => outbound.sealInto(NOW, ipv4Packet(9), out)).toThrow(TypeError);
      expect(() => outbound.sealBatch(NOW, batch)).toThrow(TypeError);
      expect(batch.at(0).ok).toBe(false);
      batch.clear();
      batch.add(sealed);
      expect(() => inbound.openInto(NOW, sealed, out)).toThrow(TypeError);
      expect(() => inbound.openBatch(NOW, batch)).toThrow(TypeError);
    }
  });
});

describe('a plaintext', () => {
  it('never passes for a sealed packet when the source of IVs fails', () => {
    const rng = {
      fill(): void {
        throw new Error('no entropy');
      },
    };
    const outbound = outboundSa(espSuite('aes-128-cbc/hmac-sha1-96'), { rng });
    const batch = poolOf(2).createBatch(2);
    batch.add(ipv4Packet(9));
    batch.add(ipv4Packet(10));
    expect(() => outbound.sealBatch(NOW, batch)).toThrow('no entropy');
    expect(Array.from(batch, ({ ok }) => ok)).toEqual([false, false]);
  });
});
