// Large captures, made and read and not kept: how fast, and in how much memory.
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { CaptureReader, framesOf, Observer, PcapngWriter, readKeys } from '../packages/capture/dist/index.js';
import { espSuite } from '../packages/crypto/dist/index.js';
import { autoEngine } from '../packages/crypto/dist/node/index.js';
import { OutboundSa } from '../packages/esp/dist/index.js';
import { encodeIpv4, instant, PROTOCOL, parseAddress, spi } from '../packages/wire/dist/index.js';
import { told, wholeNumber } from './words.mjs';

const USAGE = `npm run captures [-- OPTIONS]: makes a large capture of ESP, reads it in several ways, and removes it

  --megabytes N   as large as that (default 2000), and a tenth of it beside, to compare
  --write-docs    writes docs/measured/captures.md
  --help
`;

const { values } = told(USAGE, {
  options: {
    megabytes: { type: 'string', default: '2000' },
    'write-docs': { type: 'boolean', default: false },
    /** This process again, for each way: its memory is its own. */
    read: { type: 'string' },
    way: { type: 'string', default: 'frames' },
  },
});

const suite = espSuite('aes-128-gcm-16');
const KEYS = { encryption: new Uint8Array(16).fill(7), salt: new Uint8Array(4).fill(9), integrity: new Uint8Array(0) };
const TABLE = `"IPv4","*","*","0x1000","AES-GCM with 16 octet ICV [RFC4106]","0x${'07'.repeat(16)}${'09'.repeat(4)}","NULL",""`;
const WAYS = [
  ['frames', 'its frames alone'],
  ['observer', 'observed, without keys'],
  ['keys', 'observed, every packet opened'],
  ['gzip', 'compressed by gzip, observed, without keys'],
];
const HEAD = '| read | MB | frames | seconds | MB a second | frames a second | most memory, MiB |';
const PAGE = fileURLToPath(new URL('../docs/measured/captures.md', import.meta.url));

if (values.read === undefined) await measure(wholeNumber(USAGE, '--megabytes', values.megabytes, 10));
else console.log(JSON.stringify(await read(values.read, values.way)));

async function measure(megabytes) {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-captures-'));
  try {
    const rows = [];
    for (const size of [Math.round(megabytes / 10), megabytes]) {
      const file = join(folder, `${size}.pcapng`);
      await pipeline(Readable.from(capture(size * 1e6)), createWriteStream(file));
      await pipeline(createReadStream(file), createGzip({ level: 1 }), createWriteStream(`${file}.gz`));
      for (const [way, what] of WAYS) rows.push(row(what, size, readIn(`${file}${way === 'gzip' ? '.gz' : ''}`, way)));
      rmSync(file);
      rmSync(`${file}.gz`);
    }
    const table = [HEAD, HEAD.replaceAll(/[^|]+/g, '--:').replace('--:', '---'), ...rows].join('\n');
    console.log(table);
    if (values['write-docs']) writePage(megabytes, table);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function row(what, size, { frames, seconds, memory }) {
  const number = (value) => Math.round(value).toLocaleString('en-US');
  const cells = [what, number(size), number(frames), seconds.toFixed(1), number(size / seconds)];
  return `| ${[...cells, number(frames / seconds), number(memory)].join(' | ')} |`;
}

/** Frames of 1,462 octets, each with a packet of 1,400 in ESP, in blocks of 256. */
async function* capture(octets) {
  const { engine } = autoEngine();
  const sa = new OutboundSa({ engine, suite, spi: spi(0x1000), keys: KEYS, rng: { fill: (out) => out.fill(1) } });
  const ends = { source: parseAddress('192.0.2.1'), destination: parseAddress('192.0.2.2') };
  const insides = { source: parseAddress('10.1.0.1'), destination: parseAddress('10.2.0.1') };
  const inner = encodeIpv4({ ...insides, protocol: PROTOCOL.udp, payload: new Uint8Array(1380) });
  const room = new Uint8Array(sa.sealedOctets(inner.length));
  const writer = new PcapngWriter();
  yield writer.beginning();
  for (let written = 0, i = 0; written < octets; ) {
    const frames = [];
    for (let n = 0; n < 256; n++, i++) {
      const { octets: sealed } = sa.sealInto(instant(0), inner, room);
      const packet = encodeIpv4({ ...ends, protocol: PROTOCOL.esp, payload: sealed });
      frames.push(writer.frame({ time: 1.7e9 + i / 10_000, octets: packet }));
    }
    const block = Buffer.concat(frames);
    written += block.length;
    yield block;
  }
}

function readIn(file, way) {
  const args = [fileURLToPath(import.meta.url), '--read', file, '--way', way];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

async function read(file, way) {
  const keys = readKeys(way === 'keys' ? [{ name: 'esp_sa', text: TABLE }] : []);
  const observer = way === 'frames' ? undefined : new Observer({ keys, engine: autoEngine().engine });
  const reader = new CaptureReader();
  const began = performance.now();
  for await (const frames of framesOf(createReadStream(file, { highWaterMark: 1 << 20 }), reader)) {
    if (observer !== undefined) for (const frame of frames) observer.push(frame);
  }
  const seconds = (performance.now() - began) / 1000;
  if (reader.fault !== undefined) throw new Error(reader.fault.reason);
  const [sa] = observer?.report().sas ?? [];
  if (way === 'keys' && sa?.opened !== reader.frames) throw new Error(`${sa?.opened} of ${reader.frames} were opened`);
  return { frames: reader.frames, seconds, memory: process.resourceUsage().maxRSS / 1024 };
}

function writePage(megabytes, table) {
  const [before] = readFileSync(PAGE, 'utf8').split('## As run');
  const model = cpus()[0]?.model.trim() || 'a processor without a name';
  const machine = `${model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  const command = `npm run captures -- --megabytes ${megabytes} --write-docs`;
  writeFileSync(PAGE, `${before}## As run\n\nWritten by \`${command}\` on ${machine}.\n\n${table}\n`);
  console.log('docs/measured/captures.md is written');
}
