import {
  type EspKeys,
  type EspSuite,
  espSuite,
  JOB_LENGTH,
  JOB_SEQUENCE_HIGH,
  JOB_STATUS,
  JOB_WORDS,
} from '@espalier/crypto';
import { InboundSa } from '@espalier/esp';
import { concat, ESP_HEADER_OCTETS, espSequence, espSpi, formatAddress, fromHex, ipv4, spi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedJson } from '../../../test/shared.ts';
import { ipv4Packet } from './support/packets.ts';
import { ENGINE, inboundSa, keysFor, NOW, NULL_SUITE, open, outboundSa, seal } from './support/sas.ts';
import { engineWithIv, vectorJson } from './support/vectors.ts';

const NONE = new Uint8Array(0);

interface TransformVector {
  readonly suite: EspSuite;
  readonly keys: EspKeys;
  readonly esn?: boolean;
  readonly sequenceHigh?: number;
  /** Payload, padding, pad length and next header. */
  readonly plaintext: Uint8Array;
  /** From the SPI on; without its ICV where the vector has none. */
  readonly sealed: Uint8Array;
}

/** Seals and opens by the transform alone: for payloads that are no tunnelled packets. */
function checkTransform(vector: TransformVector): void {
  const { suite, keys, esn = false, sequenceHigh = 0, plaintext, sealed } = vector;
  const payloadAt = ESP_HEADER_OCTETS + suite.ivOctets;
  const octets = concat(sealed.subarray(0, payloadAt), plaintext, new Uint8Array(suite.icvOctets));
  const words = new Int32Array(JOB_WORDS);
  words[JOB_LENGTH] = octets.length;
  words[JOB_SEQUENCE_HIGH] = sequenceHigh;
  const jobs = { words, count: 1 };
  const rng = { fill: () => expect.fail('the IV is given') };
  ENGINE.createEspTransform({ suite, keys, direction: 'seal', esn, rng }).seal(octets, jobs, 'given');
  expect(octets.subarray(0, sealed.length)).toEqual(sealed);
  words[JOB_STATUS] = 0;
  ENGINE.createEspTransform({ suite, keys, direction: 'open', esn }).open(octets, jobs);
  expect(words[JOB_STATUS]).toBe(1);
  expect(octets.subarray(payloadAt, payloadAt + plaintext.length)).toEqual(plaintext);
}

/** Opens a tunnelled packet, and seals what was in it again under the same header and IV. */
function checkPacket(suite: EspSuite, keys: EspKeys, sealed: Uint8Array, inner: Uint8Array): void {
  const id = spi(espSpi(sealed, 0));
  expect(open(new InboundSa({ engine: ENGINE, suite, keys, spi: id }), sealed)).toEqual(inner);
  const iv = sealed.subarray(ESP_HEADER_OCTETS, ESP_HEADER_OCTETS + suite.ivOctets);
  const firstSequence = BigInt(espSequence(sealed, 0));
  expect(seal(outboundSa(suite, { engine: engineWithIv(iv), keys, spi: id, firstSequence }), inner)).toEqual(sealed);
}

describe('RFC 2410', () => {
  it('NULL leaves the payload as it is', () => {
    const packet = ipv4Packet(50);
    expect(seal(outboundSa(NULL_SUITE), packet).subarray(8, 8 + packet.length)).toEqual(packet);
  });
});

