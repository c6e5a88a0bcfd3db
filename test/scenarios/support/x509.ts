import { expect } from 'vitest';
import type { PrivateKey } from '../../../packages/crypto/src/index.ts';
import type { GatewayPeer } from '../../../packages/gateway/src/index.ts';
import type { Credentials } from '../../../packages/ike/src/index.ts';
import {
  answerWith,
  type Certificate,
  type Credential,
  identityOf,
  type Pki,
  type PkiConfig,
  readCertificate,
} from '../../../packages/pki/src/index.ts';
import { fqdnId, type Identification, seconds } from '../../../packages/wire/src/index.ts';
import { AT, credentialOf, type Holder, KEYS, pkiOf } from './authority.ts';
import { ENGINE } from './engines.ts';
import { type Answers, type Host, Internet } from './internet.ts';
import { configOf, markedPacket, marksIn } from './play.ts';

/** One end's certificate, whom it says it is, and what the other end makes of that. */
export interface X509Row {
  readonly name: string;
  readonly mode: 'main' | 'aggressive';
  /** Whose certificate it is about; the other end's is as it should be. */
  readonly about: 'initiator' | 'responder';
  readonly holder?: Holder;
  /** Default: its first DNS name. */
  readonly identity?: (certificate: Certificate) => Identification;
  /** Whom the other end lets in. Default: whom the certificate is for. */
  readonly remoteIdentity?: Identification | 'any';
  /** What the other end trusts and knows. */
  readonly trust?: (certificate: Certificate) => Partial<PkiConfig>;
  /** What the end that shows it has beside. */
  readonly own?: (shown: Credential) => Partial<PkiConfig>;
  /** What it signs with in truth. */
  readonly signsWith?: PrivateKey;
  /** It signs, and sends no certificate along. */
  readonly isSilent?: true;
  /** The other end does not ask for whom it is. */
  readonly ignoresIdentity?: true;
  /** What the other end asks for. */
  readonly requests?: Credentials['requests'];
  /** Why it does not believe it, in the words of `@espalier/pki`. Default: it does. */
  readonly refused?: string;
  readonly at?: number;
}

const ADDRESS = { west: '203.0.113.1', east: '203.0.113.2' } as const;
const NET = { west: '10.1.0.0/16', east: '10.2.0.0/16' } as const;

type Name = keyof typeof ADDRESS;

export function playX509(row: X509Row): void {
  const shownBy = row.about === 'initiator' ? 'west' : 'east';
  const shown = credentialOf(shownBy, { key: KEYS[row.about], ...row.holder });
  const identity = row.identity?.(shown.certificate) ?? fqdnId(`${shownBy}.example`);
  const internet = new Internet();
  for (const name of ['east', 'west'] as const) {
    const other: Name = name === 'west' ? 'east' : 'west';
    const { peer, answers } = name === shownBy ? showing(row, shown, identity) : judging(row, name, shown, identity);
    const wishes = { mode: row.mode, auth: 'certificates' } as const;
    const selectors = { local: NET[name], remote: NET[other] };
    const config = configOf(wishes, { local: ADDRESS[name], remote: ADDRESS[other], ...peer }, selectors);
    internet.join(name, ADDRESS[name], config, { answers });
  }
  const judge = internet.host(shownBy === 'west' ? 'east' : 'west');
  internet.send('west', markedPacket('10.1.0.9', '10.2.0.9'));
  internet.run(seconds(row.refused === undefined ? 3 : 60));
  const [west, east] = [internet.host('west'), internet.host('east')];
  if (row.refused === undefined) {
    expect(toldBy(judge)).toEqual('');
    internet.send('east', markedPacket('10.2.0.9', '10.1.0.9'));
    internet.run(seconds(1));
    expect([marksIn(west).length, marksIn(east).length]).toEqual([1, 1]);
    return;
  }
  for (const { gateway, received } of [west, east]) expect([gateway.ipsecSas(), received]).toEqual([[], []]);
  expect(judge.gateway.ikeSas().filter(({ establishedAt }) => establishedAt !== undefined)).toEqual([]);
  expect(toldBy(judge)).toContain(row.refused);
}

interface End {
  readonly peer: Partial<GatewayPeer>;
  readonly answers: Answers;
}

/** The end whose certificate it is about. */
function showing(row: X509Row, shown: Credential, localIdentity: Identification): End {
  const pki = pkiOf(shown, row.own?.(shown));
  const requests = pki.certificateRequests();
  return {
    peer: {
      localIdentity,
      remoteIdentity: 'any',
      credentials: { privateKey: 'ask', remoteKey: 'ask', requests },
    },
    answers: signing(row, answersOf(row, pki)),
  };
}

function signing({ isSilent, signsWith }: X509Row, answers: Answers): Answers {
  return (question) => {
    const answer = answers(question);
    if (question.kind !== 'sign' || answer?.kind !== 'sign') return answer;
    const signature = signsWith === undefined ? answer.signature : ENGINE.signatures.sign(signsWith, question.hash);
    return { ...answer, signature, ...(isSilent === true ? { certificates: [] } : {}) };
  };
}

/** The end that believes it, or not. */
function judging(row: X509Row, name: Name, shown: Credential, identity: Identification): End {
  const own = credentialOf(name, { key: KEYS[name === 'west' ? 'initiator' : 'responder'] });
  const pki = pkiOf(own, row.trust?.(shown.certificate));
  const asWhoever: Answers = (question) => {
    if (question.kind !== 'verify-chain') return undefined;
    // For whom the certificate is does not count: it is asked for in the name of its own subject.
    const [first] = question.certificates.flatMap(({ data }) => {
      const read = readCertificate(data);
      return read.ok ? [read.value] : [];
    });
    const subject = first && identityOf(first, 'name');
    const verdict = subject && pki.verifyChain(AT, { ...question, identity: subject });
    return verdict?.ok ? { kind: 'verify-chain', key: verdict.key } : { kind: 'verify-chain', reason: 'no chain' };
  };
  const answering = answersOf(row, pki);
  return {
    peer: {
      localIdentity: fqdnId(`${name}.example`),
      remoteIdentity: row.remoteIdentity ?? identity,
      credentials: { privateKey: 'ask', remoteKey: 'ask', requests: row.requests ?? pki.certificateRequests() },
    },
    answers: (question) => (row.ignoresIdentity === true ? asWhoever(question) : undefined) ?? answering(question),
  };
}

function answersOf(row: X509Row, pki: Pki): Answers {
  const answering = answerWith(pki);
  return (question) => answering(question, row.at ?? AT);
}

/** Why it let nobody in. */
function toldBy({ events }: Host): string {
  return events
    .filter(({ kind }) => kind === 'ike-failed' || kind === 'negotiation-refused')
    .map((event) => JSON.stringify(event))
    .join('\n');
}
