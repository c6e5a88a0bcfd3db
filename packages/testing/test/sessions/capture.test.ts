import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  captureOf,
  PLAIN_SESSION,
  play,
  type SessionCapture,
  type SessionSpecification,
} from '@espalier/testing/sessions';
import { describe, expect, it } from 'vitest';

const hasTshark = spawnSync('tshark', ['--version']).status === 0;

/** What Wireshark reads in a capture with these keys: of each message the exchange, and the payloads that it shows. */
function readByWireshark({ pcap, ikev1DecryptionTable, espSa }: SessionCapture): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-capture-'));
  try {
    writeFileSync(join(folder, 'session.pcap'), pcap);
    writeFileSync(join(folder, 'ikev1_decryption_table'), ikev1DecryptionTable);
    writeFileSync(join(folder, 'esp_sa'), espSa);
    const fields = ['isakmp.exchangetype', 'isakmp.typepayload'].flatMap((field) => ['-e', field]);
    const { stdout } = spawnSync('tshark', ['-r', join(folder, 'session.pcap'), '-T', 'fields', ...fields], {
      encoding: 'utf8',
      env: { ...process.env, WIRESHARK_CONFIG_DIR: folder },
    });
    return stdout.trimEnd().split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const SESSIONS: readonly SessionSpecification[] = [
  PLAIN_SESSION,
  { ...PLAIN_SESSION, mode: 'aggressive', keyOctets: 32, natTraversal: 'force' },
  { ...PLAIN_SESSION, family: 6, ah: 'hmac-sha1-96', ipcomp: 'deflate', acts: [{ by: 'left', act: 'new-group' }] },
];

describe.skipIf(!hasTshark)('the files of a session, in Wireshark', () => {
  it.each(SESSIONS)(
    'show what is within each message: $mode mode, $keyOctets octets of key, over IPv$family',
    (specification) => {
      const { session, opened } = play(specification);
      const lines = readByWireshark(captureOf(session));
      const ours = opened.map((message) =>
        message === undefined
          ? '\t'
          : [message.header.exchange, message.chain.payloads.map(({ type }) => type).join()].join('\t'),
      );
      // Wireshark has proposals and transforms among the payloads.
      const theirs = lines.map((line) => {
        const [exchange = '', payloads = ''] = line.split('\t');
        return [
          exchange,
          payloads
            .split(',')
            .filter((type) => type !== '2' && type !== '3')
            .join(),
        ].join('\t');
      });
      expect(theirs).toEqual(ours);
    },
  );

  it('show nothing without the keys', () => {
    const { session } = play(PLAIN_SESSION);
    const quick = readByWireshark({ ...captureOf(session), ikev1DecryptionTable: '' })[6];
    expect(quick?.split('\t')).toEqual(['32', '']);
  });
});

it('a session is written with the keys of both its directions and of its IKE SA, once', () => {
  const { pcap, ikev1DecryptionTable, espSa } = captureOf(play(PLAIN_SESSION).session);
  expect(pcap.length).toBeGreaterThan(1000);
  expect(ikev1DecryptionTable).toMatch(/^[0-9a-f]{16},[0-9a-f]{32}\n$/);
  expect(espSa.trimEnd().split('\n')).toHaveLength(2);
});

it('a session over IPv6 is written as one (regression: a RangeError in the place of its capture)', () => {
  const { session } = play({ ...PLAIN_SESSION, family: 6 });
  const { pcap } = captureOf(session);
  const octets = session.delivered.reduce((sum, { delivered }) => sum + delivered.length, 0);
  // A file's header; and for each datagram those of its record, of IPv6 and of UDP.
  expect(pcap).toHaveLength(24 + session.delivered.length * (16 + 40 + 8) + octets);
});
