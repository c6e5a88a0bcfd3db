import { existsSync, readdirSync } from 'node:fs';
import { encodeIpv4, encodeUdp, fromHex, PROTOCOL, parseAddress, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedFile, sharedUrl } from '../../../test/shared.ts';
import { type KeyRing, type Observation, Observer, readCapture, readKeys, toJson, toText } from '../src/index.ts';

interface SessionKeys {
  readonly ike_sas: readonly object[];
  readonly child_sas: readonly { spi_i2r: string; spi_r2i: string }[];
  readonly esp_packets: readonly { frame: number; spi: string; seq: number; inner?: string }[];
  readonly ike_messages: readonly { frame: number; plaintext?: string }[];
}

const text = (octets: Uint8Array) => new TextDecoder().decode(octets);
const sets = hasShared
  ? readdirSync(sharedUrl('captures/')).filter((name) => existsSync(sharedUrl(`captures/${name}/trace.pcap`)))
  : [];

const isakmpOf = (observations: readonly Observation[]) => observations.filter((one) => one.kind === 'isakmp');
const espOf = (observations: readonly Observation[]) => observations.filter((one) => one.kind === 'esp');

describe.each(sets)('capture set %s', (name) => {
  const keyText = text(sharedFile(`captures/${name}/keys.json`));
  const expected: SessionKeys = JSON.parse(keyText);
  const { observations, observer } = observe(
    sharedFile(`captures/${name}/trace.pcap`),
    readKeys([{ name, text: keyText }]),
  );

  it('opens every ESP packet, to the octets that its peer saw', () => {
    const opened = espOf(observations);
    expect(opened.length).toBe(expected.esp_packets.length);
    for (const [index, packet] of expected.esp_packets.entries()) {
      const observation = opened[index];
      expect(observation).toMatchObject({ sequence: packet.seq, frame: packet.frame, replay: 'new' });
      expect({ icv: observation?.icv, inner: observation?.inner && toHex(observation.inner) }).toEqual({
        icv: 'ok',
        inner: packet.inner,
      });
    }
  });

  it('opens them too without their keys, by what Quick Mode shows, unless that has PFS', () => {
    const { child_sas: _, ...less } = JSON.parse(keyText);
    const ring = readKeys([{ name, text: JSON.stringify(less) }]);
    const opened = espOf(observe(sharedFile(`captures/${name}/trace.pcap`), ring).observations);
    const isHidden = name.includes('pfs') || name.startsWith('ikev2');
    for (const [index, packet] of expected.esp_packets.entries()) {
      const inner = opened[index]?.inner;
      expect(inner && toHex(inner)).toBe(isHidden ? undefined : packet.inner);
    }
  });

  it('decrypts every encrypted message with a correct hash where one is sent', () => {
    const messages = isakmpOf(observations).filter(({ version }) => version === 1);
    const encrypted = messages.filter((message) => message.encrypted);
    const frames = expected.ike_messages.filter(({ plaintext }) => plaintext !== undefined).map(({ frame }) => frame);
    // A peer with another pre-shared key encrypts what the recorded keys cannot open: it must not be shown.
    expect(encrypted.filter((message) => message.decrypted).map(({ frame }) => frame)).toEqual(frames);
    expect(encrypted.filter((message) => !message.decrypted && message.payloads.length > 0)).toEqual([]);
    const phase2 = encrypted.filter((message) => message.decrypted && message.header?.messageId !== 0);
    expect(phase2.filter((message) => message.hash !== 'ok')).toEqual([]);
  });

  it('has a row for every SA, and a whole report that JSON takes as it is', () => {
    const report = observer.report();
    expect(JSON.parse(JSON.stringify(report))).toEqual(JSON.parse(JSON.stringify(structuredClone(report))));
    expect(report.observations.esp).toBe(expected.esp_packets.length);
    const { isakmp, keepalive } = report.observations;
    expect(isakmp + keepalive).toBeGreaterThanOrEqual(expected.ike_messages.length);
    const spis = new Set(report.sas.map(({ spi }) => spi.toString(16).padStart(8, '0')));
    for (const { spi_i2r, spi_r2i } of expected.child_sas) {
      expect([spis.has(spi_i2r), spis.has(spi_r2i)]).toEqual([true, true]);
    }
    expect(report.sas.reduce((sum, sa) => sum + sa.opened, 0)).toBe(expected.esp_packets.length);
    expect(report.unread.filter(({ kind }) => kind !== 'other')).toEqual([]);
  });

  it('opens packets again, from where their frames lie in the file, and nothing of the report changes', () => {
    const trace = sharedFile(`captures/${name}/trace.pcap`);
    const { frames } = readCapture(trace);
    const before = observer.report();
    for (const { frame, at = 0, sa, octets, sequenceHigh, inner, nextHeader } of espOf(observations)) {
      const start = (frames[frame - 1]?.offset ?? 0) + at;
      const again = trace.subarray(start, start + octets.length);
      expect(observer.reopen({ sa, octets: again, sequenceHigh })).toEqual({ inner, nextHeader });
    }
    expect(observer.report()).toEqual(before);
  });

  it('tells each observation as text and as JSON', () => {
    for (const observation of observations) {
      expect(toText(observation)).toContain(observation.source);
      expect(JSON.parse(toJson(observation))).toMatchObject({ frame: observation.frame, kind: observation.kind });
    }
  });
});

