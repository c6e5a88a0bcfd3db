import { u32 } from '@espalier/testing/arbitraries';
import {
  AH_HEADER_OCTETS,
  ahNextHeader,
  ahOctets,
  ahSequence,
  ahSignedSpi,
  fromHex,
  IPCOMP_HEADER_OCTETS,
  ipcompCpi,
  ipcompNextHeader,
  writeAhHeader,
  writeIpcompHeader,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const octet = fc.integer({ min: 0, max: 255 });

describe('the AH header in place (RFC 4302 §2)', () => {
  it('is read as it was written, at any offset, with nothing beside it touched', () => {
    const units = fc.integer({ min: 3, max: 257 });
    fc.assert(
      fc.property(octet, units, u32, u32, fc.nat(7), (nextHeader, words, spi, sequence, at) => {
        const memory = new Uint8Array(at + AH_HEADER_OCTETS + 3).fill(0x5a);
        writeAhHeader(memory, at, nextHeader, words * 4, spi, sequence);
        expect(ahNextHeader(memory, at)).toBe(nextHeader);
        expect(ahOctets(memory, at)).toBe(words * 4);
        expect(ahSignedSpi(memory, at)).toBe(spi | 0);
        expect(ahSequence(memory, at)).toBe(sequence);
        expect(memory.filter((value, i) => (i < at || i >= at + AH_HEADER_OCTETS) && value !== 0x5a).length).toBe(0);
      }),
    );
  });

  it('has a length in units of 4 octets, less 2, and its reserved octets are zero', () => {
    const memory = new Uint8Array(12).fill(0xff);
    writeAhHeader(memory, 0, 6, 24, 0x100, 1);
    expect(memory).toEqual(fromHex('060400000000010000000001'));
  });
});

describe('the IPComp header in place (RFC 3173 §3.3)', () => {
  it('is read as it was written, with nothing beside it touched', () => {
    fc.assert(
      fc.property(octet, fc.integer({ min: 0, max: 0xffff }), fc.nat(7), (nextHeader, cpi, at) => {
        const memory = new Uint8Array(at + IPCOMP_HEADER_OCTETS + 3).fill(0x5a);
        writeIpcompHeader(memory, at, nextHeader, cpi);
        expect([ipcompNextHeader(memory, at), memory[at + 1], ipcompCpi(memory, at)]).toEqual([nextHeader, 0, cpi]);
        expect([...memory.subarray(0, at), ...memory.subarray(at + 4)].every((value) => value === 0x5a)).toBe(true);
      }),
    );
  });
});
