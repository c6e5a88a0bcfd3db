import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { espSuite } from '@espalier/crypto';
import { espLine, pcapOf } from '@espalier/testing/wireshark';
import { formatAddress, instant, ip, readU16 } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedFile, sharedUrl } from '../../../test/shared.ts';
import { isThorough } from '../../../test/support/thorough.ts';
import { type Observation, Observer, readCapture, readKeys } from '../src/index.ts';
import { bundleSession } from './support/bundles.ts';
import { observed } from './support/session.ts';

const hasTshark = spawnSync('tshark', ['--version']).status === 0;
if (!hasTshark) console.warn('tshark is missing: it is not asked what it reads in captures');

const text = (octets: Uint8Array) => new TextDecoder().decode(octets);
const all = hasShared
  ? readdirSync(sharedUrl('captures/')).filter((name) => existsSync(sharedUrl(`captures/${name}/trace.pcap`)))
  : [];
/** Of a key that does not fit tshark shows what is in the header, and of messages that come again nothing. */
const OTHER_PAYLOADS = ['fail-psk'];
/** Each start of tshark takes a second. */
const USUAL = ['main-psk-3des-sha1-modp1024', 'esp-aes128gcm16', 'nat', 'ikev2-esp-chacha20poly1305'];
const sets = isThorough ? all : all.filter((name) => USUAL.includes(name));

const FIELDS = [
  'frame.number',
  'isakmp.exchangetype',
  'isakmp.typepayload',
  'esp.spi',
  'esp.sequence',
  'ip.src',
  'ipv6.src',
];

/** A frame: exchange and payloads of messages, SPI and number of ESP, and whose the inner packet is. */
type Line = readonly [frame: string, exchange: string, payloads: string, spi: string, sequence: string, inner: string];

/** Wireshark has proposals and transforms among the payloads, and of IKE's fragments what they make together. */
const isPayload = (type: string) => !['2', '3', ''].includes(type);

