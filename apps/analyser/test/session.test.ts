import { existsSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { PcapngWriter, readCapture } from '@espalier/capture';
import { toHex } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedFile, sharedUrl } from '../../../test/shared.ts';
import type { Field } from '../src/fields/field.ts';
import { SAMPLE_CAPTURE, SAMPLE_KEYS } from '../src/page/sample.generated.ts';
import { detailsOf } from '../src/worker/details.ts';
import { exported } from '../src/worker/exports.ts';
import { Session } from '../src/worker/session.ts';
import { Cancel, octetsAt } from '../src/worker/source.ts';
import { timelineOf } from '../src/worker/timeline.ts';
import { Unzipped } from '../src/worker/unzipped.ts';
import { opened } from './opened.ts';

const text = (octets: Uint8Array) => new TextDecoder().decode(octets);
const sample = Buffer.from(SAMPLE_CAPTURE, 'base64');
const sampleKeys = [{ name: 'sample', text: SAMPLE_KEYS }];
const sets = hasShared
  ? readdirSync(sharedUrl('captures/')).filter((name) => existsSync(sharedUrl(`captures/${name}/trace.pcap`)))
  : [];

/** Fields one behind the other, without a gap, each within what it is part of. */
function holes(fields: readonly Field[], from: number, to: number): readonly string[] {
  let at = from;
  const faults: string[] = [];
  for (const field of fields) {
    if (field.from !== at || field.to < field.from || field.to > to)
      faults.push(`${field.name} at ${field.from}, not ${at}`);
    at = field.to;
    if (field.fields !== undefined) faults.push(...holes(field.fields, field.from, field.to));
  }
  if (at !== to) faults.push(`nothing from ${at} to ${to}`);
  return faults;
}

async function faultsOf(session: Session): Promise<readonly string[]> {
  const faults: string[] = [];
  for (let row = 0; row < session.rows.length; row++) {
    for (const { name, octets, fields } of (await detailsOf(session, row)).buffers)
      faults.push(...holes(fields, 0, octets.length).map((fault) => `row ${row}, ${name}: ${fault}`));
  }
  return faults;
}

describe('a capture that gzip has compressed', () => {
  it('is read again where it is kept, and from its beginning where it is not', async () => {
    const whole = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) >> 4);
    const file = new Blob([gzipSync(whole)]);
    const unzipped = new Unzipped(2500);
    // The last would fit, and is behind one that does not.
    for (const [from, to] of [
      [0, 1000],
      [1000, 2400],
      [2400, 4000],
      [4000, 4050],
    ])
      unzipped.add(whole.subarray(from, to));
    expect([unzipped.slice(2300, 100)?.size, unzipped.slice(2300, 101)]).toEqual([100, undefined]);
    for (const [at, octets] of [
      [0, 10],
      [990, 20],
      [2300, 100],
      [2390, 20],
      [4000, 50],
      [4990, 10],
    ] as const)
      expect(await octetsAt(file, unzipped, at, octets)).toEqual(whole.slice(at, at + octets));
  });
});