describe('RFC 3602 §4', () => {
  interface Case {
    readonly case: number;
    readonly mode: 'transport' | 'tunnel';
    readonly key: string;
    readonly spi: string;
    readonly seq: number;
    readonly iv: string;
    readonly original_ip_packet: string;
    readonly esp_trailer_plaintext: string;
    readonly esp_ip_packet: string;
    readonly esp_payload: string;
  }
  const { esp } = vectorJson<{ esp: readonly Case[] }>('rfc/rfc3602-aes-cbc-esp.json');
  const suite = espSuite('aes-128-cbc/hmac-sha1-96');
  const keysOf = (test: Case) => ({ ...keysFor(suite), encryption: fromHex(test.key) });

  it.each(esp)('case $case: the payload, but for the ICV that the RFC leaves out', (test) => {
    const [plaintext, sealed] = [fromHex(test.esp_trailer_plaintext), fromHex(test.esp_payload)];
    checkTransform({ suite, keys: keysOf(test), plaintext, sealed });
  });

  it.each(esp)('case $case: the whole packet in $mode mode, with its headers', (test) => {
    const { mode } = test;
    const [original, expected] = [fromHex(test.original_ip_packet), fromHex(test.esp_ip_packet)];
    const outer = {
      source: formatAddress(ipv4.sourceOctets(expected, 0)),
      destination: formatAddress(ipv4.destinationOctets(expected, 0)),
      identification: ipv4.identification(expected, 0),
    };
    const outbound = outboundSa(suite, {
      engine: engineWithIv(fromHex(test.iv)),
      keys: keysOf(test),
      spi: spi(Number.parseInt(test.spi, 16)),
      firstSequence: BigInt(test.seq),
      mode,
      ...(mode === 'tunnel' ? { outer } : {}),
    });
    const sealed = seal(outbound, original);
    const inbound = inboundSa(suite, { keys: keysOf(test), spi: outbound.spi, mode });
    const opened = inbound.openInto(NOW, sealed, new Uint8Array(sealed.length), 0, 20);
    expect(opened.ok && opened.octets).toEqual(original);

    const withoutIcv = sealed.subarray(0, -suite.icvOctets);
    ipv4.setTotalLength(withoutIcv, 0, withoutIcv.length);
    ipv4.setHeaderChecksum(withoutIcv, 0);
    expect(withoutIcv).toEqual(expected);
  });
});

describe('RFC 7634 Appendix A', () => {
  it('the whole packet, octet for octet', () => {
    interface Case {
      readonly keymat: string;
      readonly source_packet: string;
      readonly nonce: string;
      readonly esp_ip_packet: string;
    }
    const { case: test } = vectorJson<{ case: Case }>('rfc/rfc7634-chacha20-esp.json');
    const suite = espSuite('chacha20-poly1305');
    const keymat = fromHex(test.keymat);
    const keys = { encryption: keymat.subarray(0, 32), salt: keymat.subarray(32), integrity: NONE };
    const [inner, expected] = [fromHex(test.source_packet), fromHex(test.esp_ip_packet)];
    const outbound = outboundSa(suite, {
      engine: engineWithIv(fromHex(test.nonce).subarray(4)),
      keys,
      spi: spi(espSpi(expected, 20)),
      firstSequence: 5n,
      outer: { source: '203.0.113.153', destination: '203.0.113.5', identification: 0x2345 },
    });
    expect(seal(outbound, inner)).toEqual(expected);
    expect(open(inboundSa(suite, { keys, spi: outbound.spi }), expected.subarray(20))).toEqual(inner);
  });
});

