import { createCbc, dhKeyPairFrom, espSuite } from '@espalier/crypto';
import {
  type ChildPolicy,
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
import {
  concat,
  equalOctets,
  fromAscii,
  fromHex,
  ipv4AddressId,
  ipv4SubnetId,
  readU32,
  type SaPayload,
  seconds,
  spi,
  splitMessages,
  toHex,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import rub from '../../../../test/vectors/rub-nds/ikev1-traces-rub-nds.json' with { type: 'json' };
import { readMessage } from '../../src/exchange/message.ts';
import { only } from '../../src/exchange/rules.ts';
import { DEFAULT_TERMS } from '../../src/terms.ts';
import { NO_COOKIE } from '../../src/v1/cookies.ts';
import { openInformational } from '../../src/v1/informational/informational.ts';
import { ExpectSaReply } from '../../src/v1/main-mode/initiator.ts';
import type { Phase1Context } from '../../src/v1/phase1/phase1.ts';
import { openBody } from '../../src/v1/protection.ts';
import { ExpectQuickReply } from '../../src/v1/quick-mode/initiator.ts';
import { espOf, R2, R3 } from '../support/pair.ts';
import {
  bodyOf,
  drive,
  messageAt,
  openRecorded,
  type RecordedMessage,
  recordedEngine,
  recordedRng,
  restOf,
} from '../support/recorded.ts';

/** Handshakes that RUB-NDS recorded with Cisco IOS; their pre-shared key and DH private value are published. */
const traces = rub.traces.filter(({ psk_ascii }) => psk_ascii !== null);
type Trace = (typeof traces)[number];

const PSK = fromAscii('AAAA');

/** The messages of a trace; those that are encrypted, with the IVs that the collector found. */
function messagesOf(trace: Trace): readonly RecordedMessage[] {
  const cipher = createCbc('aes-cbc', fromHex(trace.derived.enc_key_Ka));
  return trace.messages.map(({ hex, ...rest }) =>
    openRecorded(hex, cipher, 'iv' in rest && rest.iv !== undefined ? fromHex(rest.iv) : undefined),
  );
}

describe.each(traces.map((trace) => [trace.name, trace] as const))('%s', (_name, trace) => {
  const messages = messagesOf(trace);
  const isMain = trace.mode === 'main';
  const at = (i: number): RecordedMessage => messageAt(messages, i);
  // Aggressive Mode has the key exchange in messages 1 and 2, Main Mode in 3 and 4.
  const [exchangeI, exchangeR] = isMain ? [at(2), at(3)] : [at(0), at(1)];
  const [gxi, gxr] = [bodyOf(exchangeI, 'ke'), bodyOf(exchangeR, 'ke')];
  const [niB, nrB] = [bodyOf(exchangeI, 'nonce'), bodyOf(exchangeR, 'nonce')];
  const { initiatorCookie: cookieI, responderCookie: cookieR } = exchangeR.header;
  const dh = dhKeyPairFrom(2, fromHex(trace.initiator_dh_private));
  const gxy = dh.agree(gxr) ?? new Uint8Array(0);
  const skeyid = skeyidOfPreSharedKey('sha1', PSK, niB, nrB);
  const { d, a, e } = phase1Secrets('sha1', skeyid, gxy, cookieI, cookieR);
  const transcript = { gxi, gxr, cookieI, cookieR, saiB: bodyOf(at(0), 'sa') };

  it('gives the same public value, shared secret and keys', () => {
    expect(toHex(dh.publicValue)).toBe(toHex(gxi));
    expect({
      'g^xy': toHex(gxy),
      SKEYID: toHex(skeyid),
      SKEYID_d: toHex(d),
      SKEYID_a: toHex(a),
      SKEYID_e: toHex(e),
      enc_key_Ka: toHex(phase1Key('sha1', e, 16)),
      phase1_iv: toHex(phase1Iv('sha1', gxi, gxr, 16)),
    }).toMatchObject(
      Object.fromEntries(Object.entries(trace.derived).filter(([name]) => /^g|^SKEYID|_iv$|Ka$/.test(name))),
    );
  });

  it('gives HASH_I and HASH_R as they were sent', () => {
    const [idI, idR] = isMain ? [at(4), at(5)] : [at(0), at(1)];
    const [proofI, proofR] = isMain ? [at(4), at(5)] : [at(2), at(1)];
    expect(toHex(hashI('sha1', skeyid, transcript, bodyOf(idI, 'id')))).toBe(toHex(bodyOf(proofI, 'hash')));
    expect(toHex(hashR('sha1', skeyid, transcript, bodyOf(idR, 'id')))).toBe(toHex(bodyOf(proofR, 'hash')));
  });

  it('chains the IVs of phase 1 and of each exchange after it as the peers did', () => {
    const ends = new Map<number, Uint8Array>([[0, phase1Iv('sha1', gxi, gxr, 16)]]);
    for (const [i, { header, nextIv, octets }] of messages.entries()) {
      const recorded = trace.messages[i];
      if (recorded === undefined || !('iv' in recorded) || recorded.iv === undefined) continue;
      const { messageId } = header;
      const last = ends.get(0) ?? octets;
      expect(toHex(ends.get(messageId) ?? phase2Iv('sha1', last, messageId, 16))).toBe(recorded.iv);
      ends.set(messageId, nextIv);
    }
  });

  it('gives HASH(1), HASH(2), HASH(3) and KEYMAT of what follows', () => {
    const quick = messages.filter(({ header }) => header.exchange === 32);
    for (const message of messages.filter(({ header }) => header.exchange === 5)) {
      const { messageId } = message.header;
      expect(toHex(hash1('sha1', a, messageId, restOf(message)))).toBe(toHex(bodyOf(message, 'hash')));
    }
    if (quick.length === 0) return;
    const [first, second, third] = [messageAt(quick, 0), messageAt(quick, 1), messageAt(quick, 2)];
    const { messageId } = first.header;
    const [quickNi, quickNr] = [bodyOf(first, 'nonce'), bodyOf(second, 'nonce')];
    expect(toHex(hash1('sha1', a, messageId, restOf(first)))).toBe(toHex(bodyOf(first, 'hash')));
    expect(toHex(hash2('sha1', a, messageId, quickNi, restOf(second)))).toBe(toHex(bodyOf(second, 'hash')));
    expect(toHex(hash3('sha1', a, messageId, quickNi, quickNr))).toBe(toHex(bodyOf(third, 'hash')));
    const agreed = trace.quick_mode;
    if (agreed === undefined) throw new Error('no quick_mode');
    const of = { gqmxy: new Uint8Array(0), protocol: 3, niB: quickNi, nrB: quickNr };
    const [spiI, spiR] = [agreed['spi_initiator(inbound to initiator)'], agreed['spi_responder(inbound to responder)']];
    expect(toHex(keymat('sha1', d, { ...of, spi: fromHex(spiI) }, 36))).toBe(
      agreed['KEYMAT_spi_initiator(AES128 key|HMAC-SHA1 key)'],
    );
    expect(toHex(keymat('sha1', d, { ...of, spi: fromHex(spiR) }, 36))).toBe(
      agreed['KEYMAT_spi_responder(AES128 key|HMAC-SHA1 key)'],
    );
  });
});

/**
 * Our initiator in the place of theirs. Message 1 and Quick Mode's message 1 are theirs: they number their proposals
 * from 0 and we from 1, and they order the attributes of phase 2 otherwise. All that answers is ours.
 */
describe.each(traces.filter(({ mode }) => mode === 'main').map((trace) => [trace.name, trace] as const))(
  'our initiator with the random values of: %s',
  (_name, trace) => {
    const messages = messagesOf(trace);
    const at = (i: number): RecordedMessage => messageAt(messages, i);
    const niB = bodyOf(at(2), 'nonce');
    const isNamedByPort = trace.derived.IDir_b.startsWith('0111');
    const context: Phase1Context = {
      engine: recordedEngine(dhKeyPairFrom(2, fromHex(trace.initiator_dh_private))),
      rng: recordedRng(niB),
      proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
      lifetime: seconds(28_800),
      localIdentity: ipv4AddressId('10.0.3.1'),
      remoteIdentity: ipv4AddressId(isNamedByPort ? '10.0.3.2' : '10.0.3.10'),
      peer: 'peer',
      preSharedKey: PSK,
      sharedKeyPair: () => expect.fail('no Aggressive Mode'),
      nonceOctets: niB.length,
      isKnownByAddress: true,
      terms: DEFAULT_TERMS,
      initialContact: () => false,
    };
    const offer: SaPayload = only(at(0).payloads, 'sa');
    const cookies = { initiator: at(0).header.initiatorCookie, responder: NO_COOKIE };

    const { replies, end } = drive(new ExpectSaReply({ context, cookies, offer }), [at(1), at(3), at(5)]);

    it('sends messages 3 and 5 octet for octet, and is established by message 6', () => {
      expect(replies.map((reply) => reply && toHex(reply))).toEqual([
        trace.messages[2]?.hex,
        trace.messages[4]?.hex,
        undefined,
      ]);
      expect(end?.role).toBe('initiator');
    });

    const quick = messages.filter(({ header }) => header.exchange === 32);
    if (quick.length === 3)
      it('sends message 3 of Quick Mode octet for octet, with the same keys', () => {
        if (end === undefined) throw new Error('not established');
        const [first, second] = [messageAt(quick, 0), messageAt(quick, 1)];
        const everything = ipv4SubnetId('0.0.0.0/0');
        const offered: SaPayload = only(first.payloads, 'sa');
        const inbound = spi(readU32(offered.proposals[0]?.spi ?? new Uint8Array(4), 0));
        const policy: ChildPolicy = {
          name: 'any',
          suites: [espSuite('aes-128-cbc/hmac-sha1-96')],
          localIdentity: everything,
          remoteIdentity: everything,
          lifetime: seconds(3600),
        };
        const expecting = new ExpectQuickReply({
          context: { ...end, messageId: first.header.messageId, path: { local: R2, remote: R3 } },
          policy,
          children: [{ policy, own: { spi: inbound }, offer: offered }],
          dh: undefined,
          niB: bodyOf(first, 'nonce'),
          iv: first.nextIv,
        });
        const body = openBody(end.keys.cipher, first.nextIv, second.header, second.octets);
        const step = expecting.receive({ header: second.header, ...body });
        expect(step.reply && toHex(step.reply)).toBe(toHex(messageAt(quick, 2).octets));
        const keysOf = (keys: { encryption: Uint8Array; integrity: Uint8Array } | undefined): string =>
          keys === undefined ? '' : toHex(concat(keys.encryption, keys.integrity));
        const [agreement] = step.outcome ?? [];
        const esp = agreement && espOf(agreement);
        expect(keysOf(esp?.inbound)).toBe(trace.quick_mode?.['KEYMAT_spi_initiator(AES128 key|HMAC-SHA1 key)']);
        expect(keysOf(esp?.outbound)).toBe(trace.quick_mode?.['KEYMAT_spi_responder(AES128 key|HMAC-SHA1 key)']);
        // IOS narrows 0.0.0.0/0 to what it is configured with.
        expect(agreement?.remoteIdentity).toEqual(ipv4SubnetId('10.1.0.0/24'));
      });

    const informational = messages.find(({ header }) => header.exchange === 5);
    if (informational !== undefined)
      it('reads the RESPONDER-LIFETIME that came in one datagram with message 6', () => {
        if (end === undefined) throw new Error('not established');
        const datagram = concat(at(5).octets, informational.octets);
        const [, second] = splitMessages(datagram);
        const payloads = openInformational(end, readMessage(second ?? datagram, { local: R2, remote: R3 }));
        expect(equalOctets(second ?? datagram, informational.octets)).toBe(true);
        expect(only(payloads, 'notification').notifyType).toBe(24576);
      });
  },
);
