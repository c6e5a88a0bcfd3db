import { hash, type PublicKey, signEcdsa, signRsaPkcs1Bare } from '@espalier/crypto';
import { type Answer, formatFailure, type IkeFailedEvent, type IkeRefusal, type Question } from '@espalier/ike';
import { concat, fromHex, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ecdsaKey, rsaKey, rsaPublicKey } from '../../../../test/support/signing-keys.ts';
import { Pair, type Side } from '../support/pair.ts';
import { answerTo, publicKeyOf, signing } from '../support/signing.ts';

/** What stands before a hash where a signature is not IKEv1's. */
const SHA1_DIGEST_INFO = fromHex('3021300906052b0e03021a05000414');

type Answering = (question: Question) => Answer | undefined;

interface Wrong {
  readonly name: string;
  /** What R2's caller signs in the place of the right thing; or what R3's caller says of R2's certificates. */
  readonly sign?: Answering;
  readonly verify?: Answering;
  readonly reason: IkeRefusal;
  readonly words: RegExp;
}

const signs =
  (make: (hash: Uint8Array) => Uint8Array | undefined): Answering =>
  (question) =>
    question.kind === 'sign' ? { kind: 'sign', signature: make(question.hash) } : undefined;
const says =
  (key: PublicKey): Answering =>
  () => ({ kind: 'verify-chain', key });

const WRONG: readonly Wrong[] = [
  {
    name: 'a signature by another key',
    sign: signs((digest) => signRsaPkcs1Bare(rsaKey('other'), digest)),
    reason: 'authentication-failed',
    words: /Another key has made it/,
  },
  {
    name: 'a signature with a DigestInfo',
    sign: signs((digest) => signRsaPkcs1Bare(rsaKey('one'), concat(SHA1_DIGEST_INFO, digest))),
    reason: 'authentication-failed',
    words: /with the name of the hash in front[\s\S]*RFC 2409 §5.1/,
  },
  {
    name: 'a signature of another hash',
    sign: signs((digest) => signRsaPkcs1Bare(rsaKey('one'), hash('sha1', digest))),
    reason: 'authentication-failed',
    words: /signs another hash/,
  },
  {
    name: 'a signature of a longer hash',
    sign: signs((digest) => signRsaPkcs1Bare(rsaKey('one'), hash('sha2-256', digest))),
    reason: 'authentication-failed',
    words: /another length/,
  },
  {
    name: 'a signature of the other curve',
    sign: signs((digest) => signEcdsa(ecdsaKey('P-256', 'one'), hash('sha2-256', digest))),
    reason: 'authentication-failed',
    words: /does not verify/,
  },
  {
    name: 'certificates that are not believed',
    verify: () => ({ kind: 'verify-chain', reason: 'certificate 1 (CN=r2) expired yesterday' }),
    reason: 'certificate-refused',
    words: /not accepted[\s\S]*certificate 1 \(CN=r2\) expired yesterday/,
  },
  {
    name: 'a key with e = 3 (CVE-2026-50721)',
    verify: says({ ...rsaPublicKey('one'), kind: 'rsa', exponent: Uint8Array.of(3), modulus: rsaKey('one').modulus }),
    reason: 'unacceptable-key',
    words: /exponent/,
  },
  {
    name: 'a key with e = 1 (CVE-2026-50721)',
    verify: says({ kind: 'rsa', exponent: Uint8Array.of(1), modulus: rsaKey('one').modulus }),
    reason: 'unacceptable-key',
    words: /exponent/,
  },
  {
    name: 'a key of 1024 bits',
    verify: says(rsaPublicKey('short')),
    reason: 'unacceptable-key',
    words: /too few bits/,
  },
  {
    name: 'a key of 16,384 bits',
    verify: says({ kind: 'rsa', exponent: Uint8Array.of(1, 0, 1), modulus: new Uint8Array(2048).fill(0xff) }),
    reason: 'unacceptable-key',
    words: /8192/,
  },
  {
    name: 'a key of another kind',
    verify: says(publicKeyOf('R2', 'ecdsa-256')),
    reason: 'unacceptable-key',
    words: /another kind/,
  },
];