describe.skipIf(!hasShared)('what is damaged or missing', () => {
  const name = 'main-psk-3des-sha1-modp1024';
  const trace = hasShared ? sharedFile(`captures/${name}/trace.pcap`) : new Uint8Array(0);
  const keyText = hasShared ? text(sharedFile(`captures/${name}/keys.json`)) : '{"ike_sas":[]}';
  const keys = readKeys([{ name, text: keyText }]);

  it('never throws for corrupted octets, and never shows what its ICV or hash does not vouch for', () => {
    const genuine = new Set(espOf(decode(trace, keys)).flatMap((o) => (o.inner ? [toHex(o.inner)] : [])));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(trace.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 20 }),
        (flips) => {
          const damaged = trace.slice();
          for (const [at, mask] of flips) damaged[at] = (damaged[at] ?? 0) ^ mask;
          for (const observation of espOf(decode(damaged, keys))) {
            if (observation.inner) expect(genuine).toContain(toHex(observation.inner));
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('says that keys are missing, packet by packet', () => {
    for (const observation of decode(trace, readKeys([]))) {
      if (observation.kind === 'esp')
        expect(observation).toMatchObject({ icv: 'unknown', notes: ['no key for this SPI'] });
      if (observation.kind === 'isakmp' && observation.encrypted) {
        const notes = ['no key for this initiator cookie'];
        expect(observation).toMatchObject({ decrypted: false, payloads: [], notes });
      }
    }
  });

  it('says by name what it cannot open', () => {
    const esp = keys.esp.map((sa) => ({ ...sa, algorithms: 'TWOFISH', suites: [] }));
    for (const observation of espOf(decode(trace, { ...keys, ike: [], esp }))) {
      expect(observation).toMatchObject({ icv: 'unknown', notes: ['cannot open TWOFISH: not supported'] });
    }
  });

  it('finds wrong keys out: ICVs are bad, no message is shown', () => {
    const wrong = readKeys([
      { name, text: keyText.replace(/("(?:ka|skeyid_d|enc_key_...|integ_key_...)": ")../g, '$1ff') },
    ]);
    const shown = decode(trace, wrong);
    expect(espOf(shown).every(({ icv, inner }) => icv === 'bad' && inner === undefined)).toBe(true);
    for (const observation of isakmpOf(shown)) {
      if (observation.encrypted) expect(observation).toMatchObject({ decrypted: false, payloads: [] });
    }
  });

  it('reads the tables of Wireshark as it reads the JSON, less the hashes', () => {
    const notes = text(sharedFile(`captures/${name}/NOTES`));
    const lines = [...notes.matchAll(/uat:(?:ikev1_decryption_table|esp_sa):(.*)'/g)].map((match) => match[1]);
    const fromTables = decode(trace, readKeys([{ name: 'tables', text: lines.join('\n') }]));
    const shown = (o: Observation) => (o.kind === 'esp' ? o.inner : o.kind === 'isakmp' ? o.payloads.length : 0);
    expect(fromTables.map(shown)).toEqual(decode(trace, keys).map(shown));
  });
});

describe.skipIf(!hasShared)('captures of others', () => {
  const files = hasShared
    ? readdirSync(sharedUrl('vectors/'), { recursive: true, encoding: 'utf8' }).filter((f) => /\.pcap(ng)?$/.test(f))
    : [];

  it.each(files)('%s is read without an exception, and all of it is accounted for', (file) => {
    const { frames } = readCapture(sharedFile(`vectors/${file}`));
    const observer = new Observer();
    const silent = frames.filter((frame) => {
      const before = observer.report().unread.reduce((sum, { frames: count }) => sum + count, 0);
      const observations = observer.push(frame);
      for (const observation of observations) JSON.parse(toJson(observation));
      const after = observer.report().unread.reduce((sum, { frames: count }) => sum + count, 0);
      return observations.length === 0 && after === before;
    });
    expect(frames.length).toBeGreaterThan(0);
    // Fragments and segments that wait are told when what they wait for does not come.
    expect(silent.length).toBeLessThanOrEqual(frames.length / 3);
  });
});

describe('datagrams at port 500', () => {
  const found = (hex: string) => {
    const [source, destination] = ['192.0.2.1', '192.0.2.2'].map(parseAddress);
    if (source === undefined || destination === undefined) return expect.unreachable();
    const payload = encodeUdp({ sourcePort: 40_000, destinationPort: 500, payload: fromHex(hex) });
    const octets = encodeIpv4({ source, destination, protocol: PROTOCOL.udp, payload });
    return new Observer().push({ number: 1, time: 0, linkType: 101, octets })[0];
  };

  it.each([
    ['isakmp', '000102030405060700000000000000000110020000000000'],
    ['esp', `${'00'.repeat(8)}000010000000000111223344`],
    ['keepalive', 'ff'],
  ] as const)('are of %s, by the first drafts of NAT traversal', (kind, sent) => {
    expect(found(sent)).toMatchObject({ kind, source: '192.0.2.1:40000', destination: '192.0.2.2:500' });
  });
});

function observe(
  file: Uint8Array,
  keys: KeyRing,
): { readonly observations: readonly Observation[]; readonly observer: Observer } {
  const observer = new Observer({ keys });
  return { observations: readCapture(file).frames.flatMap((frame) => observer.push(frame)), observer };
}

function decode(file: Uint8Array, keys: KeyRing): readonly Observation[] {
  return observe(file, keys).observations;
}
