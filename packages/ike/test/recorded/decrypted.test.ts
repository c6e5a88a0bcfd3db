import { createCbc, type HashName, prf } from '@espalier/crypto';
import { type IkeProposal, phase1Secrets, phase2Iv, skeyidOfPreSharedKey } from '@espalier/ike';
import { concat, EXCHANGE, FLAG, fromHex, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import { all } from '../../src/exchange/rules.ts';
import { natDiscovery } from '../../src/nat/discovery.ts';
import { NAT_METHODS } from '../../src/nat/methods.ts';
import { openRecorded, type RecordedMessage } from '../support/recorded.ts';

/** A message as its collector decoded it. */
interface Decoded {
  readonly src: string;
  readonly dst: string;
  readonly cky_i: string;
  readonly exchange: number;
  readonly flags: number;
  readonly iv?: string;
  readonly plaintext?: string;
  readonly payload_types?: readonly number[];
  readonly nat_d?: readonly string[];
}

/** Attributes of phase 1 by their numbers (RFC 2409 Appendix A). */
type Attributes = Readonly<Record<string, number>>;

const HASHES: Readonly<Record<number, HashName>> = { 1: 'md5', 2: 'sha1', 4: 'sha2-256' };
const CIPHERS: Readonly<Record<number, IkeProposal['encryption']>> = { 5: '3des-cbc', 7: 'aes-cbc' };

function hashOf(attributes: Attributes | undefined): HashName {
  return HASHES[attributes?.[2] ?? 0] ?? expect.fail('an unknown hash');
}

function cipherOf(attributes: Attributes | undefined, key: string | undefined) {
  return createCbc(CIPHERS[attributes?.[1] ?? 0] ?? expect.fail('an unknown cipher'), fromHex(key ?? ''));
}

/** Types as the messages have them: of each payload the one before it says. */
function typesIn({ header, payloads }: RecordedMessage): readonly number[] {
  return [header.nextPayload, ...payloads.slice(0, -1).map(({ raw }) => raw[0] ?? 0)];
}

/** Messages with the IV that the last one of phase 1 leaves to those of phase 2. */
function expectIvs(
  hash: HashName,
  messages: readonly { readonly decoded: Decoded; readonly opened: RecordedMessage }[],
): number {
  let checked = 0;
  let last: Uint8Array | undefined;
  const ivs = new Map<number, Uint8Array>();
  for (const { decoded, opened } of messages) {
    if (decoded.iv === undefined) continue;
    const { messageId, exchange } = opened.header;
    const isPhase1 = exchange === EXCHANGE.main || exchange === EXCHANGE.aggressive;
    const known = isPhase1 ? last : (ivs.get(messageId) ?? (last && phase2Iv(hash, last, messageId, last.length)));
    if (known !== undefined && toHex(known) === decoded.iv) checked += 1;
    if (isPhase1) last = opened.nextIv;
    else ivs.set(messageId, opened.nextIv);
  }
  return checked;
}

interface WiresharkCapture {
  readonly file: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly sa_attributes: Readonly<Record<string, Attributes>>;
  readonly messages: readonly Decoded[];
}

interface Datagrams {
  readonly captures: readonly {
    readonly file: string;
    readonly packets: readonly { readonly sport?: number; readonly dport?: number; readonly payload?: string }[];
  }[];
}

describe.skipIf(!hasShared)('the captures of Wireshark', () => {
  const { captures } = hasShared
    ? sharedJson<{ captures: readonly WiresharkCapture[] }>('vectors/pcap/wireshark/ikev1-expected.json')
    : { captures: [] };
  const datagrams = hasShared ? sharedJson<Datagrams>('vectors/pcap/wireshark/datagrams.json') : { captures: [] };

  it('are opened with the keys that it publishes, payload by payload, to what it shows', () => {
    let opened = 0;
    let chained = 0;
    for (const { file, keys, sa_attributes, messages } of captures) {
      const packets = datagrams.captures.find((capture) => capture.file === file)?.packets ?? [];
      expect(packets.length).toBe(messages.length);
      const told = messages.flatMap((decoded, i) => {
        const attributes = sa_attributes[decoded.cky_i];
        const iv = decoded.iv === undefined ? undefined : fromHex(decoded.iv);
        // One is the repetition of another, and was left closed.
        if ((decoded.flags & FLAG.encryption) !== 0 && iv === undefined) return [];
        const message = openRecorded(packets[i]?.payload ?? '', cipherOf(attributes, keys[decoded.cky_i]), iv);
        expect(typesIn(message)).toEqual(decoded.payload_types);
        if (decoded.plaintext !== undefined) {
          expect(decoded.plaintext.startsWith(toHex(message.chain))).toBe(true);
          opened += 1;
        }
        return [{ decoded, opened: message }];
      });
      const [first] = Object.keys(keys);
      chained += expectIvs(hashOf(sa_attributes[first ?? '']), told);
    }
    expect(opened).toBe(24);
    expect(chained).toBeGreaterThan(15);
  });
});

interface VpnAl {
  readonly phase1_key: string;
  readonly sa_attributes: Attributes;
  readonly messages: readonly (Decoded & { readonly hex: string })[];
}

describe.skipIf(!hasShared)('the capture of VPN-AL', () => {
  const capture: VpnAl = hasShared
    ? sharedJson<VpnAl>('vectors/pcap/vpn-al/ikev1_decrypted-expected.json')
    : { phase1_key: '', sa_attributes: {}, messages: [] };
  const told = (): readonly { readonly decoded: Decoded & { hex: string }; readonly opened: RecordedMessage }[] =>
    capture.messages.map((decoded) => {
      const iv = decoded.iv === undefined ? undefined : fromHex(decoded.iv);
      const cipher = cipherOf(capture.sa_attributes, capture.phase1_key);
      return { decoded, opened: openRecorded(decoded.hex, cipher, iv) };
    });

  it('is opened with the key that it publishes, under the IVs that ours finds', () => {
    for (const { decoded, opened } of told()) {
      expect(typesIn(opened)).toEqual(decoded.payload_types);
      if (decoded.plaintext !== undefined) expect(decoded.plaintext.startsWith(toHex(opened.chain))).toBe(true);
    }
    // All but the first, whose IV is of the public values.
    expect(expectIvs(hashOf(capture.sa_attributes), told())).toBe(4);
  });

  it('has NAT-D as we would have written them', () => {
    const [first, second] = told();
    const cookies = {
      initiator: first?.opened.header.initiatorCookie ?? new Uint8Array(0),
      responder: second?.opened.header.responderCookie ?? new Uint8Array(0),
    };
    const end = (text: string) => {
      const [address = '', port] = text.split(':');
      return { address, port: Number(port) };
    };
    for (const { decoded, opened } of told()) {
      if (decoded.nat_d === undefined) continue;
      const path = { local: end(decoded.src), remote: end(decoded.dst) };
      const [method] = NAT_METHODS;
      if (method === undefined) throw new Error('no method');
      const written = natDiscovery({ path, force: false }, method, { hash: hashOf(capture.sa_attributes), cookies });
      expect(written.map((payload) => 'hash' in payload && toHex(payload.hash))).toEqual(decoded.nat_d);
      expect(all(opened.payloads, 'nat-d').map(({ hash }) => toHex(hash))).toEqual(decoded.nat_d);
    }
  });
});

interface Sample {
  readonly inputs: Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<string, string>>;
}

interface Group {
  readonly params: { readonly hash: string };
  readonly tests: readonly Readonly<Record<string, string>>[];
}

const CAVS_HASHES: Readonly<Record<string, HashName>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha2-256',
  'SHA-384': 'sha2-384',
  'SHA-512': 'sha2-512',
};

