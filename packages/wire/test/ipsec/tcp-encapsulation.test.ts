import { tcpStream } from '@espalier/testing/arbitraries';
import {
  concat,
  encodeTcpFrame,
  fromAscii,
  fromHex,
  TCP_MESSAGE_OCTETS,
  TCP_STREAM_PREFIX,
  type TcpFrame,
  TcpFrameDecoder,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDecoder } from '../../../../test/support/decoders.ts';

const MARKER_OCTETS = 4;

const ike = fc.record({ kind: fc.constant('ike' as const), octets: fc.uint8Array({ minLength: 1, maxLength: 90 }) });
/** An SPI is never zero (RFC 4303 §2.1). */
const esp = fc.record({
  kind: fc.constant('esp' as const),
  octets: fc
    .uint8Array({ minLength: 5, maxLength: 90 })
    .map((octets) => (octets.subarray(0, 4).every((octet) => octet === 0) ? octets.fill(1, 0, 1) : octets)),
});
const frames = fc.array(fc.oneof(ike, esp), { maxLength: 8 });

/** Pushes a stream cut at these places, and gives all that comes out. */
function decode(decoder: TcpFrameDecoder, stream: Uint8Array, cuts: readonly number[]): readonly TcpFrame[] {
  const places = [0, ...[...cuts].sort((a, b) => a - b), stream.length].map((cut) => Math.min(cut, stream.length));
  return places.slice(1).flatMap((end, i) => decoder.push(stream.slice(places[i], end)));
}

function streamOf(sent: readonly TcpFrame[], prefix = TCP_STREAM_PREFIX): Uint8Array {
  return concat(prefix, ...sent.map(({ kind, octets }) => encodeTcpFrame(kind, octets)));
}

describe('a stream of TCP (RFC 9329 §3)', () => {
  it('gives the messages that were put into it, however it is cut', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(800), { maxLength: 12 }), fc.boolean(), (sent, cuts, isOriginator) => {
        const decoder = new TcpFrameDecoder(isOriginator ? 'prefix' : 'frames');
        const stream = streamOf(sent, isOriginator ? TCP_STREAM_PREFIX : new Uint8Array(0));
        expect(decode(decoder, stream, cuts)).toEqual(sent);
        expect([decoder.fault, decoder.waitingOctets]).toEqual([undefined, 0]);
      }),
    );
  });

  it('octet by octet gives each message with its last octet, and none before', () => {
    const message = fromHex('0123456789abcdef');
    const stream = encodeTcpFrame('esp', message);
    const decoder = new TcpFrameDecoder('frames');
    for (const [i, octet] of stream.entries()) {
      const last = i === stream.length - 1;
      expect(decoder.push(Uint8Array.of(octet))).toEqual(last ? [{ kind: 'esp', octets: message }] : []);
      expect(decoder.waitingOctets).toBe(last ? 0 : i + 1);
    }
  });

  it('is framed as the RFC draws it: a length that counts itself, for IKE the non-ESP marker', () => {
    expect(encodeTcpFrame('ike', fromHex('aabb'))).toEqual(fromHex('000800000000aabb'));
    expect(encodeTcpFrame('esp', fromHex('0000010000000001'))).toEqual(fromHex('000a0000010000000001'));
    expect(TCP_STREAM_PREFIX).toEqual(fromAscii('IKETCP'));
  });

  it('carries messages of every length up to the last that a frame holds', () => {
    for (const kind of ['ike', 'esp'] as const) {
      const most = TCP_MESSAGE_OCTETS - (kind === 'ike' ? MARKER_OCTETS : 0);
      const octets = new Uint8Array(most).fill(7);
      const stream = encodeTcpFrame(kind, octets);
      expect(stream.length).toBe(65_535);
      expect(decode(new TcpFrameDecoder('frames'), stream, [1, 2, 3, 40_000])).toEqual([{ kind, octets }]);
      expect(() => encodeTcpFrame(kind, new Uint8Array(most + 1))).toThrow(RangeError);
    }
    expect(() => encodeTcpFrame('ike', new Uint8Array(0))).toThrow(RangeError);
    // Regression: an IKE message whose kind was misspelt went without its marker, and a prefix so was taken for a length.
    for (const word of ['IKE', 'prefixes', undefined].map((value) => value as never)) {
      expect(() => encodeTcpFrame(word, Uint8Array.of(1))).toThrow(new RangeError('kind must be ike or esp'));
      expect(() => new TcpFrameDecoder(word)).toThrow(new RangeError('begins must be prefix or frames'));
    }
    // @ts-expect-error what a caller in JavaScript can give
    expect(() => encodeTcpFrame('ike', [1, 2])).toThrow(TypeError);
    // @ts-expect-error what a caller in JavaScript can give
    expect(() => new TcpFrameDecoder('frames').push('IKETCP')).toThrow(TypeError);
  });

  it('passes keepalives over', () => {
    const message = fromHex('0000010000000001');
    const decoder = new TcpFrameDecoder('frames');
    expect(decode(decoder, concat(fromHex('00020003ff'), encodeTcpFrame('esp', message)), [1, 3])).toEqual([
      { kind: 'esp', octets: message },
    ]);
    expect(decoder.fault).toBeUndefined();
  });
});

describeDecoder({
  name: 'a whole stream of TCP',
  valid: tcpStream,
  decode: (stream) => {
    const decoder = new TcpFrameDecoder('prefix');
    return { frames: decoder.push(stream), isWhole: decoder.fault === undefined && decoder.waitingOctets === 0 };
  },
  encode: ({ frames }) => streamOf(frames),
  errors: [],
  isRefusal: ({ isWhole }) => !isWhole,
  aliasing: 'views',
  // Keepalives between the frames are passed over, and a stream may end behind any frame.
  encoding: 'free',
  prefixes: 'may-be-whole',
  growth: {
    octets: (count) =>
      streamOf(Array.from({ length: count }, () => ({ kind: 'esp', octets: new Uint8Array(40).fill(1) }))),
    clock: performance,
  },
});

describe('a stream that is none', () => {
  it.each([
    ['no-prefix', 'GET / HTTP/1.1', 'prefix'],
    ['no-prefix', 'IKETCQ', 'prefix'],
    ['bad-length', '\0\0', 'frames'],
    ['bad-length', '\0\x01', 'frames'],
    ['bad-length', '\0\x03\x01', 'frames'],
    ['bad-length', '\0\x06\x01\x02\x03\x04', 'frames'],
    ['bad-length', '\0\x06\0\0\0\0', 'frames'],
  ] as const)('has a fault, %s, and gives nothing more: %j', (fault, text, begins) => {
    const stream = concat(fromAscii(text), encodeTcpFrame('ike', fromHex('aabb')));
    for (const cuts of [[], [1], [1, 2, 3, 4, 5]]) {
      const decoder = new TcpFrameDecoder(begins);
      expect(decode(decoder, stream, cuts)).toEqual([]);
      expect(decoder.fault).toBe(fault);
      expect(decoder.push(encodeTcpFrame('ike', fromHex('aabb')))).toEqual([]);
    }
  });

  it('never throws, never gives what was not whole, and never keeps more than one message', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (pieces) => {
        const decoder = new TcpFrameDecoder('frames');
        let pushed = 0;
        let given = 0;
        for (const piece of pieces) {
          pushed += piece.length;
          for (const { octets } of decoder.push(piece)) given += octets.length + 2;
          expect(decoder.waitingOctets).toBeLessThan(65_536);
        }
        expect(given + decoder.waitingOctets).toBeLessThanOrEqual(pushed);
      }),
    );
  });
});
