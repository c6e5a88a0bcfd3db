import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCapture } from '@espalier/capture';
import { instant } from '@espalier/wire';
import { afterAll, expect, it } from 'vitest';
import { PcapWriter } from '../src/routers/pcap.ts';

const folder = mkdtempSync(join(tmpdir(), 'espalier-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('a trace holds every packet with the microsecond at which it was sent', () => {
  const file = join(folder, 'trace.pcap');
  const packets = Array.from({ length: 300 }, (_, index) => new Uint8Array(index * 5).fill(index));
  const trace = new PcapWriter(file);
  for (const [index, packet] of packets.entries()) trace.add(instant(index * 1000 + 999.9996), packet);
  trace.close();
  const { frames, fault } = readCapture(new Uint8Array(readFileSync(file)));
  expect(fault).toBeUndefined();
  expect(frames.map(({ octets }) => octets)).toEqual(packets);
  expect(frames.map(({ time }) => Math.round(time * 1e6))).toEqual(packets.map((_, index) => (index + 1) * 1e6));
  expect(new Set(frames.map(({ linkType }) => linkType))).toEqual(new Set([101]));
});

it('a packet may be changed once the trace has it', () => {
  const file = join(folder, 'changed.pcap');
  const packet = Uint8Array.of(1, 2, 3);
  const trace = new PcapWriter(file);
  trace.add(instant(0), packet);
  packet.fill(0);
  trace.close();
  expect(readCapture(new Uint8Array(readFileSync(file))).frames[0]?.octets).toEqual(Uint8Array.of(1, 2, 3));
});
