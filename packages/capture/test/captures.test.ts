import { existsSync, readdirSync } from 'node:fs';
import { nobleEngine } from '@espalier/crypto';
import { encodeIpv4, encodeUdp, fromHex, PROTOCOL, parseAddress, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedFile, sharedUrl } from '../../../test/shared.ts';
import { readCapture } from '../src/formats/reader.ts';
import { type KeyRing, readKeys } from '../src/keys/keys.ts';
import { Decoder, type Observation } from '../src/observer/decoder.ts';
import { PacketFinder } from '../src/packets/finder.ts';
import { toJson, toText } from '../src/text/print.ts';

interface SessionKeys {
  readonly esp_packets: readonly { frame: number; spi: string; seq: number; inner?: string }[];
  readonly ike_messages: readonly { frame: number; plaintext?: string }[];
}

const text = (octets: Uint8Array) => new TextDecoder().decode(octets);
const sets = hasShared
  ? readdirSync(sharedUrl('captures/')).filter((name) => existsSync(sharedUrl(`captures/${name}/trace.pcap`)))
  : [];

describe.each(sets)('capture set %s', (name) => {
  const keyText = text(sharedFile(`captures/${name}/keys.json`));
  const expected: SessionKeys = JSON.parse(keyText);
  const observations = decode(sharedFile(`captures/${name}/trace.pcap`), readKeys([{ name, text: keyText }]));

  it('opens every ESP packet, to the octets that its peer saw', () => {
    const opened = observations.filter((observation) => observation.kind === 'esp');
    expect(opened.length).toBe(expected.esp_packets.length);
    for (const [index, packet] of expected.esp_packets.entries()) {
      const observation = opened[index];
      expect(observation).toMatchObject({ sequence: packet.seq, frame: { number: packet.frame } });
      expect({ icv: observation?.icv, inner: observation?.inner && toHex(observation.inner) }).toEqual({
        icv: 'ok',
        inner: packet.inner,
      });
    }
  });

  it('decrypts every encrypted message with a correct hash where one is sent', () => {
    const messages = observations.filter((observation) => observation.kind === 'isakmp');
    const encrypted = messages.filter((message) => message.encrypted);
    const frames = expected.ike_messages.filter(({ plaintext }) => plaintext !== undefined).map(({ frame }) => frame);
    // A peer with another pre-shared key encrypts what the recorded keys cannot open: it must not be shown.
    expect(encrypted.filter((message) => message.decrypted).map(({ frame }) => frame.number)).toEqual(frames);
    expect(encrypted.filter((message) => !message.decrypted && message.payloads.length > 0)).toEqual([]);
    const phase2 = encrypted.filter((message) => message.decrypted && message.header?.messageId !== 0);
    expect(phase2.filter((message) => message.hash !== 'ok')).toEqual([]);
  });

  it('tells each observation as text and as JSON', () => {
    for (const observation of observations) {
      expect(toText(observation)).toContain(observation.source);
      expect(JSON.parse(toJson(observation))).toMatchObject({
        frame: observation.frame.number,
        kind: observation.kind,
      });
    }
  });
});

