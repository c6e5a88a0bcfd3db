import { DecodeError, EXCHANGE, equalOctets, fromHex, isFragment, splitMessages } from '@espalier/wire';
import type { HandleResult } from './events.ts';
import { FragmentedMessages } from './exchange/fragments.ts';
import { isEncrypted, isZero, type Message, type ReceivedMessage, readMessage } from './exchange/message.ts';
import type { Refused } from './failures.ts';
import { withMarker, withoutMarker } from './nat/ports.ts';
import { isSamePath, type Path } from './path.ts';
import type { Peers } from './peer/peers.ts';
import type { Asker } from './questions/questions.ts';
import { Refusal, reasonOf, refuse } from './refusals.ts';
import type { Environment } from './runtime/environment.ts';
import type { IkeSa } from './sa/ike-sa.ts';
import type { Tolerance } from './tolerances.ts';
import type { Cookies } from './v1/cookies.ts';
import { clearRefusal } from './v1/informational/informational.ts';

/** Where the version stands in a message (RFC 2408 §3.1). */
const VERSION_AT = 17;

const OK: HandleResult = { ok: true };

/**
 * What a datagram is and whose: its messages go one by one to their IKE SAs, and those that begin one to the peers that they may be
 * from.
 */
export class Reception {
  readonly #environment: Environment;
  readonly #peers: Peers;
  readonly #fragmented = new FragmentedMessages();
  #isClosed = false;

  constructor(environment: Environment, peers: Peers) {
    this.#environment = environment;
    this.#peers = peers;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Nothing is taken any more. */
  close(): void {
    this.#isClosed = true;
  }

  take(path: Path, octets: Uint8Array): HandleResult {
    let result = OK;
    try {
      if (this.#isClosed) refuse('closed');
      if (this.#environment.outbox.isFull) refuse('outputs-pending');
      if (path.remote.port === 0) refuse('wrong-endpoint');
      const messages = withoutMarker(path.local, octets);
      if (messages === undefined) return OK;
      const split = splitMessages(messages, { zerosBehind: true });
      const read = split.reduce((sum, message) => sum + message.length, 0);
      const tolerated: readonly Tolerance[] = read < messages.length ? ['zeros-behind-message'] : [];
      for (const message of split) {
        const outcome = this.takeMessage(path, message, tolerated);
        if (result.ok) result = outcome;
      }
    } catch (error) {
      if (error instanceof DecodeError && error.fault === 'major-version') this.#tellVersion(path, octets);
      return this.#refused(error);
    }
    return result;
  }

  takeMessage(path: Path, octets: Uint8Array, tolerated: readonly Tolerance[]): HandleResult {
    try {
      const message = readMessage(octets, path, tolerated);
      const cookies = { initiator: message.header.initiatorCookie, responder: message.header.responderCookie };
      if (isZero(cookies.initiator)) refuse('zero-cookie');
      const ikeSa = this.#peers.find(cookies);
      if (isFragment(message.header)) this.#receiveFragment(message, ikeSa ?? refuse('unknown-cookies'));
      else if (ikeSa !== undefined) this.#receive(message, ikeSa);
      else this.#receiveStrange(message);
      return OK;
    } catch (error) {
      return this.#refused(error);
    } finally {
      this.#environment.effects.settle();
    }
  }

  /** What came too early is handled once it is time for it. */
  takeEarly(of: Pick<Asker, 'takeEarly'> | undefined): void {
    for (const { path, octets, tolerated } of of?.takeEarly?.() ?? []) this.takeMessage(path, octets, tolerated);
  }

  /** The most common of them speak IKEv2. */
  #tellVersion(path: Path, octets: Uint8Array): void {
    const major = (withoutMarker(path.local, octets)?.[VERSION_AT] ?? 0) >> 4;
    const refusal: Refused = { reason: 'malformed', explain: () => ({ kind: 'version', major }) };
    this.#peers.tellRefused(path, refusal);
  }

  /** No IKE SA has its cookies. Who has lost an SA may say so in clear, under cookies of its own: that is a hint, no more. */
  #receiveStrange(message: ReceivedMessage): void {
    const { exchange, responderCookie } = message.header;
    if (exchange === EXCHANGE.informational && !isEncrypted(message.header)) this.#peers.heedHint(message);
    if (isZero(responderCookie)) this.#receiveFirst(message);
    else refuse('unknown-cookies');
  }

  #receiveFirst(message: ReceivedMessage): void {
    const { local, remote } = message.path;
    try {
      this.#peers.receiveFirst(message);
    } catch (error) {
      const { outbox, pace } = this.#environment;
      const notify = error instanceof Refusal ? error.notify : undefined;
      if (notify !== undefined && !this.#peers.isUnderLoad && pace.admits(remote.address)) {
        const octets = withMarker(local, clearRefusal(unknownIkeSa(message), message, notify));
        outbox.transmit({ source: local, destination: remote, octets });
      }
      throw error;
    }
  }

  /** A fragment is of an IKE SA that is there: what comes first goes whole, as nobody knows yet who takes fragments. */
  #receiveFragment(fragment: ReceivedMessage, ikeSa: IkeSa): void {
    ikeSa.checkFragment(fragment);
    const whole = this.#fragmented.add(this.#environment.now, fragment);
    if (whole === undefined) return;
    const message = readMessage(whole.octets, fragment.path, whole.tolerated);
    if (!isPieceOf(fragment, message)) refuse('bad-fragment');
    this.#receive(message, ikeSa);
  }

  #receive(message: ReceivedMessage, ikeSa: IkeSa): void {
    try {
      this.#peers.receive(message, ikeSa);
    } catch (error) {
      const isFromPeer = isSamePath(ikeSa.path, message.path);
      if (error instanceof Refusal && isFromPeer) ikeSa.tell(message, error);
      throw error;
    }
    this.#environment.effects.settle();
    this.takeEarly(ikeSa);
  }

  /** The one door: what a message made wrong becomes a reason here. */
  #refused(error: unknown): HandleResult {
    const reason = reasonOf(error);
    this.#environment.refused(reason);
    return { ok: false, reason };
  }
}

/** Whether a message is what its fragments, of which one is given, say that they are of. */
function isPieceOf({ header: of }: Message, { header, octets }: Message): boolean {
  return (
    header.length === octets.length &&
    !isFragment(header) &&
    header.exchange === of.exchange &&
    header.messageId === of.messageId &&
    equalOctets(header.initiatorCookie, of.initiatorCookie) &&
    equalOctets(header.responderCookie, of.responderCookie)
  );
}

/** Cookies for the answer to a first message that began nothing: the peer finds its own, and no SA has the other. */
function unknownIkeSa({ header, digest }: Message): Cookies {
  return { initiator: header.initiatorCookie, responder: fromHex(digest.slice(8, 24)) };
}
