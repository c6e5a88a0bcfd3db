import type { Answer, IkeEndpoint, PeerConfig, Question } from '@espalier/ike';
import { after, fromHex, type Instant, seconds } from '@espalier/wire';
import type { Answers, Expected } from './format.ts';

/** After so long a responder has given up a negotiation of which it has refused the last message. */
const GIVEN_UP = seconds(90);

/** An endpoint that asks for what is answered. */
export function asking(peer: PeerConfig, { sharedKey, signature, peersKey }: Answers): PeerConfig {
  const { credentials } = peer;
  return {
    ...peer,
    ...(sharedKey === undefined ? {} : { preSharedKey: 'ask' }),
    ...(credentials === undefined
      ? {}
      : {
          credentials: {
            ...credentials,
            ...(signature === undefined ? {} : { privateKey: 'ask' }),
            ...(peersKey === undefined ? {} : { remoteKey: 'ask' }),
          },
        }),
  };
}

/** Answers all that is asked, and tells for what the negotiation fails by that, at once or when no better message comes. */
export function answered(endpoint: IkeEndpoint, now: Instant, answers: Answers): Expected {
  for (let question = endpoint.pollQuestion(); question !== undefined; question = endpoint.pollQuestion()) {
    endpoint.answer(now, question.id, answerTo(question, answers));
  }
  const end = after(now, GIVEN_UP);
  for (let due = endpoint.pollTimeout(); due !== undefined && due.at <= end; due = endpoint.pollTimeout()) {
    endpoint.handleTimeout(due.at);
  }
  for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) {
    if (event.kind === 'ike-failed') return { verdict: 'refuse', reason: event.reason };
  }
  return { verdict: 'take' };
}

function answerTo({ kind }: Question, { peersKey }: Answers): Answer {
  if (kind === 'shared-key') return { kind, key: undefined };
  if (kind === 'sign') return { kind, signature: undefined };
  if (kind !== 'verify-chain') throw new Error(`nothing is said of ${kind}`);
  if (peersKey === undefined || peersKey === 'none') return { kind, reason: 'nobody is believed' };
  const { modulus, exponent } = peersKey;
  return { kind, key: { kind: 'rsa', modulus: fromHex(modulus), exponent: fromHex(exponent) } };
}
