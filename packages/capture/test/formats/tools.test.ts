import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { concat, toHex } from '@espalier/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isThorough } from '../../../../test/support/thorough.ts';
import { CaptureReader, type Frame, Observer, readCapture } from '../../src/index.ts';
import { pcap } from '../support/files.ts';
import { ipv4, testSession } from '../support/session.ts';

/** Files that nobody here wrote: by the tools of Wireshark, and by tcpdump. */
const TOOLS = ['editcap', 'mergecap', 'text2pcap', 'tcpdump'];
const missing = TOOLS.filter((tool) => spawnSync(tool, ['--version']).status !== 0);
if (missing.length > 0) console.warn(`${missing.join(', ')} missing: files that they write are not read`);

const hasTshark = spawnSync('tshark', ['--version']).status === 0;

const FORMATS = /^ {4}(\S+) - /gm;
/** It tells of them as of a mistake, on one stream or the other. */
const told = missing.length > 0 ? [] : spawnSync('editcap', ['-F'], { encoding: 'utf8' }).output;
const formats = told.flatMap((text) => [...(text ?? '').matchAll(FORMATS)].map(([, name = '']) => name));
/** Read whole; all others are named. */
const READ = ['pcap', 'pcapng', 'nsecpcap', 'modpcap', 'snoop'];

const sent = testSession().sent.map(ipv4);
const ethernet = sent.map((packet) => concat(new Uint8Array(12), Uint8Array.of(8, 0), packet));
const source = pcap(ethernet.map((octets, i) => ({ octets, microseconds: 1_700_000_000_000_000 + i * 250_001 })));
const seen = (frames: readonly Pick<Frame, 'time' | 'octets'>[]) =>
  frames.map(({ time, octets }) => `${time.toFixed(6)} ${toHex(octets)}`);

