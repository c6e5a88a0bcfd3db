import type { DhKeyPair } from '@espalier/crypto';
import { decodeMessage, fromAscii, ipv4AddressId, seconds, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared } from '../../../../test/shared.ts';
import { only } from '../../src/exchange/rules.ts';
import { NAT_METHODS } from '../../src/nat/methods.ts';
import { DEFAULT_TERMS } from '../../src/terms.ts';
import { ExpectAggressiveReply } from '../../src/v1/aggressive-mode/initiator.ts';
import { ExpectOffer } from '../../src/v1/aggressive-mode/responder.ts';
import { NO_COOKIE } from '../../src/v1/cookies.ts';
import type { Phase1Context } from '../../src/v1/phase1/phase1.ts';
import { openBody } from '../../src/v1/protection.ts';
import { Capture } from '../support/capture.ts';
import { R2, R3 } from '../support/pair.ts';
import {
  bodyOf,
  drive,
  knownPair,
  messageAt,
  type RecordedMessage,
  recordedEngine,
  recordedRng,
} from '../support/recorded.ts';

describe.skipIf(!hasShared)('our Aggressive Mode with the values of strongSwan', () => {
  const capture = new Capture('aggressive-psk');
  const sa = capture.sa();
  const octets = (name: string): Uint8Array => sa.octets(name);
  const messages = (): readonly RecordedMessage[] => capture.messagesOf(sa);
  const contextOf = (local: typeof R2, remote: typeof R2, pair: DhKeyPair, nonce: Uint8Array): Phase1Context => ({
    engine: recordedEngine(),
    rng: recordedRng(nonce),
    proposals: [{ encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
    lifetime: seconds(15_840),
    localIdentity: ipv4AddressId(local.address),
    remoteIdentity: ipv4AddressId(remote.address),
    peer: 'peer',
    preSharedKey: fromAscii(capture.file.psk),
    sharedKeyPair: () => pair,
    nonceOctets: nonce.length,
    isKnownByAddress: true,
    terms: DEFAULT_TERMS,
    initialContact: () => true,
    natTraversal: { path: { local, remote }, methods: NAT_METHODS, force: false },
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
