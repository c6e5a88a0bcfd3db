import { type DhGroupNumber, type DhKeyPair, espSuite, type HashName } from '@espalier/crypto';
import type { ChildPolicy, IkeProposal } from '@espalier/ike';
import { fromAscii, fromHex, ipv4AddressId, ipv4SubnetId, readU32, seconds, spi, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared } from '../../../../test/shared.ts';
import { only } from '../../src/exchange/rules.ts';
import { DEFAULT_TERMS } from '../../src/terms.ts';
import { NO_COOKIE } from '../../src/v1/cookies.ts';
import { ExpectSaReply } from '../../src/v1/main-mode/initiator.ts';
import { ExpectSa } from '../../src/v1/main-mode/responder.ts';
import type { Established, Phase1Context } from '../../src/v1/phase1/phase1.ts';
import { sealInformational } from '../../src/v1/phase2/phase2.ts';
import { openBody } from '../../src/v1/protection.ts';
import { ExpectQuickReply } from '../../src/v1/quick-mode/initiator.ts';
import { Capture } from '../support/capture.ts';
import { espOf, R2, R3 } from '../support/pair.ts';
import {
  asWePad,
  bodyOf,
  drive,
  knownPair,
  messageAt,
  type RecordedMessage,
  recordedEngine,
  recordedRng,
} from '../support/recorded.ts';

interface Case {
  readonly name: string;
  readonly hash: HashName;
  readonly group: DhGroupNumber;
  readonly encryption: IkeProposal['encryption'];
  readonly keyOctets?: 16 | 24;
  readonly suite: string;
  readonly pfs: boolean;
}

const CASES: readonly Case[] = [
  {
    name: 'main-psk-3des-sha1-modp1024',
    hash: 'sha1',
    group: 2,
    encryption: '3des-cbc',
    suite: '3des-cbc/hmac-sha1-96',
    pfs: false,
  },
  {
    name: 'rekey-quick-mode',
    hash: 'sha1',
    group: 2,
    encryption: '3des-cbc',
    suite: '3des-cbc/hmac-sha1-96',
    pfs: false,
  },
  {
    name: 'main-psk-aes128-sha256-modp2048-pfs',
    hash: 'sha2-256',
    group: 14,
    encryption: 'aes-cbc',
    keyOctets: 16,
    suite: 'aes-128-cbc/hmac-sha2-256-128',
    pfs: true,
  },
  {
    name: 'ike-aes192-sha256-ecp256',
    hash: 'sha2-256',
    group: 19,
    encryption: 'aes-cbc',
    keyOctets: 24,
    suite: '3des-cbc/hmac-sha1-96',
    pfs: false,
  },
];

const INITIATOR = '10.1.15.1';
const RESPONDER = '10.1.15.2';