describe.skipIf(!hasShared)('what is damaged or missing', () => {
  const name = 'main-psk-3des-sha1-modp1024';
  const trace = hasShared ? sharedFile(`captures/${name}/trace.pcap`) : new Uint8Array(0);
  const keyText = hasShared ? text(sharedFile(`captures/${name}/keys.json`)) : '{}';
  const keys = readKeys([{ name, text: keyText }]);

  it('reads every proper prefix of a capture up to the damage, and says where that is', () => {
    fc.assert(
      fc.property(fc.nat(trace.length - 1), (length) => {
        const { frames, reason } = readCapture(trace.subarray(0, length));
        const whole = readCapture(trace).frames.slice(0, frames.length);
        expect(frames.map((frame) => frame.octets)).toEqual(whole.map((frame) => frame.octets));
        if (reason === undefined) expect(frames.at(-1)?.octets.byteOffset ?? 24).toBeLessThanOrEqual(length);
      }),
      { numRuns: 50 },
    );
  });

  it('never throws for corrupted octets, and never shows what its ICV or hash does not vouch for', () => {
    const genuine = new Set(decode(trace, keys).flatMap((o) => (o.kind === 'esp' && o.inner ? [toHex(o.inner)] : [])));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(trace.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 20 }),
        (flips) => {
          const damaged = trace.slice();
          for (const [at, mask] of flips) damaged[at] = (damaged[at] ?? 0) ^ mask;
          for (const observation of decode(damaged, keys)) {
            if (observation.kind === 'esp' && observation.inner) expect(genuine).toContain(toHex(observation.inner));
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('says that keys are missing, packet by packet', () => {
    const observations = decode(trace, { ike: new Map(), esp: new Map() });
    for (const observation of observations) {
      if (observation.kind === 'esp')
        expect(observation).toMatchObject({ icv: 'unknown', note: 'no key for this SPI' });
      if (observation.kind === 'isakmp' && observation.encrypted) {
        expect(observation).toMatchObject({ decrypted: false, payloads: [], note: 'no key for this initiator cookie' });
      }
    }
  });

  it('says by name what it cannot open', () => {
    const keys = readKeys([{ name, text: keyText }]);
    const esp = new Map([...keys.esp].map(([spi, sa]) => [spi, { ...sa, algorithms: 'TWOFISH', suite: undefined }]));
    for (const observation of decode(trace, { ...keys, esp })) {
      if (observation.kind !== 'esp') continue;
      expect(observation).toMatchObject({ icv: 'unknown', note: 'cannot open TWOFISH: not supported' });
    }
  });

  it('finds wrong keys out: ICVs are bad, no message is shown', () => {
    const wrong = readKeys([{ name, text: keyText.replace(/("(?:ka|enc_key_...|integ_key_...)": ")../g, '$1ff') }]);
    for (const observation of decode(trace, wrong)) {
      if (observation.kind === 'esp') expect(observation).toMatchObject({ icv: 'bad', inner: undefined });
      if (observation.kind === 'isakmp' && observation.encrypted) {
        expect(observation).toMatchObject({ decrypted: false, payloads: [] });
      }
    }
  });

  it('reads the tables of Wireshark as it reads the JSON, less the hashes', () => {
    const notes = text(sharedFile(`captures/${name}/NOTES`));
    const lines = [...notes.matchAll(/uat:(?:ikev1_decryption_table|esp_sa):(.*)'/g)].map((match) => match[1]);
    const fromTables = decode(trace, readKeys([{ name: 'tables', text: lines.join('\n') }]));
    const shown = (o: Observation) => (o.kind === 'esp' ? o.inner : o.kind === 'isakmp' ? o.payloads.length : 0);
    expect(fromTables.map(shown)).toEqual(decode(trace, keys).map(shown));
  });

  it('names the file and the line of a key file that it cannot read, not the keys', () => {
    expect(() => readKeys([{ name: 'k', text: '\n00112233,secret' }])).toThrow('k, line 2: neither');
    expect(() => readKeys([{ name: 'k', text: '{"ike_sas": [{"ka": "secret"}]}' }])).toThrow(/^k: not a JSON file/);
  });
});

describe.skipIf(!hasShared)('captures of others', () => {
  const files = hasShared
    ? readdirSync(sharedUrl('vectors/'), { recursive: true, encoding: 'utf8' }).filter((f) => /\.pcap(ng)?$/.test(f))
    : [];

  it.each(files)('%s is read without an exception', (file) => {
    const { frames } = readCapture(sharedFile(`vectors/${file}`));
    const decoder = new Decoder(nobleEngine(), { ike: new Map(), esp: new Map() });
    for (const frame of frames) for (const observation of decoder.decode(frame)) toJson(observation);
    expect(frames.length).toBeGreaterThan(0);
  });
});

describe('datagrams at port 500', () => {
  const found = (hex: string) => {
    const [source, destination] = ['192.0.2.1', '192.0.2.2'].map(parseAddress);
    if (source === undefined || destination === undefined) return expect.unreachable();
    const payload = encodeUdp({ sourcePort: 40_000, destinationPort: 500, payload: fromHex(hex) });
    const octets = encodeIpv4({ source, destination, protocol: PROTOCOL.udp, payload });
    return new PacketFinder().find({ number: 1, time: 0, linkType: 101, octets });
  };

  it.each([
    ['isakmp', '000102030405060700000000000000000110020000000000', ''],
    ['esp', `${'00'.repeat(8)}000010000000000111223344`, '000010000000000111223344'],
    ['keepalive', 'ff', ''],
  ] as const)('are of %s, by the first drafts of NAT traversal', (kind, sent, carried) => {
    const one = found(sent);
    expect(one).toMatchObject({ kind, source: '192.0.2.1:40000', destination: '192.0.2.2:500' });
    expect(one && toHex(one.octets)).toBe(carried === '' ? sent : carried);
  });
});

function decode(file: Uint8Array, keys: KeyRing): readonly Observation[] {
  const decoder = new Decoder(nobleEngine(), keys);
  return readCapture(file).frames.flatMap((frame) => decoder.decode(frame));
}