/** Fields of each frame that the filter takes, as tshark reads a file with these tables. */
function tsharkOn(
  file: string | Uint8Array,
  tables: Readonly<Record<string, string>>,
  filter: readonly string[],
  names: readonly string[],
): readonly (readonly string[])[] {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-tshark-'));
  try {
    for (const [name, content] of Object.entries(tables)) writeFileSync(join(folder, name), content);
    const path = typeof file === 'string' ? file : join(folder, 'trace.pcap');
    if (typeof file !== 'string') writeFileSync(path, file);
    const preferences = ['esp.enable_encryption_decode', 'esp.enable_authentication_check'].flatMap((name) => [
      '-o',
      `${name}:TRUE`,
    ]);
    const fields = names.flatMap((field) => ['-e', field]);
    const { stdout } = spawnSync('tshark', ['-r', path, ...preferences, ...filter, '-T', 'fields', ...fields], {
      encoding: 'utf8',
      env: { ...process.env, WIRESHARK_CONFIG_DIR: folder },
    });
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readByTshark(file: string, tables: Readonly<Record<string, string>>): readonly Line[] {
  return tsharkOn(file, tables, [], FIELDS).map(
    ([frame = '', exchange = '', payloads = '', spi = '', sequence = '', four = '', six = '']) => {
      const addresses = [...four.split(','), ...six.split(',')].filter((address) => address !== '');
      // An inner packet of the other family is the one address of its own.
      const inner =
        spi === '' || addresses.length < 2
          ? ''
          : four.includes(',')
            ? (four.split(',').at(-1) ?? '')
            : six.includes(',')
              ? (six.split(',').at(-1) ?? '')
              : innerOfTwo(four, six, addresses);
      return [
        frame,
        exchange.split(',')[0] ?? '',
        payloads.split(',').filter(isPayload).join(),
        spi.toLowerCase(),
        sequence,
        inner,
      ] as const;
    },
  );
}

/** One of each family: the outer one is the gateways'. */
function innerOfTwo(four: string, six: string, addresses: readonly string[]): string {
  return addresses.length === 2 ? (six.startsWith('fd15') || six.startsWith('2001:db8:15') ? four : six) : '';
}

function lineOf(frame: number, observations: readonly Observation[]): Line {
  const own = observations.filter((one) => one.frame === frame);
  const messages = own.filter((one) => one.kind === 'isakmp');
  const [message] = messages;
  const esp = own.find((one) => one.kind === 'esp');
  const inner = esp?.inner === undefined ? '' : formatAddress(ip.sourceOctets(esp.inner, 0));
  return [
    String(frame),
    message?.header === undefined ? '' : String(message.header.exchangeType),
    messages
      .flatMap(({ payloads }) => payloads.map(({ type }) => String(type)))
      .filter(isPayload)
      .join(),
    esp === undefined ? '' : `0x${esp.spi.toString(16).padStart(8, '0')}`,
    esp === undefined ? '' : String(esp.sequence),
    inner,
  ];
}

describe.skipIf(!hasTshark || !hasShared)('what tshark reads', () => {
  it.each(sets)('in capture set %s is what the observer reads: the same packets, decrypted alike', (name) => {
    const notes = [
      ...text(sharedFile(`captures/${name}/NOTES`)).matchAll(/uat:(ikev1_decryption_table|esp_sa):(.*)'/g),
    ];
    const table = (wanted: string) =>
      notes.flatMap(([, kind, line = '']) => (kind === wanted ? [`${line}\n`] : [])).join('');
    const tables = { ikev1_decryption_table: table('ikev1_decryption_table'), esp_sa: table('esp_sa') };
    const keys = readKeys(Object.entries(tables).map(([file, content]) => ({ name: file, text: content })));
    const observer = new Observer({ keys });
    const { frames } = readCapture(sharedFile(`captures/${name}/trace.pcap`));
    const observations = frames.flatMap((frame) => observer.push(frame));
    const ours = frames.map(({ number }) => lineOf(number, observations));
    const compared = (lines: readonly Line[]) =>
      OTHER_PAYLOADS.includes(name) ? lines.map((line) => line.with(2, '')) : lines;
    const theirs = readByTshark(fileURLToPath(sharedUrl(`captures/${name}/trace.pcap`)), tables);
    expect(compared(ours)).toEqual(compared(theirs));
  });

  it.skipIf(!isThorough).each(['tunnel', 'transport'] as const)(
    'of IPComp in ESP, in %s mode, is what the observer reads',
    (mode) => {
      const bundle = { ipcomp: 'deflate', esp: [espSuite('aes-128-cbc/hmac-sha1-96')] } as const;
      const { frames, log } = bundleSession(bundle, mode, 4);
      const esp_sa = log.flatMap((entry) => (entry.kind === 'esp' ? [`${espLine(entry)}\n`] : [])).join('');
      const { observations } = observed(frames, { keys: readKeys([{ name: 'esp_sa', text: esp_sa }]) });
      const ours = observations.flatMap((one) =>
        one.kind === 'esp' && one.inner !== undefined
          ? [[one.frame, one.cpi ?? '', readU16(one.inner, (mode === 'tunnel' ? 20 : 0) + 4)].join()]
          : [],
      );
      const file = pcapOf(frames.map((packet, i) => ({ at: instant(i), packet })));
      const theirs = tsharkOn(file, { esp_sa }, ['-Y', 'esp'], ['frame.number', 'ipcomp.cpi', 'udp.length']);
      expect(ours).toEqual(theirs.map(([frame, cpi = '', length]) => [frame, cpi && Number(cpi), length].join()));
      expect(ours).toHaveLength(3);
    },
  );

  /** Files of others; where they differ, and why. */
  const DIFFERENT: Readonly<Record<string, string>> = {
    'vectors/malformed/tcpdump/esp_truncated.pcap': 'less than a header of ESP: here told of likewise',
    'vectors/malformed/tcpdump/isakmp-pointer-loop.pcap': 'a length of 0: here told of as what is no ISAKMP',
    'vectors/malformed/zeek/ipsec-ikev1-zero-length.pcap': 'likewise',
    'faults/cases/20-truncated-by-snaplen/snap68.pcap': 'less than a header of ISAKMP: here told of likewise',
    'faults/cases/26-octets-around-the-message/marker-on-500.pcap': 'phase 1 behind a marker',
    'faults/cases/30-file-forms/unknown-blocks.pcapng': 'a custom block counts as a frame there',
  };
  const files = hasShared
    ? ['vectors/pcap/', 'vectors/malformed/', 'faults/cases/'].flatMap((folder) =>
        readdirSync(sharedUrl(folder), { recursive: true, encoding: 'utf8' })
          .filter((file) => /\.pcap(ng)?$/.test(file))
          .map((file) => `${folder}${file}`),
      )
    : [];
  const looked = isThorough ? files : files.filter((_, i) => i % 32 === 0);
  it.each(looked)('in %s holds IKE or ESP in the same frames', (file) => {
    const observer = new Observer();
    const { frames } = readCapture(sharedFile(file));
    const ours = frames.filter((frame) => observer.push(frame).some(({ kind }) => kind === 'isakmp' || kind === 'esp'));
    const filter = ['-Y', 'isakmp || esp', '-T', 'fields', '-e', 'frame.number'];
    const { stdout } = spawnSync('tshark', ['-r', fileURLToPath(sharedUrl(file)), ...filter], { encoding: 'utf8' });
    const theirs = stdout.split('\n').filter((line) => line !== '');
    if (DIFFERENT[file] === undefined) expect(ours.map(({ number }) => String(number))).toEqual(theirs);
  });
});
