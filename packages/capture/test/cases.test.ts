import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedFile, sharedUrl } from '../../../test/shared.ts';
import { CaptureReader, framesOf, type Observation, Observer, type Report, readKeys } from '../src/index.ts';

const folder = (name: string) => `faults/cases/${name}/`;
const text = (octets: Uint8Array) => new TextDecoder().decode(octets);
/** Of 15 frames 11 are encrypted. */
const ALL = 11;

/** Captures in forms found in the wild, of one session; what public reports say of each stands in its README.txt. */
const FILES: readonly (readonly [string, string, number, string?])[] = [
  ['20-truncated-by-snaplen', 'snap68.pcap', 0],
  ['20-truncated-by-snaplen', 'snap96.pcap', 0],
  ['21-ip-checksum-offload', 'ip-checksum-offload.pcap', ALL],
  ...['enc-link109', 'gre', 'ipip', 'juniper-link178', 'mpls', 'nflog-link239', 'pflog-link117', 'pktap-link258'].map(
    (name) => ['22-links-and-tunnels-passed-over', `${name}.pcap`, ALL] as const,
  ),
  ...['ppp-link9', 'pppoe-in-sll', 'pppoe-link51', 'pppoe', 'vlan-in-sll', 'vlan-pppoe', 'vxlan'].map(
    (name) => ['22-links-and-tunnels-passed-over', `${name}.pcap`, ALL] as const,
  ),
  ...['plain', 'destination-options', 'hop-by-hop', 'atomic-fragment', 'two-fragments'].map(
    (name) => ['23-ipv6-extension-headers-and-fragments', `${name}.pcap`, ALL, 'keys6'] as const,
  ),
  ['25-one-lost-frame-loses-the-session', 'without-message-5.pcap', 9],
  ...['trailing-16-zeros', 'marker-on-500', 'udp-shorter-than-ip', 'total-length-0'].map(
    (name) => ['26-octets-around-the-message', `${name}.pcap`, ALL] as const,
  ),
  ['28-key-tables-of-strongswan-and-wireshark', 'gcm-own-names.pcap', ALL],
  ['28-key-tables-of-strongswan-and-wireshark', 'gcm-strongswan.pcap', ALL, 'keys-strongswan'],
  ['28-key-tables-of-strongswan-and-wireshark', 'gcm-old-wireshark.pcap', ALL, 'keys-old'],
  ['28-key-tables-of-strongswan-and-wireshark', 'gcm-with-an-ikev2-line.pcap', ALL, 'keys-mixed'],
  ...['nanosecond.pcap', 'big-endian.pcap', 'modified.pcap', 'gzip.pcap.gz', 'two-interfaces.pcapng'].map(
    (name) => ['30-file-forms', name, ALL] as const,
  ),
  ...['simple-packets.pcapng', 'unknown-blocks.pcapng', 'two-sections.pcapng', 'obsolete-packet-block.pcapng'].map(
    (name) => ['30-file-forms', name, ALL] as const,
  ),
  ['31-fragments-with-the-encryption-bit', 'flags-0.pcap', ALL],
  ['31-fragments-with-the-encryption-bit', 'flags-1.pcap', ALL],
];

const hasCases = hasShared && existsSync(sharedUrl('faults/cases/30-file-forms/gzip.pcap.gz'));

describe.skipIf(!hasCases)('a capture in a form found in the wild', () => {
  it.each(FILES.map(([name, file, want, keys = 'keys']) => [name, file, want, keys] as const))(
    '%s/%s: as many messages and packets are opened as can be, and every frame is told of',
    async (name, file, want, keys) => {
      const { observations, report, frames } = await read(name, file, keys);
      const opened = observations.filter(
        (one) => (one.kind === 'isakmp' && one.decrypted) || (one.kind === 'esp' && one.icv === 'ok'),
      );
      expect(opened.length).toBe(want);
      const told =
        new Set(observations.map(({ frame }) => frame)).size +
        report.unread.reduce((sum, one) => sum + (one.kind === 'cut' ? 0 : one.frames), 0);
      // Two fragments are one datagram.
      expect(told).toBe(file.startsWith('two-fragments') ? frames / 2 : frames);
    },
  );

  it('cut by its snap length, says so of each frame and of all', async () => {
    const { observations, report } = await read('20-truncated-by-snaplen', 'snap96.pcap');
    expect(observations.length).toBe(15);
    for (const { notes, missing } of observations) {
      expect(notes.join()).toMatch(/cut off: \d+ of \d+ octets/);
      expect(missing).toBeGreaterThan(0);
    }
    expect(report.unread).toMatchObject([{ kind: 'cut', frames: 15 }]);
    expect(observations.filter((one) => one.kind === 'esp')).toMatchObject(
      [1, 1, 2, 2].map((sequence) => ({ sequence })),
    );
  });

  it('with octets behind messages, says how many', async () => {
    const { observations } = await read('26-octets-around-the-message', 'trailing-16-zeros.pcap');
    for (const one of observations) if (one.kind === 'isakmp') expect(one.notes).toContain('16 zero octets behind it');
  });

  it('with a marker on port 500, says that it belongs to 4500', async () => {
    const { observations } = await read('26-octets-around-the-message', 'marker-on-500.pcap');
    for (const one of observations)
      if (one.kind === 'isakmp') expect(one.notes.join()).toContain('a non-ESP marker in front');
  });

  it('of IKEv2, is called so', async () => {
    const { observations } = await read('26-octets-around-the-message', 'ikev2.pcap');
    expect(observations).toMatchObject([{ kind: 'isakmp', version: 2, name: 'IKE_SA_INIT request' }]);
  });

  it('without message 5, says that it is missing, and not that the key is wrong', async () => {
    const { observations } = await read('25-one-lost-frame-loses-the-session', 'without-message-5.pcap');
    const six = observations.find((one) => one.kind === 'isakmp' && one.name === 'Main Mode 6');
    expect(six).toMatchObject({
      decrypted: false,
      hash: 'none',
      notes: [expect.stringContaining('message 5 is not in the capture')],
    });
  });

  it('with a line of IKEv2 among the keys, passes that over with a note', () => {
    const name = `${folder('28-key-tables-of-strongswan-and-wireshark')}keys-mixed/esp_sa`;
    const { notes, esp } = readKeys([{ name: 'esp_sa', text: text(sharedFile(name)) }]);
    expect(notes).toEqual(['esp_sa, line 1: passed over, a line of ikev2_decryption_table: IKEv2 is not decrypted']);
    expect(esp.length).toBe(2);
  });
});

async function read(
  name: string,
  file: string,
  keyFolder = 'keys',
): Promise<{ readonly observations: readonly Observation[]; readonly report: Report; readonly frames: number }> {
  const tables = ['esp_sa', 'ikev1_decryption_table'].map((table) => ({
    name: table,
    text: text(sharedFile(`${folder(name)}${keyFolder}/${table}`)),
  }));
  const observer = new Observer({ keys: readKeys(tables) });
  const reader = new CaptureReader();
  const observations: Observation[] = [];
  // `sharedFile` would decompress it.
  const octets = file.endsWith('.gz') ? compressed(`${folder(name)}${file}`) : sharedFile(`${folder(name)}${file}`);
  for await (const frames of framesOf([octets], reader))
    for (const frame of frames) observations.push(...observer.push(frame));
  expect(reader.fault).toBeUndefined();
  return { observations, report: observer.report(), frames: reader.frames };
}

function compressed(path: string): Uint8Array {
  return readFileSync(sharedUrl(path));
}