describe.skipIf(!hasShared)('what follows from SKEYID', () => {
  it('agrees with NIST CAVS for signatures, in all 1,700 cases', () => {
    const { groups } = sharedJson<{ groups: readonly Group[] }>('vectors/kdf/cavs-ikev1-dsa.full.json.gz');
    let count = 0;
    for (const { params, tests } of groups) {
      const hash = CAVS_HASHES[params.hash] ?? expect.fail('an unknown hash');
      for (const test of tests) {
        const octets = (name: string): Uint8Array => fromHex(test[name] ?? '');
        // SKEYID = prf(Ni_b | Nr_b, g^xy) (RFC 2409 §5).
        const skeyid = prf(hash, concat(octets('Ni'), octets('Nr')), octets('g^xy'));
        const { d, a, e } = phase1Secrets(hash, skeyid, octets('g^xy'), octets('CKY_I'), octets('CKY_R'));
        const { SKEYID, SKEYID_d, SKEYID_a, SKEYID_e } = test;
        expect([skeyid, d, a, e].map(toHex)).toEqual([SKEYID, SKEYID_d, SKEYID_a, SKEYID_e]);
        count += 1;
      }
    }
    expect(count).toBe(1700);
  });

  it('agrees with the samples of libreswan', () => {
    const { samples } = sharedJson<{ samples: Readonly<Record<'psk' | 'dsa', Sample>> }>(
      'vectors/kdf/libreswan-acvp-samples.json',
    );
    for (const [name, { inputs, expected }] of Object.entries(samples)) {
      const octets = (field: string): Uint8Array => fromHex(inputs[field] ?? '');
      const [niB, nrB, gxy] = [octets('nInit'), octets('nResp'), octets('gxy')];
      const skeyid =
        name === 'psk'
          ? skeyidOfPreSharedKey('sha1', octets('preSharedKey'), niB, nrB)
          : prf('sha1', concat(niB, nrB), gxy);
      const { d, a, e } = phase1Secrets('sha1', skeyid, gxy, octets('ckyInit'), octets('ckyResp'));
      const { sKeyId, sKeyIdD, sKeyIdA, sKeyIdE } = expected;
      const given = [skeyid, d, a, e].map(toHex);
      expect(given).toEqual([sKeyId, sKeyIdD, sKeyIdA, sKeyIdE]);
    }
  });
});
