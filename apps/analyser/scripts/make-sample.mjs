// Makes the sample that the page has inside, src/page/sample.generated.ts, from sessions of our own on virtual time:
//
//     npm run build && node apps/analyser/scripts/make-sample.mjs
//
// Nothing in it was captured: the beginning of the example of four routers, its first renewal, a session with algorithms
// of today, one whose keys differ; and a few frames that go wrong on their way.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Observer, PcapngWriter, readCapture, readKeys } from '@espalier/capture';
import { nobleEngine } from '@espalier/crypto';
import { OutboundSa } from '@espalier/esp';
import { captureOf, PLAIN_SESSION, play } from '@espalier/testing/sessions';
import {
  encodeIcmp,
  encodeIpv4,
  encodeUdp,
  fromAscii,
  fromHex,
  instant,
  PROTOCOL,
  parseAddress,
  spi,
} from '@espalier/wire';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const START = Date.UTC(2026, 0, 5, 9, 30) / 1000;

const routers = fourRouters();
const today = session({
  ...{ ...PLAIN_SESSION, seed: 3, encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 19 },
  ...{ suite: 'aes-256-gcm-16', pfsGroup: 19, natTraversal: 'force' },
});
const parts = [
  { frames: routers.begin, after: 0 },
  { frames: routers.renewal, after: 3 },
  { ...today, frames: [...today.frames, ...traffic(today)], after: 5 },
  { ...session({ ...PLAIN_SESSION, seed: 4, isStranger: true }), after: 5 },
];

const writer = new PcapngWriter();
const blocks = [writer.beginning()];
let time = START;
for (const { frames, after } of parts) {
  time += after;
  const base = frames[0].time;
  for (const frame of frames) blocks.push(writer.frame({ time: time + frame.time - base, octets: frame.octets }));
  time += frames.at(-1).time - base;
}
const capture = Buffer.concat(blocks).toString('base64');
const keys = [routers.keys, ...parts.flatMap(({ keys }) => keys ?? [])].join('');
writeFileSync(
  new URL('../src/page/sample.generated.ts', import.meta.url),
  `// Written by scripts/make-sample.mjs.\nexport const SAMPLE_CAPTURE =\n  '${capture}';\n\nexport const SAMPLE_KEYS = ${JSON.stringify(keys)};\n`,
);
console.log(`${Buffer.concat(blocks).length} octets of capture, ${keys.length} of keys`);

function session(specification) {
  const { pcap, ikev1DecryptionTable, espSa } = captureOf(play(specification).session);
  return { frames: readCapture(pcap).frames, keys: [ikev1DecryptionTable, espSa] };
}

/** What the link between R2 and R3 carries at first, and when IKE is renewed for the first time; with what goes wrong. */
function fourRouters() {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-sample-'));
  const file = join(folder, 'routers.pcap');
  const program = join(root, 'examples/dist/four-routers.js');
  spawnSync(process.execPath, [program, '--seed', '7', '--trace', file, '--keylog', join(folder, 'keys')]);
  const { frames } = readCapture(readFileSync(file));
  const table = readFileSync(join(folder, 'keys.ikev1_decryption_table'), 'utf8').split('\n');
  const esp = readFileSync(join(folder, 'keys.esp_sa'), 'utf8').split('\n');
  rmSync(folder, { recursive: true });

  const observer = new Observer();
  const ike = frames.filter((frame) => observer.push(frame).some(({ kind }) => kind === 'isakmp'));
  const begin = frames.slice(0, 13);
  const pings = frames.slice(365, 396);
  // A message that is sent again; one packet that somebody plays again, one that is damaged on its way.
  const repeated = { ...begin[1], time: begin[1].time + 0.00005 };
  const damaged = pings[12].octets.slice();
  damaged[damaged.length - 20] ^= 1;
  pings.splice(20, 0, { ...pings[8], time: pings[19].time });
  pings.splice(12, 1, { ...pings[12], octets: damaged });
  const dns = plain(
    '10.1.15.1',
    '10.1.15.2',
    53_053,
    53,
    fromHex('2a2a010000010000000000000765787061327465036e65740000010001'),
  );
  const first = ike.findIndex(({ time }) => time - frames[0].time > 600);
  return {
    begin: [begin[0], begin[1], repeated, ...begin.slice(2), { time: begin.at(-1).time, octets: dns }, ...pings],
    renewal: ike.slice(first, first + 7),
    keys: [...table.slice(0, 2), ...esp.slice(0, 2), ''].join('\n'),
  };
}

/** Pings, a name that is looked up and a connection, through the SAs that the session has made, in UDP as behind a NAT. */
function traffic({ frames, keys }) {
  const { esp } = readKeys(keys.map((text, i) => ({ name: `keys ${i}`, text })));
  const [there, back] = ['192.0.2.1', '198.51.100.1'].map((source) => esp.find((sa) => sa.source === source));
  const [out, home] = [there, back].map(({ spi: number, suites: [{ suite, keys }] }) => {
    return new OutboundSa({ engine: nobleEngine(), suite, spi: spi(number), keys, rng: counting() });
  });
  const inner = [
    ...[1, 2, 3].flatMap((sequence) => [
      [out, icmp('10.1.0.5', '10.2.0.9', 8, sequence)],
      [home, icmp('10.2.0.9', '10.1.0.5', 0, sequence)],
    ]),
    [
      out,
      plain('10.1.0.5', '10.2.0.53', 40_404, 53, fromHex('12340100000100000000000003657370066578616d706c650000010001')),
    ],
    [
      home,
      plain('10.2.0.53', '10.1.0.5', 53, 40_404, fromHex('12348183000100000000000003657370066578616d706c650000010001')),
    ],
  ];
  const start = frames.at(-1).time;
  return inner.map(([sa, packet], i) => {
    const sealed = sa.sealInto(instant(0), packet, new Uint8Array(sa.sealedOctets(packet.length)));
    if (!sealed.ok) throw new Error(sealed.reason);
    const [source, destination] = sa === out ? ['192.0.2.1', '198.51.100.1'] : ['198.51.100.1', '192.0.2.1'];
    return {
      time: start + 0.2 + i * 0.015,
      octets: plain(source, destination, 4500, 4500, sealed.octets.slice(0, sealed.length)),
    };
  });
}

function plain(source, destination, sourcePort, destinationPort, payload) {
  const between = { source: parseAddress(source), destination: parseAddress(destination) };
  const udp = encodeUdp({ sourcePort, destinationPort, payload }, between);
  return encodeIpv4({ ...between, protocol: PROTOCOL.udp, ttl: 64, payload: udp });
}

function icmp(source, destination, type, sequence) {
  const payload = encodeIcmp({
    kind: type === 8 ? 'echo-request' : 'echo-reply',
    identifier: 77,
    sequence,
    data: fromAscii('abcdefghijklmnopqrstuvwabcdefghi'),
  });
  return encodeIpv4({
    source: parseAddress(source),
    destination: parseAddress(destination),
    protocol: PROTOCOL.icmp,
    ttl: 64,
    payload,
  });
}

/** No randomness is asked of a sample, and the same one should come out each time. */
function counting() {
  let next = 1;
  return {
    fill: (octets) =>
      octets.forEach((_, i) => {
        octets[i] = next++ * 167;
      }),
  };
}
