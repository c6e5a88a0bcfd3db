import { copyOctets, wipe } from '@espalier/crypto';
import { concat, ISAKMP_HEADER_OCTETS, toHex } from '@espalier/wire';
import { openMessage } from '../../exchange/exchange.ts';
import { isEncrypted, type ReceivedMessage } from '../../exchange/message.ts';
import { all, checkPayloads } from '../../exchange/rules.ts';
import type { OpenedMessage } from '../../exchange/state.ts';
import { refuse } from '../../refusals.ts';
import type { Established, Phase1MessageState, Retaken } from './phase1.ts';

/** A message, and the state that took it. */
export interface Taken {
  readonly state: Phase1MessageState;
  readonly message: ReceivedMessage;
  readonly opened: OpenedMessage;
}

/**
 * What has proved the peer comes again, in other octets. `answered`: what it was answered with when it came first. Nothing
 * proves the rest of it: the padding, whose ciphertext decides the IVs of what follows (RFC 2409 Appendix B), and in
 * Aggressive Mode NAT-D and what the responder has chosen.
 * @throws Refusal or DecodeError where it is no such message.
 */
export function retake(
  { state, message: before, opened }: Taken,
  message: ReceivedMessage,
  sa: Established,
  answered: Uint8Array | undefined,
): Retaken {
  const { header, octets, digest } = message;
  if (digest === before.digest || isEncrypted(header) !== isEncrypted(before.header)) refuse('unexpected-message');
  const again = openMessage(state.protection, { header, octets });
  checkPayloads(state.rules, again.payloads);
  if (provedBy(again) !== provedBy(opened)) refuse('unexpected-message');
  if (!isEncrypted(header)) {
    return (state.reread ?? refuse('unexpected-message'))({ opened, again, sa, answered });
  }
  const { cipher } = sa.keys;
  const reply = answered && resealed(cipher, answered, opened.nextIv, again.nextIv);
  const lastBlock = copyOctets('message', (reply ?? octets).subarray(-cipher.blockOctets));
  return { sa: { ...sa, ...state.found?.(again, opened), lastBlock }, reply };
}

/** What is proved, and what proves it: nothing tells the type of the first payload, which is read in the clear header. */
function provedBy({ payloads }: OpenedMessage): string {
  const kinds = ['ke', 'nonce', 'id', 'hash', 'signature'] as const;
  return kinds.flatMap((kind) => all(payloads, kind).map(({ body }) => `${kind} ${toHex(body)}`)).join();
}

/** A message encrypted anew, under another IV. */
function resealed(
  cipher: Established['keys']['cipher'],
  octets: Uint8Array,
  before: Uint8Array,
  iv: Uint8Array,
): Uint8Array {
  const plain = cipher.decrypt(before, octets.subarray(ISAKMP_HEADER_OCTETS));
  const body = cipher.encrypt(iv, plain);
  wipe(plain);
  return concat(octets.subarray(0, ISAKMP_HEADER_OCTETS), body);
}