/** R2 begins, signs by question, and its certificates are asked about at R3: what R3 makes of it. */
function play(
  mode: 'main' | 'aggressive',
  answering: (side: Side, question: Question) => Answer | undefined,
  seed = 1,
): Pair {
  const pair = new Pair({
    seed,
    R2: signing('R2', { mode, asks: { sign: true, verify: false } }),
    R3: signing('R3', { mode, asks: { sign: false, verify: true } }),
  }).initiate();
  for (let i = 0; i < 6; i++) {
    pair.run(seconds(0.5));
    for (const side of ['R2', 'R3'] as const) {
      const question = pair[side].endpoint.pollQuestion();
      const answer = question && answering(side, question);
      if (question !== undefined && answer !== undefined) {
        pair.on(side, (endpoint, now) => endpoint.answer(now, question.id, answer));
      }
    }
  }
  return pair;
}

describe.each(['main', 'aggressive'] as const)('in %s mode', (mode) => {
  it.each(WRONG)('$name establishes nothing, and is told in words', ({ sign, verify, reason, words }) => {
    const pair = play(mode, (side, question) => {
      const wrong = question.kind === 'sign' ? sign : verify;
      return wrong?.(question) ?? answerTo(side, question);
    });
    expect(pair.R3.of('ike-established')).toEqual([]);
    const [failed] = pair.R3.of('ike-failed');
    expect(failed).toMatchObject({ reason, role: 'responder' });
    // Regression: what is refused once the caller has answered was counted nowhere.
    expect(pair.R3.endpoint.counters[reason]).toBeGreaterThan(0);
    expect(formatFailure(failed as IkeFailedEvent)).toMatch(words);
  });

  it('a side without a signature says so, and that a peer without a certificate has sent none', () => {
    const pair = play(mode, (side, question) =>
      question.kind === 'sign' ? { kind: 'sign', signature: undefined } : answerTo(side, question),
    );
    expect(pair.R2.of('ike-failed')[0]).toMatchObject({ reason: 'no-signature' });
    expect(formatFailure(pair.R2.of('ike-failed')[0] as IkeFailedEvent)).toMatch(/nobody has signed for this side/);

    const without = play(mode, (side, question) => {
      if (question.kind === 'verify-chain') return { kind: 'verify-chain', reason: 'there is none' };
      const answer = answerTo(side, question);
      return answer.kind === 'sign' ? { ...answer, certificates: [] } : answer;
    });
    expect(formatFailure(without.R3.of('ike-failed')[0] as IkeFailedEvent)).toMatch(/it sent no certificate/);
  });

  it('questions without any answer end in time, and leave nothing', () => {
    for (const kind of ['sign', 'verify-chain'] as const) {
      const pair = play(mode, (side, question) => (question.kind === kind ? undefined : answerTo(side, question)));
      const side = kind === 'sign' ? 'R2' : 'R3';
      pair.run(seconds(100));
      expect(pair[side].of('ike-failed')[0]).toMatchObject({ reason: 'question-unanswered' });
      const words = kind === 'sign' ? /nobody has signed/ : /whether its certificates are to be believed/;
      expect(formatFailure(pair[side].of('ike-failed')[0] as IkeFailedEvent)).toMatch(words);
    }
  });
});

it('a key of 1024 bits is taken where that is allowed by name', () => {
  const pair = new Pair({
    endpoint: { allowLegacy: ['rsa1024'] },
    R2: signing('R2', { credentials: { privateKey: rsaKey('short') } }),
    R3: signing('R3', { credentials: { remoteKey: rsaPublicKey('short') } }),
  }).initiate();
  pair.run(seconds(1));
  expect(pair.R3.of('ike-established')).toHaveLength(1);
});

