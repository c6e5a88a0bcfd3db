import { X509Certificate } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { type PublicKey, prf, verifyRsaPkcs1Bare } from '@espalier/crypto';
import {
  hash1,
  hash2,
  hash3,
  hashI,
  hashR,
  keymat,
  phase1Iv,
  phase1Key,
  phase1Secrets,
  phase2Iv,
  skeyidOfPreSharedKey,
} from '@espalier/ike';
import { concat, EXCHANGE, fromAscii, fromHex, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedUrl } from '../../../../test/shared.ts';
import { Capture, type CapturedSa } from '../support/capture.ts';
import { bodyOf, messageAt, type RecordedMessage, restOf } from '../support/recorded.ts';

/** All but those of IKEv2. */
const NAMES = hasShared
  ? readdirSync(sharedUrl('captures')).filter((name) => !name.startsWith('ikev2') && !name.startsWith('fail-ike'))
  : [];

/** A message that repeats another one is no step. */
function stepsOf(capture: Capture, sa: CapturedSa) {
  const sent = capture.sent.filter(({ octets, isUndecipherable }) => sa.isOf(octets) && !isUndecipherable);
  const first = new Set<string>();
  return sent
    .filter(({ octets }) => !first.has(toHex(octets)) && first.add(toHex(octets)))
    .map((seen) => ({ seen, message: capture.open(sa, seen) }));
}

function messagesOf(capture: Capture, sa: CapturedSa): readonly RecordedMessage[] {
  return stepsOf(capture, sa).map(({ message }) => message);
}

const isPhase1 = ({ header: { exchange } }: RecordedMessage): boolean =>
  exchange === EXCHANGE.main || exchange === EXCHANGE.aggressive;

