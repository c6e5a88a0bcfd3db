import type { CbcCipher, DhKeyPair, Engine, Rng } from '@espalier/crypto';
import {
  type DecodedPayload,
  decodeHeader,
  decodeMessage,
  decodePayloads,
  fromHex,
  ISAKMP_HEADER_OCTETS,
  type IsakmpHeader,
  writeU32,
} from '@espalier/wire';
import type { Established, Phase1State, Phase1Step } from '../../src/v1/phase1/phase1.ts';
import { cheapEngine } from './cheap-engine.ts';

/** A message as somebody recorded it, opened with the key that they published. */
export interface RecordedMessage {
  readonly header: IsakmpHeader;
  readonly octets: Uint8Array;
  readonly payloads: readonly DecodedPayload[];
  /** The payloads' octets without padding. */
  readonly chain: Uint8Array;
  readonly nextIv: Uint8Array;
}

export function openRecorded(hex: string, cipher: CbcCipher, iv: Uint8Array | undefined): RecordedMessage {
  const octets = fromHex(hex);
  const header = decodeHeader(octets);
  if (iv === undefined) {
    const { payloads } = decodeMessage(octets);
    return { header, octets, payloads, chain: octets.subarray(ISAKMP_HEADER_OCTETS), nextIv: new Uint8Array(0) };
  }
  const body = octets.subarray(ISAKMP_HEADER_OCTETS);
  const plain = cipher.decrypt(iv, body);
  const { payloads, length } = decodePayloads(header.nextPayload, plain);
  return { header, octets, payloads, chain: plain.subarray(0, length), nextIv: body.slice(-cipher.blockOctets) };
}

/** What follows the HASH payload: what HASH(n) covers. */
export function restOf({ payloads, chain }: RecordedMessage): Uint8Array {
  return chain.subarray(payloads[0]?.raw.length ?? 0);
}

export function bodyOf(message: RecordedMessage, kind: DecodedPayload['kind'], at = 0): Uint8Array {
  const payload = message.payloads.filter((candidate) => candidate.kind === kind)[at];
  if (payload === undefined) throw new Error(`no ${kind} in the recorded message`);
  return payload.body;
}

/** An rng that yields what was recorded, one value for each request, and then no more. */
export function recordedRng(...values: readonly Uint8Array[]): Rng {
  const left = [...values];
  return {
    fill(out) {
      const value = left.shift();
      if (value?.length !== out.length) throw new Error(`the recording has no ${out.length} octets here`);
      out.set(value);
    },
  };
}

/** An engine whose key pairs are those given, one for each request. */
export function recordedEngine(...pairs: readonly DhKeyPair[]): Engine {
  const left = [...pairs];
  return {
    ...cheapEngine(),
    createDhKeyPair() {
      const pair = left.shift();
      if (pair === undefined) throw new Error('the recording has no more key pairs');
      return pair;
    },
  };
}

/** A key pair of which only the public value and the secret that it led to are known. */
export function knownPair(group: DhKeyPair['group'], publicValue: Uint8Array, gxy: Uint8Array): DhKeyPair {
  return { group, publicValue, agree: () => gxy.slice(), wipe() {} };
}

/** The message at `i`, which the recording is known to have. */
export function messageAt(messages: readonly RecordedMessage[], i: number): RecordedMessage {
  const message = messages[i];
  if (message === undefined) throw new Error(`no message ${i} in the recording`);
  return message;
}

/** Hands recorded messages to the states of phase 1, one after the other: what they answer, and where they end. */
export function drive(
  first: Phase1State,
  messages: readonly RecordedMessage[],
): { readonly replies: readonly (Uint8Array | undefined)[]; readonly end: Established | undefined } {
  let state: Phase1State | undefined = first;
  let end: Established | undefined;
  const replies: (Uint8Array | undefined)[] = [];
  for (const message of messages) {
    if (state === undefined || 'asks' in state) throw new Error('the exchange is over');
    const step: Phase1Step = state.receive(message);
    state = step.next[0];
    end = step.outcome;
    replies.push(step.reply);
  }
  return { replies, end };
}

/**
 * A recorded message as we would have padded it: to whole blocks and no further, while strongSwan adds a block of
 * padding to what fills its blocks already. Both are within RFC 2409 Appendix B.
 */
export function asWePad({ octets, chain, nextIv }: RecordedMessage): Uint8Array {
  const blockOctets = nextIv.length;
  const body = Math.ceil(chain.length / blockOctets) * blockOctets;
  const message = octets.slice(0, ISAKMP_HEADER_OCTETS + body);
  writeU32(message, 24, message.length);
  return message;
}