describe.skipIf(missing.length > 0)('a file that was written by', () => {
  let folder = '';
  const at = (name: string) => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'espalier-tools-'));
    writeFileSync(at('in.pcap'), source);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(tool: string, ...args: readonly string[]): Uint8Array | undefined {
    const { status } = spawnSync(tool, args, { cwd: folder });
    return status === 0 ? readFileSync(at('out')) : undefined;
  }

  it('editcap has many formats', () => {
    expect(formats.length).toBeGreaterThan(20);
  });

  it.each(formats)('editcap -F %s is read, or named with what to do', (format) => {
    const file = run('editcap', '-F', format, 'in.pcap', 'out');
    // It has no form for Ethernet.
    if (file === undefined) return expect(READ).not.toContain(format);
    const { frames, fault } = readCapture(file);
    if (READ.includes(format)) {
      expect(fault).toBeUndefined();
      expect(seen(frames)).toEqual(seen(readCapture(source).frames));
    } else {
      expect(fault?.reason).toMatch(/^(this is .*|pcap of a patched tcpdump.*): convert it with editcap$|EyeSDN/);
      expect(frames.length).toBeLessThan(2);
    }
  });

  // Each start of tshark takes a second.
  it.skipIf(!isThorough || !hasTshark).each(READ)('editcap -F %s has the frames that tshark reads in it', (format) => {
    const { frames } = readCapture(run('editcap', '-F', format, 'in.pcap', 'out') ?? source);
    const fields = ['number', 'time_epoch', 'len', 'cap_len'].flatMap((name) => ['-e', `frame.${name}`]);
    const { stdout } = spawnSync('tshark', ['-r', at('out'), '-T', 'fields', ...fields], { encoding: 'utf8' });
    const theirs = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t').map(Number));
    expect(
      frames.map(({ number, time, originalOctets, octets }) => [number, time, originalOctets, octets.length]),
    ).toEqual(theirs);
  });

  it('editcap, with what it can do to frames: cut off, taken out, their times moved', () => {
    const cut = readCapture(run('editcap', '-s', '60', '-t', '3600', 'in.pcap', 'out') ?? source);
    expect(cut.frames.map(({ octets, originalOctets }) => [octets.length, originalOctets])).toEqual(
      ethernet.map(({ length }) => [60, length]),
    );
    expect(cut.frames[0]?.time).toBe(1_700_003_600);
    expect(readCapture(run('editcap', '-r', 'in.pcap', 'out', '2-4') ?? source).frames).toHaveLength(3);
    const noted = run('editcap', '-a', '2:a note', '--capture-comment', 'another', 'in.pcap', 'out') ?? source;
    expect(seen(readCapture(noted).frames)).toEqual(seen(readCapture(source).frames));
  });

  it('mergecap: several interfaces, of several link types, in the order of their times', () => {
    const halves = [0, 1].map((half) => ethernet.flatMap((_, i) => (i % 2 === half ? [i] : [])));
    halves.forEach((own, half) => {
      const frames = own.map((i) => ({ octets: (half === 0 ? ethernet : sent)[i] ?? source, microseconds: i * 1000 }));
      writeFileSync(at(`${half}.pcap`), pcap(frames, { linkType: half === 0 ? 1 : 101, nanoseconds: half === 1 }));
    });
    const { frames, fault } = readCapture(run('mergecap', '-w', 'out', '0.pcap', '1.pcap') ?? source);
    expect(fault).toBeUndefined();
    expect(frames.map(({ interfaceId, linkType, octets }) => [interfaceId, linkType, octets.length])).toEqual(
      sent.map(({ length }, i) => (i % 2 === 0 ? [0, 1, length + 14] : [1, 101, length])),
    );
    const observer = new Observer();
    for (const frame of frames) observer.push(frame);
    expect(observer.report().unread).toEqual([]);
  });

  it.each([
    ['-e', ['-e', '0x800'], 0],
    ['-i', ['-i', '17'], 20],
    ['-4 and -u', ['-4', '192.0.2.1,198.51.100.1', '-u', '500,500'], 28],
    ['-6 and -u', ['-6', '2001:db8::1,2001:db8::2', '-u', '500,500'], 28],
    ['-l', ['-l', '101'], 0],
    ['-F', ['-F', 'nsecpcap', '-e', '0x800'], 0],
  ])('text2pcap %s', (_, args, from) => {
    const ike = sent.filter((packet) => packet[9] === 17);
    const dump = ike.map((packet) => `0000 ${toHex(packet.subarray(from)).replaceAll(/../g, '$& ')}\n`).join('');
    writeFileSync(at('dump'), dump);
    const { frames, fault } = readCapture(run('text2pcap', ...args, 'dump', 'out') ?? source);
    const observer = new Observer();
    const names = frames.flatMap((frame) => observer.push(frame).map(({ kind }) => kind));
    expect([fault, names]).toEqual([undefined, ike.map(() => 'isakmp')]);
  });

  it.each([
    ['', []],
    ['unbuffered', ['-U']],
    ['in nanoseconds', ['--nano']],
    ['in files of their own', ['-C', '1']],
  ])('tcpdump -w, %s, of a capture', (_, args) => {
    const { frames } = readCapture(run('tcpdump', '-r', 'in.pcap', ...args, '-w', 'out') ?? source);
    expect(seen(frames)).toEqual(seen(readCapture(source).frames));
  });

  // It takes a second, and who is not root may not.
  it.skipIf(!isThorough || process.getuid?.() !== 0)('tcpdump --immediate-mode -U, as it goes on', async () => {
    const tcpdump = spawn('tcpdump', ['-i', 'lo', '--immediate-mode', '-U', '-w', '-', 'udp', 'port', '4500']);
    const reader = new CaptureReader();
    const frames: Frame[] = [];
    tcpdump.stdout.on('data', (chunk: Buffer) => frames.push(...reader.push(chunk)));
    const socket = createSocket('udp4');
    for (let i = 0; i < 40 && frames.length < 3; i++) {
      socket.send(Uint8Array.of(255), 4500, '127.0.0.1');
      await pause(50);
    }
    socket.close();
    tcpdump.kill();
    const observer = new Observer();
    expect(frames.flatMap((frame) => observer.push(frame))[0]).toMatchObject({ kind: 'keepalive' });
  });
});