describe('tcpdump’s ESP captures', () => {
  interface Association {
    readonly capture: readonly string[];
    readonly spi: string;
    readonly cipher: '3des-cbc' | 'aes-cbc';
    readonly enc_key: string;
    readonly auth: 'hmac-md5-96' | 'hmac-sha1-96';
    readonly auth_key: string;
  }
  interface Expected {
    readonly sas: readonly Association[];
    readonly captures: readonly {
      readonly file: string;
      readonly packets: readonly { readonly esp_layers: readonly { readonly spi: string; readonly inner: string }[] }[];
    }[];
  }
  interface Datagrams {
    readonly captures: readonly { readonly file: string; readonly packets: readonly { readonly payload: string }[] }[];
  }
  const { sas, captures } = vectorJson<Expected>('tcpdump/esp-expected.json');
  const datagrams = vectorJson<Datagrams>('tcpdump/esp-datagrams.json');

  it.each(captures)('$file: every layer of every packet', ({ file, packets }) => {
    const sealed = datagrams.captures.find((capture) => capture.file === file)?.packets ?? [];
    expect(sealed.length).toBe(packets.length);
    for (const [i, { esp_layers }] of packets.entries()) {
      let octets = fromHex(sealed[i]?.payload ?? '');
      for (const layer of esp_layers) {
        const sa = sas.find((candidate) => candidate.capture.includes(file) && candidate.spi === layer.spi);
        if (sa === undefined) expect.fail(`no keys for ${layer.spi}`);
        const suite = espSuite(`${sa.cipher === 'aes-cbc' ? 'aes-256-cbc' : sa.cipher}/${sa.auth}`);
        const inner = fromHex(layer.inner);
        checkPacket(
          suite,
          { encryption: fromHex(sa.enc_key), salt: NONE, integrity: fromHex(sa.auth_key) },
          octets,
          inner,
        );
        octets = inner.subarray(ipv4.headerOctets(inner, 0));
      }
    }
  });
});