describe.skipIf(!hasShared).each(NAMES)('the capture %s', (name) => {
  const capture = new Capture(name);

  it('opens, message by message, under the IVs that ours finds, to what was recorded', () => {
    let opened = 0;
    for (const sa of capture.sas) {
      const block = sa.octets('iv0').length;
      let iv: Uint8Array = phase1Iv(sa.hash, sa.octets('g_xi'), sa.octets('g_xr'), block);
      expect(toHex(iv)).toBe(toHex(sa.octets('iv0')));
      const ivs = new Map<number, Uint8Array>();
      for (const { seen, message } of stepsOf(capture, sa)) {
        if (seen.iv === undefined) continue;
        const { messageId } = message.header;
        const expected = isPhase1(message) ? iv : (ivs.get(messageId) ?? phase2Iv(sa.hash, iv, messageId, block));
        expect(toHex(expected)).toBe(toHex(seen.iv));
        // What follows is padding.
        expect(seen.plaintext && toHex(seen.plaintext.subarray(0, message.chain.length))).toBe(toHex(message.chain));
        if (isPhase1(message)) iv = message.nextIv;
        else ivs.set(messageId, message.nextIv);
        opened += 1;
      }
    }
    expect(opened).toBeGreaterThan(0);
  });

  it('has the hash that ours computes in every message of phase 2', () => {
    for (const sa of capture.sas) {
      const later = messagesOf(capture, sa).filter((message) => !isPhase1(message) && message.nextIv.length > 0);
      const a = sa.octets('skeyid_a');
      for (const messageId of new Set(later.map(({ header }) => header.messageId))) {
        const exchange = later.filter(({ header }) => header.messageId === messageId);
        const isQuick = exchange[0]?.header.exchange === EXCHANGE.quick;
        for (const [i, message] of exchange.entries()) {
          const nonces = () =>
            [bodyOf(messageAt(exchange, 0), 'nonce'), bodyOf(messageAt(exchange, 1), 'nonce')] as const;
          const expected =
            isQuick && i === 1
              ? hash2(sa.hash, a, messageId, nonces()[0], restOf(message))
              : isQuick && i === 2
                ? hash3(sa.hash, a, messageId, ...nonces())
                : hash1(sa.hash, a, messageId, restOf(message));
          expect(toHex(bodyOf(message, 'hash'))).toBe(toHex(expected));
        }
      }
    }
  });

  it('gives KEYMAT of both directions of every child', () => {
    const [sa] = capture.sas;
    if (sa === undefined) return;
    for (const fields of capture.file.child_sas) {
      const octets = (field: string): Uint8Array => fromHex(fields[field] ?? '');
      const niOctets = sa.octets('nonce_i').length;
      const nonces = octets('nonces');
      const of = {
        gqmxy: octets('pfs_g_xy'),
        protocol: 3,
        niB: nonces.subarray(0, niOctets),
        nrB: nonces.subarray(niOctets),
      };
      for (const way of ['i2r', 'r2i']) {
        const keys = concat(octets(`enc_key_${way}`), octets(`integ_key_${way}`));
        expect(keys.length).toBeGreaterThan(15);
        const given = keymat(sa.hash, sa.octets('skeyid_d'), { ...of, spi: octets(`spi_${way}`) }, keys.length);
        expect(toHex(given)).toBe(toHex(keys));
      }
    }
  });

  it('proves who its ends are, by the hashes that ours computes', () => {
    for (const sa of capture.sas) {
      const phase1 = messagesOf(capture, sa).filter(isPhase1);
      const [niB, nrB] = [sa.octets('nonce_i'), sa.octets('nonce_r')];
      const signs = phase1.some(({ payloads }) => payloads.some(({ kind }) => kind === 'signature'));
      const skeyid = signs
        ? prf(sa.hash, concat(niB, nrB), sa.octets('g_xy'))
        : skeyidOfPreSharedKey(sa.hash, fromAscii(capture.file.psk), niB, nrB);
      const [cookieI, cookieR] = [sa.initiatorCookie, sa.responderCookie];
      const secrets = phase1Secrets(sa.hash, skeyid, sa.octets('g_xy'), cookieI, cookieR);
      expect({
        skeyid: toHex(skeyid),
        skeyid_d: toHex(secrets.d),
        skeyid_a: toHex(secrets.a),
        skeyid_e: toHex(secrets.e),
        ka: toHex(phase1Key(sa.hash, secrets.e, sa.octets('ka').length)),
      }).toEqual(
        Object.fromEntries(['skeyid', 'skeyid_d', 'skeyid_a', 'skeyid_e', 'ka'].map((key) => [key, sa.fields[key]])),
      );
      const transcript = {
        gxi: sa.octets('g_xi'),
        gxr: sa.octets('g_xr'),
        cookieI,
        cookieR,
        saiB: bodyOf(messageAt(phase1, 0), 'sa'),
      };
      const proofs = phase1.filter(({ payloads }) => payloads.some(({ kind }) => kind === 'id'));
      const named = phase1.filter(({ payloads }) =>
        payloads.some(({ kind }) => kind === 'signature' || kind === 'hash'),
      );
      for (const [i, hashOf] of [hashI, hashR].entries()) {
        const [identified, proving] = [
          proofs[i],
          named[name.startsWith('aggressive') || name === 'vpnc-client' ? 1 - i : i],
        ];
        // The one that has another key is not answered.
        if (identified === undefined || proving === undefined) continue;
        const hash = hashOf(sa.hash, skeyid, transcript, bodyOf(identified, 'id'));
        expect(toHex(hash)).toBe(sa.fields[i === 0 ? 'hash_i' : 'hash_r']);
        if (signs) {
          const signature = bodyOf(proving, 'signature');
          expect(verifyRsaPkcs1Bare(keyIn(proving), hash, signature)).toBe(true);
          expect(
            verifyRsaPkcs1Bare(
              keyIn(proving),
              hash.map((octet) => octet ^ 1),
              signature,
            ),
          ).toBe(false);
        } else if (name !== 'fail-psk') {
          expect(toHex(bodyOf(proving, 'hash'))).toBe(toHex(hash));
        }
      }
    }
  });
});

/** Of the certificate that came with the signature. */
function keyIn(message: RecordedMessage): Extract<PublicKey, { kind: 'rsa' }> {
  const jwk = new X509Certificate(bodyOf(message, 'cert').subarray(1)).publicKey.export({ format: 'jwk' });
  const number = (text: string | undefined): Uint8Array => new Uint8Array(Buffer.from(text ?? '', 'base64url'));
  return { kind: 'rsa', modulus: number(jwk.n), exponent: number(jwk.e) };
}