describe('details', () => {
  it.each(sets)(
    'of capture set %s: fields are all octets of each buffer, and what is inside is what its peer saw',
    async (name) => {
      const keys = text(sharedFile(`captures/${name}/keys.json`));
      const session = await opened(sharedFile(`captures/${name}/trace.pcap`), [{ name, text: keys }]);
      expect(await faultsOf(session)).toEqual([]);
      const inner: string[] = [];
      for (let row = 0; row < session.rows.length; row++) {
        const inside = (await detailsOf(session, row)).buffers.find((buffer) => buffer.name === 'Inside');
        if (inside !== undefined) inner.push(toHex(inside.octets));
      }
      const { esp_packets }: { esp_packets: readonly { inner: string }[] } = JSON.parse(keys);
      expect(inner).toEqual(esp_packets.map((packet) => packet.inner));
    },
  );

  it.skipIf(!hasShared)('of the captures of others: likewise, fragments and what is cut off among them', async () => {
    const files = ['vectors/', 'faults/'].flatMap((folder) =>
      readdirSync(sharedUrl(folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(pcap|pcapng|cap|snoop)$/.test(file))
        .map((file) => folder + file),
    );
    expect(files.length).toBeGreaterThan(50);
    for (const file of files)
      expect({ file, faults: await faultsOf(await opened(sharedFile(file))) }).toEqual({ file, faults: [] });
  });

  it('at ports that are named, too', async () => {
    const [first] = readCapture(sample).frames;
    const moved = first?.octets.slice() ?? new Uint8Array(0);
    // Both ports of UDP, behind an IP header of 20 octets.
    moved.set([0x2a, 0xf8, 0x2a, 0xf8], 20);
    const writer = new PcapngWriter();
    const capture = Buffer.concat([writer.beginning(), writer.frame({ time: 1, octets: moved })]);
    expect((await opened(capture)).rows.length).toBe(0);
    const session = await opened(capture, [], [11_000]);
    expect(session.rows.row(0)).toMatchObject({ protocol: 'IKE', source: '10.1.15.1:11000' });
    expect(await faultsOf(session)).toEqual([]);
  });

  it('are never more or less than what is there, however a capture is damaged, and never an exception', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(sample.length - 1), fc.integer({ min: 1, max: 255 })), {
          minLength: 1,
          maxLength: 40,
        }),
        async (flips) => {
          const damaged = Uint8Array.from(sample);
          for (const [at, mask] of flips) damaged[at] = (damaged[at] ?? 0) ^ mask;
          expect(await faultsOf(await opened(damaged, sampleKeys))).toEqual([]);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('of a compressed capture are those of the capture', async () => {
    const [plain, compressed] = [await opened(sample, sampleKeys), await opened(gzipSync(sample), sampleKeys)];
    for (const row of [0, 20, plain.rows.length - 1]) {
      expect(await detailsOf(compressed, row)).toEqual(await detailsOf(plain, row));
    }
  });
});

describe('a query', async () => {
  const session = await opened(sample, sampleKeys);
  const found = (query: string) => {
    const rows = session.filter(query);
    return session.taken(0, rows).map((row) => session.rows.row(row));
  };
  const all = found('');

  it.each([
    ['kind:ike', (row) => row.protocol === 'IKE'],
    ['-kind:ike', (row) => row.protocol !== 'IKE'],
    ['is:bad', (row) => row.verdict === 'bad'],
    ['kind:esp is:ok', (row) => row.protocol === 'ESP' && row.verdict === 'ok'],
    ['frame:5-9', (row) => row.frame >= 5 && row.frame <= 9],
    ['frame:70-', (row) => row.frame >= 70],
    ['from:10.1.15.1', (row) => row.source.includes('10.1.15.1')],
    ['host:198.51.100.1', (row) => `${row.source} ${row.destination}`.includes('198.51.100.1')],
    ['"quick mode 2"', (row) => row.info.startsWith('Quick Mode 2')],
    ['repeats', (row) => row.verdictText.includes('repeats')],
    ['nothing-has-this', () => false],
    ['sa:x', () => false],
  ] satisfies readonly (readonly [string, (row: (typeof all)[number]) => boolean])[])(
    '%s takes what it says',
    (query, takes) => {
      expect(found(query)).toEqual(all.filter(takes));
    },
  );

  it('finds the packets of an SA by its number and by its SPI alike', () => {
    const [sa] = session.report.sas;
    const spi = sa?.spi.toString(16).padStart(8, '0') ?? '';
    expect(found('sa:0').length).toBe(sa?.packets);
    for (const query of [`spi:${spi}`, `spi:0x${spi}`, spi]) {
      expect(found(`${query} kind:esp`)).toEqual(found('sa:0'));
    }
  });

  it('takes any text without an exception, and what it takes with and without a minus is all', () => {
    fc.assert(
      fc.property(
        fc.string().filter((word) => /^[^\s"-]+$/.test(word)),
        (word) => {
          expect(found(word).length + found(`-${word}`).length).toBe(all.length);
        },
      ),
    );
  });
});

describe('the sample', async () => {
  const session = await opened(sample, sampleKeys);

  it('is read to its end and decrypted, but for what was damaged in it, and says what failed', () => {
    const { report } = session;
    expect(report.ikeSas.map(({ state }) => state)).toEqual(['established', 'established', 'established', 'failed']);
    expect(report.sas.map(({ packets, opened: open, icvBad }) => packets - open - icvBad)).toEqual([0, 0, 0, 0]);
    expect(report.sas.reduce((sum, { icvBad }) => sum + icvBad, 0)).toBe(1);
    expect(report.failures.length).toBe(1);
    expect(report.unread.map(({ kind }) => kind)).toEqual(['other']);
  });

  it('has a timeline with every message once, and everything else in runs', () => {
    const events = session.report.conversations.flatMap((_, index) => timelineOf(session, index).events);
    const { isakmp, esp } = session.report.observations;
    expect(events.filter(({ kind }) => kind === 'message').length).toBe(isakmp);
    const runs = events.flatMap((event) => (event.kind === 'run' ? [event.forward + event.backward] : []));
    expect(runs.reduce((sum, number) => sum + number)).toBe(esp);
  });

  it('is exported as a capture of what was inside', async () => {
    const blob = await exported(session, 'decrypted-pcapng', new Cancel(), () => {});
    const again = await opened(new Uint8Array(await blob.arrayBuffer()));
    expect(again.report.frames).toBe(session.report.sas.reduce((sum, sa) => sum + sa.opened, 0));
  });
});

it('stops where it is cancelled, and what was read stands', async () => {
  const cancel = new Cancel();
  const session = new Session({ file: new Blob([sample]), name: 'test.pcap', keys: sampleKeys, ports: [] });
  cancel.isCancelled = true;
  expect(await session.read(cancel, () => {})).toMatchObject({ end: 'cancelled', fault: undefined, rows: 0 });
});