describe.skipIf(!hasShared)('vectors beside the repository', () => {
  it('a capture of Wireshark: packets that are opened, and written again octet for octet', () => {
    interface Expected {
      readonly sas: readonly { readonly spi: string; readonly enc_key: string; readonly auth_key: string }[];
      readonly packets: readonly { readonly spi: string; readonly esp_payload: string; readonly inner: string }[];
    }
    const { sas, packets } = sharedJson<Expected>('vectors/pcap/wireshark/esp-expected.json');
    expect(packets.length).toBe(6);
    for (const { spi, esp_payload, inner } of packets) {
      const sa = sas.find((candidate) => candidate.spi === spi) ?? expect.fail(`no keys for ${spi}`);
      const keys = { encryption: fromHex(sa.enc_key), salt: NONE, integrity: fromHex(sa.auth_key) };
      checkPacket(espSuite('aes-128-cbc/hmac-sha1-96'), keys, fromHex(esp_payload), fromHex(inner));
    }
  });

  it('Linux testmgr: the authenc cases that are ESP packets', () => {
    interface Case {
      readonly template: string;
      readonly auth_key: string;
      readonly enc_key: string;
      readonly assoc: string;
      readonly plaintext: string;
      readonly ciphertext: string;
      readonly icv_full: string;
      readonly as_esp?: object;
    }
    const { authenc } = sharedJson<{ authenc: readonly Case[] }>('vectors/linux/testmgr-esp.json');
    const cases = authenc.filter((test) => test.as_esp !== undefined);
    expect(cases.length).toBe(7);
    const macs: Record<string, string> = {
      sha1: 'hmac-sha1-96',
      sha256: 'hmac-sha2-256-128',
      sha384: 'hmac-sha2-384-192',
      sha512: 'hmac-sha2-512-256',
    };
    for (const test of cases) {
      const [, hash = '', cipher] = /^authenc\(hmac\((\w+)\),(\w+)\)$/.exec(test.template) ?? [];
      const suite = espSuite(`${cipher === 'aes_cbc' ? 'aes-128-cbc' : '3des-cbc'}/${macs[hash]}`);
      const icv = fromHex(test.icv_full).subarray(0, suite.icvOctets);
      checkTransform({
        suite,
        keys: { encryption: fromHex(test.enc_key), salt: NONE, integrity: fromHex(test.auth_key) },
        plaintext: fromHex(test.plaintext),
        sealed: concat(fromHex(test.assoc), fromHex(test.ciphertext), icv),
      });
    }
  });

  it('Linux testmgr: the AEAD cases of the suites there are', () => {
    interface Case {
      readonly alg: string;
      readonly key: string;
      readonly salt: string;
      readonly iv: string;
      readonly aad: string;
      readonly plaintext: string;
      readonly ciphertext_icv: string;
    }
    const { aead } = sharedJson<{ aead: readonly Case[] }>('vectors/linux/testmgr-esp.json');
    let checked = 0;
    for (const test of aead) {
      const suite = aeadSuite(test.alg, test.key.length / 2);
      // A block cipher's mode in the kernel takes any plaintext; ESP aligns it to 4 octets.
      if (suite === undefined || test.plaintext.length % 8 !== 0) continue;
      const aad = fromHex(test.aad);
      const esn = aad.length === 12;
      checkTransform({
        suite,
        keys: { encryption: fromHex(test.key), salt: fromHex(test.salt), integrity: NONE },
        esn,
        sequenceHigh: esn ? espSequence(aad, 0) : 0,
        plaintext: fromHex(test.plaintext),
        sealed: concat(aad.subarray(0, 4), aad.subarray(-4), fromHex(test.iv), fromHex(test.ciphertext_icv)),
      });
      checked += 1;
    }
    expect(checked).toBeGreaterThan(20);
  });

  it('draft-mcgrew-gcm-test: every packet, with and without ESN', () => {
    interface Case {
      readonly key: string;
      readonly salt: string;
      readonly esn: boolean;
      readonly seq_or_esn: string;
      readonly plaintext_with_trailer: string;
      readonly esp_payload: string;
    }
    const { cases } = sharedJson<{ cases: readonly Case[] }>('vectors/rfc/draft-mcgrew-gcm-esp.json');
    expect(cases.length).toBe(14);
    for (const test of cases) {
      checkTransform({
        suite: espSuite(`aes-${test.key.length * 4}-gcm-16`),
        keys: { encryption: fromHex(test.key), salt: fromHex(test.salt), integrity: NONE },
        esn: test.esn,
        sequenceHigh: test.esn ? Number.parseInt(test.seq_or_esn.slice(0, 8), 16) : 0,
        plaintext: fromHex(test.plaintext_with_trailer),
        sealed: fromHex(test.esp_payload),
      });
    }
  });

  it('Linux xfrm packets quoted by Scapy, each of them', () => {
    interface Case {
      readonly alg: string;
      readonly key: string;
      readonly auth?: string;
      readonly auth_key?: string;
      readonly esn_high: number | null;
      readonly esp_payload: string;
      readonly plaintext_with_trailer: string;
    }
    const names: Record<string, string> = {
      '3DES': '3des-cbc/hmac-sha1-96',
      'AES-CBC': 'aes-128-cbc/hmac-sha2-256-128',
      'AES-CTR': 'aes-128-ctr/hmac-sha1-96',
      'AES-GCM': 'aes-128-gcm-16',
      'AES-NULL-GMAC': 'aes-128-gmac',
      'AES-CCM': 'aes-128-ccm-8',
    };
    const { cases } = sharedJson<{ cases: readonly Case[] }>('vectors/linux/scapy-linux-esp.json');
    expect(cases.length).toBe(9);
    for (const test of cases) {
      const suite = espSuite(names[test.alg] ?? expect.fail(`no suite for ${test.alg}`));
      const key = fromHex(test.key);
      checkTransform({
        suite,
        keys: {
          encryption: key.subarray(0, suite.encryptionKeyOctets),
          salt: key.subarray(suite.encryptionKeyOctets),
          integrity: test.auth_key === undefined ? keysFor(suite).integrity : fromHex(test.auth_key),
        },
        esn: test.esn_high !== null,
        sequenceHigh: test.esn_high ?? 0,
        plaintext: fromHex(test.plaintext_with_trailer),
        sealed: fromHex(test.esp_payload),
      });
    }
  });
});

function aeadSuite(algorithm: string, keyOctets: number): EspSuite | undefined {
  if (algorithm === 'rfc4106-aes-gcm') return espSuite(`aes-${keyOctets * 8}-gcm-16`);
  return algorithm === 'rfc7539esp-chacha20-poly1305' ? espSuite('chacha20-poly1305') : undefined;
}
