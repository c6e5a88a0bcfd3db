/// <reference path="./untyped.d.ts" />
import { EventEmitter } from 'node:events';
import { ipv4Packet } from '@espalier/testing/arbitraries';
import { type DecoderReport, examineDecoder } from '@espalier/testing/laws';
import { encodeIpv4 } from '@espalier/wire';
import * as ipPacket from 'ip-packet';
import PcapDecoder from 'pcap-decoder';
import { parse } from 'pcap-parser';
import { type Capture, type CapturedPacket, capture, captureOf, encodeCapture } from './capture.ts';

/** Asks each the same laws, with the same inputs again for the same seed. */
export function reports(seed: number): readonly DecoderReport[] {
  return [pcapParser(seed), pcapDecoder(seed), ipPackets(seed)];
}

const GROWTH = { octets: captureOf, clock: performance };

/** Events of a stream. Slices of the stream's chunks are handed out: views are asked of nothing. */
function pcapParser(seed: number): DecoderReport {
  return examineDecoder<Capture>({
    name: 'pcap-parser',
    values: capture,
    encode: encodeCapture,
    decode: (octets) => {
      const stream = Object.assign(new EventEmitter(), { pause: () => {}, resume: () => {} });
      let header: Omit<Capture, 'packets'> | undefined;
      let fault: Error | undefined;
      const packets: CapturedPacket[] = [];
      parse(stream)
        .on('globalHeader', (read) => {
          const { gmtOffset, timestampAccuracy, snapshotLength, linkLayerType, magicNumber } = read;
          header = {
            // It says that it reads no other.
            version: [2, 4],
            isLittleEndian: magicNumber === 0xa1b2_c3d4 && octets[0] === 0xd4,
            zone: gmtOffset,
            sigfigs: timestampAccuracy,
            snapLength: snapshotLength,
            link: linkLayerType,
          };
        })
        .on('packet', ({ header: { timestampSeconds, timestampMicroseconds, originalLength }, data }) => {
          packets.push({ seconds: timestampSeconds, fraction: timestampMicroseconds, originalLength, data });
        })
        .on('error', (error) => {
          fault = error;
        });
      stream.emit('data', bufferOf(octets));
      stream.emit('end');
      if (fault !== undefined) throw fault;
      if (header === undefined) throw new Error('no header was told of');
      return { ...header, packets };
    },
    errors: [Error],
    aliasing: 'views',
    prefixes: 'may-be-whole',
    growth: GROWTH,
    seed,
  });
}

/** Gives packets as it is fed; a capture may end behind any of them. */
function pcapDecoder(seed: number): DecoderReport {
  return examineDecoder<Capture>({
    name: 'pcap-decoder',
    values: capture,
    encode: encodeCapture,
    decode: (octets) => {
      const decoder = new PcapDecoder();
      const packets = [...decoder.decode(octets)].map(({ header: { ts_sec, ts_usec, orig_len }, body }) => ({
        seconds: ts_sec,
        fraction: ts_usec,
        originalLength: orig_len,
        data: body,
      }));
      if (decoder.header === undefined) throw new Error('no header was read');
      const { version_major, version_minor, little_endian, thiszone, sigfigs, snaplen, network } = decoder.header;
      return {
        version: [version_major, version_minor],
        isLittleEndian: little_endian,
        zone: thiszone,
        sigfigs,
        snapLength: snaplen,
        link: network,
        packets,
      };
    },
    errors: [Error],
    prefixes: 'may-be-whole',
    growth: GROWTH,
    seed,
  });
}

/** Packets without options, which it says that it does not read. */
function ipPackets(seed: number): DecoderReport {
  return examineDecoder<ipPacket.Packet>({
    name: 'ip-packet',
    valid: ipv4Packet.map((packet) => encodeIpv4({ ...packet, options: new Uint8Array(0) })),
    decode: (octets) => ipPacket.decode({ buffer: bufferOf(octets), start: 0, end: octets.length }),
    encode: (packet) => {
      const state = { buffer: Buffer.alloc(0), start: 0, end: 0 };
      ipPacket.preencode(state, packet);
      state.buffer = Buffer.alloc(state.end);
      ipPacket.encode(state, packet);
      return state.buffer;
    },
    errors: [Error],
    aliasing: 'views',
    seed,
  });
}

/** Both want a Buffer: a view of the same octets. */
function bufferOf(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}
