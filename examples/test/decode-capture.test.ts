import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { readCapture } from '@espalier/capture';
import { nobleEngine } from '@espalier/crypto';
import { OutboundSa } from '@espalier/esp';
import { captureOf, PLAIN_SESSION, play } from '@espalier/testing/sessions';
import { pcapOf } from '@espalier/testing/wireshark';
import { concat, encodeIpv4, instant, PROTOCOL, parseAddress } from '@espalier/wire';
import { afterAll, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../dist/decode-capture.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'espalier-decode-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { session } = play(PLAIN_SESSION);
const { pcap, ikev1DecryptionTable, espSa } = captureOf(session);
const inner = encodeIpv4({
  source: parseAddress('10.1.0.1'),
  destination: parseAddress('10.2.0.1'),
  protocol: PROTOCOL.udp,
  payload: new Uint8Array(30),
});
const whole = concat(pcap, espFrame());
const path = (name: string, content: Uint8Array | string) => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};
const keys = ['--keys', path('ike', ikev1DecryptionTable), '--keys', path('esp', espSa)];
const run = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { status, lines: stdout.split('\n').filter((line) => line !== ''), stderr };
};

/** A packet through the tunnel, as a record of the same file. */
function espFrame(): Uint8Array {
  const [entry] = session.ends.left.keys?.children ?? [];
  if (entry?.kind !== 'esp') return expect.unreachable();
  const { suite, spi, source, destination } = entry;
  const sa = new OutboundSa({
    engine: nobleEngine(),
    suite,
    keys: entry.keys,
    spi,
    rng: { fill: (out) => out.fill(1) },
  });
  const sealed = sa.sealInto(instant(0), inner, new Uint8Array(sa.sealedOctets(inner.length)));
  if (!sealed.ok) return expect.unreachable(sealed.reason);
  const ends = { source: parseAddress(source), destination: parseAddress(destination) };
  const packet = encodeIpv4({ ...ends, protocol: PROTOCOL.esp, payload: sealed.octets });
  return pcapOf([{ at: instant(2_000_000), packet }]).subarray(24);
}

describe('decode-capture', () => {
  it('prints what is in a capture, compressed or not, and ends well', () => {
    for (const file of [path('a.pcap', whole), path('a.pcap.gz', gzipSync(whole))]) {
      const { status, lines, stderr } = run(file, ...keys);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(lines.filter((line) => line.includes('(decrypted')).length).toBe(5);
      expect(lines.at(-1)).toContain('icv ok, replay: new; 10.1.0.1 > 10.2.0.1 udp');
    }
  });

  it('prints JSON, a report as the last line', () => {
    const { lines } = run(path('b.pcap', whole), ...keys, '--json', '--report');
    const objects = lines.map((line) => JSON.parse(line));
    expect(objects.slice(0, -1).map(({ frame }) => frame)).toEqual(objects.slice(0, -1).map((_, i) => i + 1));
    expect(objects.at(-1)).toMatchObject({ kind: 'report', sas: [{ suite: 'aes-128-cbc/hmac-sha1-96' }, {}] });
  });

  it('writes what it has decrypted as a capture of plain IP', () => {
    const out = join(folder, 'plain.pcapng');
    run(path('c.pcap', whole), ...keys, '--write', out);
    expect(readCapture(new Uint8Array(readFileSync(out))).frames).toMatchObject([{ linkType: 101, octets: inner }]);
  });

  it('ends with 2 where that cannot be written, and says why', () => {
    const { status, stderr } = run(path('w.pcap', whole), ...keys, '--write', join(folder, 'nowhere', 'plain.pcapng'));
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/^ENOENT: no such file/) });
  });

  it('prints what could be read of a damaged file, where the damage is, and ends with 1', () => {
    const { status, lines, stderr } = run(path('d.pcap', whole.subarray(0, whole.length - 5)), ...keys);
    expect({ status, count: lines.filter((line) => /ISAKMP/.test(line)).length }).toEqual({ status: 1, count: 9 });
    expect(stderr).toMatch(/reading stopped after 9 frames, at octet \d+: a record is cut off/);
  });

  it('ends with 1 where it could look at nothing, and says why', () => {
    const wifi = whole.slice();
    wifi[20] = 105;
    const { status, stderr } = run(path('e.pcap', wifi));
    expect(status).toBe(1);
    expect(stderr).toContain('10 frames');
    expect(stderr).toContain('link type 105 (IEEE 802.11)');
  });

  it.each([
    [[], 'one capture is needed'],
    [['a', 'b'], 'one capture is needed'],
    [['nowhere.pcap'], 'no such file'],
    [['a', '--port', '70000'], '--port 70000: not a port'],
    [['a', '--keys', 'nowhere'], 'no such file'],
    [['a', '--what'], '--what'],
  ])('ends with 2, and how it is used, after %j', (args, message) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('Usage: ');
  });

  it('says how it is used when it is asked', () => {
    expect(run('--help')).toMatchObject({ status: 0, stderr: '' });
  });
});