describe.skipIf(!hasShared).each(CASES)('a capture of strongSwan: $name', (test) => {
  const capture = new Capture(test.name);
  const sa = capture.sa();
  const octets = (name: string, of = sa.fields): Uint8Array => fromHex(of[name] ?? '');
  const [cookieI, cookieR] = [octets('cookie_i'), octets('cookie_r')];
  const [gxi, gxr, niB, nrB] = [octets('g_xi'), octets('g_xr'), octets('nonce_i'), octets('nonce_r')];
  const psk = fromAscii(capture.file.psk);

  const messages = (): readonly RecordedMessage[] => capture.messagesOf(sa);

  const contextOf = (own: string, peer: string, pair: DhKeyPair, nonce: Uint8Array): Phase1Context => ({
    engine: recordedEngine(pair),
    rng: recordedRng(nonce),
    proposals: [
      {
        encryption: test.encryption,
        hash: test.hash,
        group: test.group,
        authentication: 'pre-shared-key',
        ...(test.keyOctets && { keyOctets: test.keyOctets }),
      },
    ],
    lifetime: seconds(15_840),
    localIdentity: ipv4AddressId(own),
    remoteIdentity: ipv4AddressId(peer),
    peer: 'peer',
    preSharedKey: psk,
    sharedKeyPair: () => expect.fail('no Aggressive Mode'),
    nonceOctets: nonce.length,
    isKnownByAddress: true,
    terms: DEFAULT_TERMS,
    initialContact: () => true,
  });

  const asInitiator = (): Established => {
    const all = messages();
    const offer = only(messageAt(all, 0).payloads, 'sa');
    const context = contextOf(INITIATOR, RESPONDER, knownPair(test.group, gxi, octets('g_xy')), niB);
    const cookies = { initiator: cookieI, responder: NO_COOKIE };
    const { replies, end } = drive(new ExpectSaReply({ context, cookies, offer }), [
      messageAt(all, 1),
      messageAt(all, 3),
      messageAt(all, 5),
    ]);
    expect(replies[1] && toHex(replies[1])).toBe(toHex(asWePad(messageAt(all, 4))));
    if (end === undefined) throw new Error('not established');
    return end;
  };

  it('has our initiator, with its values, send its message 5 octet for octet and accept message 6', () => {
    expect(asInitiator().role).toBe('initiator');
  });

  it('has our responder, with its values, send its message 6 octet for octet', () => {
    const all = messages();
    const context = contextOf(RESPONDER, INITIATOR, knownPair(test.group, gxr, octets('g_xy')), nrB);
    const { replies, end } = drive(
      new ExpectSa(
        () => [context],
        () => cookieR,
      ),
      [messageAt(all, 0), messageAt(all, 2), messageAt(all, 4)],
    );
    expect(replies[2] && toHex(replies[2])).toBe(toHex(asWePad(messageAt(all, 5))));
    expect(end?.initialContact).toBe(true);
  });

  it('has our initiator send message 3 of each of its Quick Modes octet for octet', () => {
    const fields = asInitiator();
    const all = messages();
    const firsts = all.filter(
      ({ header, payloads }, i) =>
        header.exchange === 32 && payloads.length > 1 && capture.sent[i]?.src.startsWith(INITIATOR),
    );
    expect(firsts).toHaveLength(capture.file.child_sas.length);
    for (const [i, first] of firsts.entries()) {
      const at = all.indexOf(first);
      const second = messageAt(all, at + 1);
      const offer = only(first.payloads, 'sa');
      const child = capture.file.child_sas[i] ?? {};
      const policy: ChildPolicy = {
        name: 'net',
        suites: [espSuite(test.suite)],
        localIdentity: ipv4SubnetId('10.1.12.0/24'),
        remoteIdentity: ipv4SubnetId('10.1.56.0/24'),
        lifetime: seconds(3960),
        ...(test.pfs && { pfsGroup: test.group }),
      };
      const own = { spi: spi(readU32(offer.proposals[0]?.spi ?? new Uint8Array(4), 0)) };
      const step = new ExpectQuickReply({
        context: { ...fields, messageId: first.header.messageId, path: { local: R2, remote: R3 } },
        policy,
        children: [{ policy, own, offer }],
        dh: test.pfs ? knownPair(test.group, bodyOf(first, 'ke'), octets('pfs_g_xy', child)) : undefined,
        niB: bodyOf(first, 'nonce'),
        iv: first.nextIv,
      }).receive({
        header: second.header,
        ...openBody(fields.keys.cipher, first.nextIv, second.header, second.octets),
      });
      expect(step.reply && toHex(step.reply)).toBe(toHex(asWePad(messageAt(all, at + 2))));
      const [agreement] = step.outcome ?? [];
      const esp = agreement && espOf(agreement);
      expect(esp && toHex(esp.outbound.encryption)).toBe(toHex(octets('enc_key_i2r', child)));
      expect(esp && toHex(esp.inbound.integrity)).toBe(toHex(octets('integ_key_r2i', child)));
    }
  });

  it('has us seal its Deletes octet for octet', () => {
    const fields = asInitiator();
    for (const message of messages().filter(({ header }) => header.exchange === 5)) {
      const { header, payloads } = message;
      const sealed = sealInformational(fields, header.messageId, payloads.slice(1));
      expect(toHex(sealed)).toBe(toHex(asWePad(message)));
    }
  });
});
