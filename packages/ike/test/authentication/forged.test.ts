import type { Answer, Question } from '@espalier/ike';
import {
  CERT_ENCODING,
  decodeHeader,
  decodeMessage,
  encodeMessage,
  fromAscii,
  milliseconds,
  type Payload,
  seconds,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { Pair, type Side } from '../support/pair.ts';
import { answerTo, signing } from '../support/signing.ts';

const SIDES: readonly Side[] = ['R2', 'R3'];
const RUBBISH = fromAscii('rubbish');
/** What the caller makes of certificates that are no peer's. */
const VERDICTS: readonly (readonly [string, (question: Question, side: Side) => Answer])[] = [
  ['a reason', () => ({ kind: 'verify-chain', reason: 'no certificate' })],
  ['the right key', (question, side) => answerTo(side, question)],
];

/** Aggressive Mode, in which `asking` asks whose a key is. */
function begun(asking: Side): Pair {
  const of = (side: Side) =>
    signing(side, { mode: 'aggressive', method: 'ecdsa-256', asks: { sign: false, verify: side === asking } });
  return new Pair({ R2: of('R2'), R3: of('R3') }).initiate();
}

function answerAll(pair: Pair, verdict: (question: Question, side: Side) => Answer): void {
  for (let i = 0; i < 40; i++) {
    for (const side of SIDES) {
      const question = pair[side].endpoint.pollQuestion();
      if (question === undefined) continue;
      const isForged = question.kind === 'verify-chain' && question.certificates.some(({ data }) => isRubbish(data));
      const answer = isForged ? verdict(question, side) : answerTo(side, question);
      pair.on(side, (to, now) => to.answer(now, question.id, answer));
    }
    pair.run(seconds(0.5));
  }
}

function isRubbish(data: Uint8Array): boolean {
  return data.length === RUBBISH.length;
}

function expectUp(pair: Pair): void {
  expect(SIDES.flatMap((side) => pair[side].of('ike-failed'))).toEqual([]);
  for (const side of SIDES) expect(pair[side].endpoint.children()).toHaveLength(1);
}

describe.each(VERDICTS)('certificates that somebody else sends in clear, and the caller says %s', (_name, verdict) => {
  it('do not end an Aggressive Mode that awaits message 3 (regression: one datagram ended it)', () => {
    const pair = begun('R3');
    // The network is slower than who looks on.
    pair.run(milliseconds(15));
    const second = pair.sent.find(({ from }) => from === 'R3')?.transmit.octets ?? RUBBISH;
    const forged = encodeMessage({ ...decodeHeader(second), flags: 0 }, [
      { kind: 'cert', encoding: CERT_ENCODING.x509Signature, data: RUBBISH },
      { kind: 'signature', data: RUBBISH },
    ]);
    expect(pair.inject('R3', forged)).toEqual({ ok: false, reason: 'not-encrypted' });
    answerAll(pair, verdict);
    expectUp(pair);
  });

  it('do not end one that awaits message 2 (regression: one datagram ended it)', () => {
    const pair = begun('R2');
    pair.run(milliseconds(15));
    const second = pair.sent.find(({ from }) => from === 'R3')?.transmit.octets ?? RUBBISH;
    const payloads = decodeMessage(second).payloads.flatMap((payload): readonly Payload[] => {
      if (payload.kind === 'cert') return [{ kind: 'cert', encoding: payload.encoding, data: RUBBISH }];
      return [payload.kind === 'signature' ? { kind: 'signature', data: RUBBISH } : payload];
    });
    const forged = encodeMessage({ ...decodeHeader(second), responderCookie: fromAscii('somebody') }, payloads);
    expect(pair.inject('R2', forged)).toEqual({ ok: true });
    answerAll(pair, verdict);
    expectUp(pair);
  });
});
