import { createCbc, type DhKeyPair } from '@espalier/crypto';
import {
  hash1,
  hash2,
  hash3,
  hashI,
  hashR,
  type IkeProposal,
  phase1Iv,
  phase1Key,
  phase1Secrets,
  phase2Iv,
  skeyidOfPreSharedKey,
} from '@espalier/ike';
import { decodeMessage, EXCHANGE, fromAscii, fromHex, ipv4AddressId, seconds, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import { only } from '../../src/exchange/rules.ts';
import { ExpectAggressiveReply } from '../../src/v1/aggressive-mode/initiator.ts';
import { ExpectOffer } from '../../src/v1/aggressive-mode/responder.ts';
import { NO_COOKIE } from '../../src/v1/cookies.ts';
import type { Phase1Context } from '../../src/v1/phase1.ts';
import { openBody } from '../../src/v1/protection.ts';
import { R2, R3 } from '../support/pair.ts';
import {
  bodyOf,
  drive,
  knownPair,
  messageAt,
  openRecorded,
  type RecordedMessage,
  recordedEngine,
  recordedRng,
  restOf,
} from '../support/recorded.ts';

interface Capture {
  readonly psk: string;
  readonly ike_sas: readonly Record<string, string>[];
  readonly ike_messages: readonly { readonly message: string; readonly iv?: string }[];
}

interface Case {
  readonly name: string;
  readonly encryption: IkeProposal['encryption'];
}

/** vpnc authenticates by XAuth as well, which only a reader of its capture needs to know nothing of. */
const CASES: readonly Case[] = [
  { name: 'aggressive-psk', encryption: '3des-cbc' },
  { name: 'vpnc-client', encryption: 'aes-cbc' },
];

function read({ name, encryption }: Case) {
  const capture = hasShared
    ? sharedJson<Capture>(`captures/${name}/keys.json`)
    : { psk: '', ike_sas: [], ike_messages: [] };
  const sa = capture.ike_sas[0] ?? {};
  const octets = (field: string): Uint8Array => fromHex(sa[field] ?? '');
  const messages = (): readonly RecordedMessage[] => {
    const cipher = createCbc(encryption, octets('ka'));
    return capture.ike_messages.map(({ message, iv }) =>
      openRecorded(message, cipher, iv === undefined ? undefined : fromHex(iv)),
    );
  };
  return { capture, sa, octets, messages };
}

describe.skipIf(!hasShared).each(CASES)('a capture of Aggressive Mode: $name', (test) => {
  const { capture, sa, octets, messages } = read(test);
  const [cookieI, cookieR, gxi, gxr] = [octets('cookie_i'), octets('cookie_r'), octets('g_xi'), octets('g_xr')];

  it('gives SKEYID and what follows, the first IV, HASH_I and HASH_R as they were sent', () => {
    const [first, second, third] = [0, 1, 2].map((i) => messageAt(messages(), i));
    if (first === undefined || second === undefined || third === undefined) throw new Error('too few messages');
    const skeyid = skeyidOfPreSharedKey('sha1', fromAscii(capture.psk), octets('nonce_i'), octets('nonce_r'));
    const { d, a, e } = phase1Secrets('sha1', skeyid, octets('g_xy'), cookieI, cookieR);
    const transcript = { gxi, gxr, cookieI, cookieR, saiB: bodyOf(first, 'sa') };
    const given = {
      skeyid: toHex(skeyid),
      skeyid_d: toHex(d),
      skeyid_a: toHex(a),
      skeyid_e: toHex(e),
      ka: toHex(phase1Key('sha1', e, octets('ka').length)),
      iv0: toHex(phase1Iv('sha1', gxi, gxr, octets('iv0').length)),
      hash_i: toHex(hashI('sha1', skeyid, transcript, bodyOf(first, 'id'))),
      hash_r: toHex(hashR('sha1', skeyid, transcript, bodyOf(second, 'id'))),
    };
    expect(given).toEqual(Object.fromEntries(Object.keys(given).map((field) => [field, sa[field]])));
    expect(toHex(bodyOf(second, 'hash'))).toBe(given.hash_r);
    expect(toHex(bodyOf(third, 'hash'))).toBe(given.hash_i);
  });

  it('gives the IV and the hash of every message after it', () => {
    const a = octets('skeyid_a');
    const all = messages();
    const last = messageAt(all, 2).nextIv;
    const later = all.slice(3);
    for (const messageId of new Set(later.map(({ header }) => header.messageId))) {
      const exchange = later.filter(({ header }) => header.messageId === messageId);
      const [first, second, third] = exchange;
      if (first === undefined) continue;
      const recorded = capture.ike_messages[all.indexOf(first)];
      expect(toHex(phase2Iv('sha1', last, messageId, last.length))).toBe(recorded?.iv);
      const isQuick = first.header.exchange === EXCHANGE.quick;
      for (const message of isQuick ? [first] : exchange) {
        expect(toHex(hash1('sha1', a, messageId, restOf(message)))).toBe(toHex(bodyOf(message, 'hash')));
      }
      if (!isQuick || second === undefined || third === undefined) continue;
      const [niB, nrB] = [bodyOf(first, 'nonce'), bodyOf(second, 'nonce')];
      expect(toHex(hash2('sha1', a, messageId, niB, restOf(second)))).toBe(toHex(bodyOf(second, 'hash')));
      expect(toHex(hash3('sha1', a, messageId, niB, nrB))).toBe(toHex(bodyOf(third, 'hash')));
    }
    expect(later.length).toBeGreaterThan(4);
  });
});

describe.skipIf(!hasShared)('our Aggressive Mode with the values of strongSwan', () => {
  const { capture, octets, messages } = read({ name: 'aggressive-psk', encryption: '3des-cbc' });
  const contextOf = (local: typeof R2, remote: typeof R2, pair: DhKeyPair, nonce: Uint8Array): Phase1Context => ({
    engine: recordedEngine(),
    rng: recordedRng(nonce),
    proposals: [{ encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
    lifetime: seconds(15_840),
    localIdentity: ipv4AddressId(local.address),
    remoteIdentity: ipv4AddressId(remote.address),
    peer: 'peer',
    preSharedKey: fromAscii(capture.psk),
    sharedKeyPair: () => pair,
    nonceOctets: nonce.length,
    initialContact: () => true,
    natTraversal: { path: { local, remote }, force: false },
  });

  it('as initiator sends its HASH_I, under its keys, with NAT-D of the ports that message 3 goes between', () => {
    const [first, second, third] = [0, 1, 2].map((i) => messageAt(messages(), i));
    if (first === undefined || second === undefined || third === undefined) throw new Error('too few messages');
    const dh = knownPair(2, octets('g_xi'), octets('g_xy'));
    const state = new ExpectAggressiveReply({
      context: contextOf(R2, R3, dh, octets('nonce_i')),
      cookies: { initiator: octets('cookie_i'), responder: NO_COOKIE },
      offer: only(first.payloads, 'sa'),
      dh,
      niB: octets('nonce_i'),
      idii: { kind: 'id', ...ipv4AddressId(R2.address) },
    });
    const { reply, outcome } = state.receive({ ...second, header: second.header });
    if (reply === undefined || outcome === undefined) throw new Error('no message 3');
    const sent = openBody(outcome.keys.cipher, octets('iv0'), third.header, reply);
    expect(toHex(only(sent.payloads, 'hash').data)).toBe(toHex(bodyOf(third, 'hash')));
    // The other NAT-D of theirs lies: strongSwan without ESP in its kernel claims to be behind a NAT.
    const [theirs] = third.payloads.flatMap((payload) => (payload.kind === 'nat-d' ? [toHex(payload.hash)] : []));
    const [ours] = sent.payloads.flatMap((payload) => (payload.kind === 'nat-d' ? [toHex(payload.hash)] : []));
    expect(ours).toBe(theirs);
  });

  it('as responder sends its HASH_R and takes its message 3', () => {
    const all = messages();
    const dh = knownPair(2, octets('g_xr'), octets('g_xy'));
    const context = contextOf(R3, R2, dh, octets('nonce_r'));
    const first = new ExpectOffer(
      () => [context],
      () => octets('cookie_r'),
    );
    const { replies, end } = drive(first, [messageAt(all, 0), messageAt(all, 2)]);
    const [second] = replies;
    if (second === undefined) throw new Error('no message 2');
    expect(toHex(only(decodeMessage(second).payloads, 'hash').data)).toBe(toHex(bodyOf(messageAt(all, 1), 'hash')));
    expect(end?.lastBlock && toHex(end.lastBlock)).toBe(toHex(messageAt(all, 2).nextIv));
    expect(end?.nat).toMatchObject({ isLocalBehind: false, isRemoteBehind: true });
  });
});
