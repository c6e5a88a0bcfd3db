import { createCbc } from '@espalier/crypto';
import { type Attribute, CONFIGURATION_TYPE, EXCHANGE, fromAscii, keyId, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared } from '../../../../test/shared.ts';
import { seededRng } from '../../../../test/support/rng.ts';
import { only } from '../../src/exchange/rules.ts';
import { LENIENT } from '../../src/tolerances.ts';
import { hash1, phase2Iv } from '../../src/v1/keying.ts';
import type { Phase2Context } from '../../src/v1/phase2/phase2.ts';
import { IkeKeys } from '../../src/v1/protection.ts';
import { ExpectTransaction } from '../../src/v1/transaction/answering.ts';
import { ask } from '../../src/v1/transaction/asking.ts';
import { configurationRequest } from '../../src/v1/transaction/mode-config/client.ts';
import { leaseOnRequest } from '../../src/v1/transaction/mode-config/gateway.ts';
import type { TransactionOutcome } from '../../src/v1/transaction/outcome.ts';
import type { Reaction, TransactionKnowledge } from '../../src/v1/transaction/transaction.ts';
import { statusAttributes } from '../../src/v1/transaction/xauth/attributes.ts';
import { Questioner } from '../../src/v1/transaction/xauth/gateway.ts';
import { User } from '../../src/v1/transaction/xauth/user.ts';
import { Capture } from '../support/capture.ts';
import { asWePad, messageAt, openRecorded, type RecordedMessage, restOf } from '../support/recorded.ts';

const IDENTITY = keyId(fromAscii('testgroup'));
const LEASE = { addresses: ['10.1.77.1'], dns: ['10.1.56.53'] } as const;
const WHO = { peer: 'peer', role: 'responder', identity: IDENTITY } as const;
const OK: Reaction<TransactionOutcome> = { attributes: [], outcome: undefined };

/** A phase 1 between others, and the transactions under it: each by what is asked and what is answered. */
function session(name: string) {
  const capture = new Capture(name);
  const sa = capture.sa();
  const all = capture.messagesOf(sa);
  const transactions = all.filter(({ header }) => header.exchange === EXCHANGE.transaction);
  const keys = new IkeKeys(
    { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2, authentication: 'xauth-initiator-pre-shared-key' },
    new Uint8Array(20),
    { d: sa.octets('skeyid_d'), a: sa.octets('skeyid_a'), e: sa.octets('skeyid_e') },
  );
  const lastOfPhase1 = all.findLast(({ header }) => header.messageId === 0);
  const cookies = { initiator: sa.octets('cookie_i'), responder: sa.octets('cookie_r') };
  const known = ({ header }: RecordedMessage): TransactionKnowledge => {
    const { messageId } = header;
    const context: Phase2Context = { cookies, keys, messageId };
    const iv = phase2Iv('sha1', lastOfPhase1?.nextIv ?? new Uint8Array(16), messageId, 16);
    return { context, iv, leniency: LENIENT };
  };
  return { sa, transactions, known };
}

function attributesOf(message: RecordedMessage): readonly Attribute[] {
  return only(message.payloads, 'configuration').attributes;
}

describe.skipIf(!hasShared).each(['xauth-psk-pull', 'vpnc-client'])('the transactions of %s', (name) => {
  it('open along the chain of their message IDs, each with the hash that it should have', () => {
    const { sa, transactions, known } = session(name);
    expect(transactions).toHaveLength(6);
    const cipher = createCbc('aes-cbc', sa.octets('ka'));
    const ivs = new Map<number, Uint8Array>();
    for (const message of transactions) {
      const { messageId } = message.header;
      const opened = openRecorded(toHex(message.octets), cipher, ivs.get(messageId) ?? known(message).iv);
      expect(toHex(opened.chain)).toBe(toHex(message.chain));
      expect(toHex(only(opened.payloads, 'hash').data)).toBe(
        toHex(hash1('sha1', sa.octets('skeyid_a'), messageId, restOf(opened))),
      );
      ivs.set(messageId, opened.nextIv);
    }
  });

  it('are what our gateway says, octet for octet', () => {
    const { transactions, known } = session(name);
    const [prompt, credentials, status, , request, reply] = transactions.map((_, i) => messageAt(transactions, i));
    if (!prompt || !credentials || !status || !request || !reply) throw new Error('messages are missing');
    const questioner = new Questioner({ side: 'gateway' }, WHO, seededRng(1));
    const asking = ask(known(prompt), questioner.request, (attributes) => questioner.replied(attributes));
    expect(asking.reply && toHex(asking.reply)).toBe(toHex(asWePad(prompt)));
    const [awaiting] = asking.next;
    if (awaiting === undefined || 'asks' in awaiting) throw new Error('no answer is awaited');
    const [judging] = awaiting.receive(credentials).next;
    if (judging === undefined || !('asks' in judging)) throw new Error('nobody judges');
    expect(judging.asks).toMatchObject({ userName: 'alice', password: fromAscii('wonderland') });
    const { outcome } = judging.answer({ kind: 'verify-credentials', verdict: 'accept' });
    expect(outcome).toMatchObject({ kind: 'verdict', userName: 'alice' });
    const telling = ask(known(status), { type: 'set', attributes: statusAttributes(true) }, () => OK);
    expect(telling.reply && toHex(telling.reply)).toBe(toHex(asWePad(status)));
    const lessee = { ...WHO, user: 'alice', held: LEASE, unity: false };
    const leasing = new ExpectTransaction(known(request), {
      react: ({ attributes }) => leaseOnRequest(attributes, lessee),
    }).receive(request);
    expect(leasing.reply && toHex(leasing.reply)).toBe(toHex(asWePad(reply)));
  });

  it('are answered by our client as theirs answered', () => {
    const { transactions, known } = session(name);
    const [prompt, credentials, status, acknowledged, request] = transactions;
    if (!prompt || !credentials || !status || !acknowledged || !request) throw new Error('messages are missing');
    const user = new User({ side: 'user', userName: 'alice', password: fromAscii('wonderland') }, WHO);
    const giving = new ExpectTransaction(known(prompt), {
      react: ({ attributes }) => user.prompted(attributes),
    }).receive(prompt);
    expect(giving.reply && toHex(giving.reply)).toBe(toHex(asWePad(credentials)));
    expect(attributesOf(acknowledged).map(({ type }) => type)).toEqual(attributesOf(status).map(({ type }) => type));
    const ours = configurationRequest({ side: 'client' }, undefined, true).attributes.map(({ type }) => type);
    const theirs = attributesOf(request).map(({ type }) => type);
    expect(ours).toEqual(expect.arrayContaining(theirs.filter((type) => ASKED_BY_BOTH.includes(type))));
    expect(only(request.payloads, 'configuration').type).toBe(CONFIGURATION_TYPE.request);
  });
});

/** vpnc asks for a firewall and the name of its host in the DNS, too. */
const ASKED_BY_BOTH: readonly number[] = [1, 2, 3, 4, 7, 28672, 28673, 28674, 28676, 28679];
