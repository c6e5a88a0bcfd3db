import { readdirSync } from 'node:fs';
import { type EspKeys, type EspSuite, espSuite } from '@espalier/crypto';
import type { InboundSa } from '@espalier/esp';
import { ESP_HEADER_OCTETS, espSequence, fromHex, ipv4, PROTOCOL, spi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedJson, sharedUrl } from '../../../test/shared.ts';
import { inboundSa, open, outboundSa, seal } from './support/sas.ts';
import { engineWithIv } from './support/vectors.ts';

type Direction = 'i2r' | 'r2i';
type KeyName = `${'enc' | 'integ'}_key_${Direction}`;

interface Child extends Readonly<Partial<Record<KeyName, string>>> {
  readonly encryption: string;
  readonly integrity?: string;
}

interface Recording {
  readonly child_sas: readonly Child[];
  readonly esp_packets: readonly {
    readonly spi: string;
    readonly packet: string;
    readonly direction: Direction;
    readonly child: number;
    readonly next_header: number;
    readonly inner: string;
  }[];
}

const CIPHERS: Record<string, (keymat: number) => string> = {
  NULL: () => 'null',
  '3DES_CBC': () => '3des-cbc',
  AES_CBC: (octets) => `aes-${octets * 8}-cbc`,
  AES_CTR: (octets) => `aes-${(octets - 4) * 8}-ctr`,
  AES_CCM_16: (octets) => `aes-${(octets - 3) * 8}-ccm-16`,
  AES_GCM_16: (octets) => `aes-${(octets - 4) * 8}-gcm-16`,
  CHACHA20_POLY1305: () => 'chacha20-poly1305',
};
const MACS: Record<string, string> = { HMAC_SHA1_96: '/hmac-sha1-96', HMAC_SHA2_256_128: '/hmac-sha2-256-128' };

interface Keyed {
  readonly suite: EspSuite;
  readonly keys: EspKeys;
}

/** The suite and keys of a recorded SA. */
function keyed(child: Child, direction: Direction): Keyed {
  const keymat = fromHex(child[`enc_key_${direction}`] ?? '');
  const cipher = CIPHERS[child.encryption]?.(keymat.length);
  if (cipher === undefined) return expect.fail(`no suite for ${child.encryption}`);
  const suite = espSuite(cipher + (child.integrity === undefined ? '' : MACS[child.integrity]));
  const keys = {
    encryption: keymat.subarray(0, suite.encryptionKeyOctets),
    salt: keymat.subarray(suite.encryptionKeyOctets),
    integrity: fromHex(child[`integ_key_${direction}`] ?? ''),
  };
  return { suite, keys };
}

const names = hasShared ? readdirSync(sharedUrl('captures')) : [];

describe.skipIf(!hasShared)('ESP recorded between real gateways', () => {
  it.each(names)('%s: every ESP packet opens, and sealed again it is the same', (name) => {
    const { child_sas, esp_packets } = sharedJson<Recording>(`captures/${name}/keys.json`);
    const inbound = new Map<string, InboundSa>();
    const seen = new Set<string>();
    for (const recorded of esp_packets) {
      const sa = keyed(child_sas[recorded.child] ?? expect.fail(`no child ${recorded.child}`), recorded.direction);
      const [sealed, inner] = [fromHex(recorded.packet), fromHex(recorded.inner)];
      const id = spi(Number.parseInt(recorded.spi, 16));
      const receiver = inbound.get(recorded.spi) ?? inboundSa(sa.suite, { keys: sa.keys, spi: id });
      inbound.set(recorded.spi, receiver);
      // vpnc announces the IPv6 packets of its interface as IPv4.
      if (recorded.next_header === PROTOCOL.ipip && ipv4.version(inner, 0) === 6) {
        expect(open(receiver, sealed)).toBe('bad-inner');
        continue;
      }
      // A trace taken on both sides of a NAT has each packet twice.
      expect(open(receiver, sealed)).toEqual(seen.has(recorded.packet) ? 'replayed' : inner);
      seen.add(recorded.packet);

      const iv = sealed.subarray(ESP_HEADER_OCTETS, ESP_HEADER_OCTETS + sa.suite.ivOctets);
      const firstSequence = BigInt(espSequence(sealed, 0));
      const sender = outboundSa(sa.suite, { engine: engineWithIv(iv), keys: sa.keys, spi: id, firstSequence });
      expect(seal(sender, inner)).toEqual(sealed);
    }
    for (const receiver of inbound.values()) expect(receiver.counters.packets).toBeGreaterThan(0);
  });

  it.each([
    ['main-psk-3des-sha1-modp1024', 22],
    ['rekey-quick-mode', 66],
  ] as const)('%s has %i of them', (name, count) => {
    expect(sharedJson<Recording>(`captures/${name}/keys.json`).esp_packets.length).toBe(count);
  });
});