it('nobody is ever established without a valid signature of this very hash, whatever is signed and sent', () => {
  const other = rsaKey('other');
  const seen: Uint8Array[] = [];
  // No two exchanges are the same.
  let seed = 1;
  const tampered = fc.oneof(
    fc.uint8Array({ minLength: 0, maxLength: 300 }).map((octets) => () => octets),
    fc.constantFrom(256, 255, 257, 0, 20).map((length) => () => new Uint8Array(length)),
    fc.constant((digest: Uint8Array) => signRsaPkcs1Bare(other, digest)),
    fc.constant((digest: Uint8Array) => signRsaPkcs1Bare(rsaKey('one'), digest.subarray(1))),
    fc.constant((digest: Uint8Array) => signRsaPkcs1Bare(rsaKey('one'), concat(digest, Uint8Array.of(0)))),
    fc.constant((digest: Uint8Array) => {
      // What was right of another exchange.
      const before = seen.at(-1);
      const signature = signRsaPkcs1Bare(rsaKey('one'), digest);
      if (signature !== undefined) seen.push(signature);
      return before ?? new Uint8Array(256);
    }),
    fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 255 })).map(([at, by]) => (digest: Uint8Array) => {
      const signature = signRsaPkcs1Bare(rsaKey('one'), digest);
      if (signature !== undefined) signature[at] = (signature[at] ?? 0) ^ by;
      return signature;
    }),
  );
  fc.assert(
    fc.property(fc.constantFrom('main', 'aggressive'), tampered, (mode, make) => {
      const answering = (side: Side, question: Question): Answer =>
        question.kind === 'sign' ? { kind: 'sign', signature: make(question.hash) } : answerTo(side, question);
      const pair = play(mode, answering, ++seed);
      expect(pair.R3.of('ike-established')).toEqual([]);
      expect(pair.R3.endpoint.children()).toEqual([]);
    }),
    { numRuns: 24 },
  );
});

describe('a peer that is done when its signature is refused', () => {
  it('keeps no IKE SA, in Main Mode with a key that is known (regression: it was ready for a day)', () => {
    const wrong = { remoteKey: publicKeyOf('R2', 'ecdsa-256') };
    const of = (side: Side) => signing(side, { method: 'ecdsa-256', ...(side === 'R2' ? { credentials: wrong } : {}) });
    const pair = new Pair({ R2: of('R2'), R3: of('R3') }).initiate().run(seconds(12));
    expect(pair.R2.of('ike-failed')).toMatchObject([{ reason: 'authentication-failed' }]);
    expect(pair.R3.of('ike-deleted')).toMatchObject([{ reason: 'peer-deleted' }]);
  });
});

describe('a peer that is done when its certificate is refused', () => {
  const CASES = [
    { mode: 'main', refusing: 'R2' },
    { mode: 'aggressive', refusing: 'R3' },
  ] as const;
  it.each(CASES)('keeps no IKE SA, in $mode mode (regression: it was ready for a day)', ({ mode, refusing }) => {
    const other = refusing === 'R2' ? 'R3' : 'R2';
    const of = (side: Side) => signing(side, { mode, asks: { sign: false, verify: side === refusing } });
    const pair = new Pair({ R2: of('R2'), R3: of('R3') }).initiate();
    expect(pair.runUntil(() => pair[other].of('ike-established').length === 1)).toBe(true);
    pair.run(seconds(0.5));
    const question = pair[refusing].endpoint.pollQuestion();
    if (question === undefined) throw new Error('nobody asks');
    pair.on(refusing, (to, now) => to.answer(now, question.id, { kind: 'verify-chain', reason: 'it is revoked' }));
    // It is asked for once more: what came first may have been altered on the way.
    pair.run(seconds(1));
    expect(pair[refusing].of('ike-failed')).toMatchObject([{ reason: 'certificate-refused' }]);
    expect(pair[other].of('ike-deleted')).toMatchObject([{ reason: 'peer-deleted' }]);
    expect(pair[other].endpoint.ikeSas()).toEqual([]);
  });
});
