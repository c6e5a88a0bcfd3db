import { DecodeError, type NOTIFY, PROTOCOL_ID } from '@espalier/wire';
import type { RefusalDetail } from './explain/detail.ts';

/** Every reason for which a datagram, or one message of it, is refused. */
export const IKE_REFUSALS = [
  /** The endpoint has been closed. */
  'closed',
  /** The caller has left too many events or transmits in the queues. */
  'outputs-pending',
  /** Not ISAKMP 1.0, or it contradicts itself (RFC 2408 §5.1); or INITIAL-CONTACT of another SA (RFC 2407 §4.6.3). */
  'malformed',
  /** A cookie is zero that must not be (RFC 2408 §2.5.3). */
  'zero-cookie',
  /** A first message from an address that is no configured peer's. */
  'unknown-peer',
  /** No IKE SA has these cookies. */
  'unknown-cookies',
  /** The cookies are another peer's, or nobody can be answered there. */
  'wrong-endpoint',
  /** To port 500, for an IKE SA that has gone to port 4500 (RFC 3947 §4). */
  'old-port',
  /** A fragment of a message that contradicts another, or is none of any message (Cisco's fragmentation). */
  'bad-fragment',
  /** To port 4500, and neither IKE behind its marker nor a keepalive (RFC 3948 §2). */
  'no-marker',
  /** An exchange type that is not spoken here, or not with this peer (RFC 2408 §3.1). */
  'unsupported-exchange',
  /** A message ID in phase 1, or none after it. */
  'invalid-message-id',
  /** An exchange of this message ID is over (RFC 2408 §3.1). */
  'message-id-reused',
  /** The exchange or the state has no use for this message now. */
  'unexpected-message',
  /** Phase 2, or an Informational exchange that asks for something, before phase 1 is authenticated. */
  'not-authenticated',
  /** In clear what must be encrypted. */
  'not-encrypted',
  /** Encrypted what must be in clear. */
  'encrypted',
  /** What decrypts is not a chain of payloads: wrong key, or altered on the way. */
  'undecipherable',
  /** A payload that this message may not have (RFC 2409 §5). */
  'unexpected-payload',
  /** A payload that this message must have is not there, or not as often as it must be (RFC 2409 §5). */
  'missing-payload',
  /** HASH must come first in phase 2, and SA after it; SA first in phase 1 (RFC 2409 §5). */
  'payload-order',
  /** Nothing of what is offered is configured (RFC 2408 §4.2). */
  'no-proposal-chosen',
  /** The peer chose what was not offered. */
  'proposal-changed',
  /** A Diffie-Hellman value of a wrong length, or one that gives the secret away (RFC 2409 §6). */
  'invalid-key-exchange',
  /** Shorter than 8 or longer than 256 octets (RFC 2409 §5). */
  'invalid-nonce',
  /** The peer is not whom it is expected to be, or asks for traffic that no child is for (RFC 2407 §4.6.2). */
  'invalid-identity',
  /** Nobody knows a key that is shared with the peer. */
  'no-shared-key',
  /** Nobody signs for this side (RFC 2409 §5.1). */
  'no-signature',
  /** The caller does not believe the peer's certificates (RFC 2408 §3.9). */
  'certificate-refused',
  /** The peer's key would verify what can be forged, or costs too much, or is none for the method (RFC 2409 §5.1). */
  'unacceptable-key',
  /** HASH_I, HASH_R or the signature of it is wrong. */
  'authentication-failed',
  /** HASH(1), HASH(2) or HASH(3) is wrong. */
  'hash-mismatch',
  /** More phase 1 negotiations, Quick Modes or children than one peer may have. */
  'limit',
] as const;

/** Why a datagram was refused. */
export type IkeRefusal = (typeof IKE_REFUSALS)[number];

/** What the peer may be told of a refusal. */
export type RefusalNotify = Extract<
  keyof typeof NOTIFY,
  'NO-PROPOSAL-CHOSEN' | 'INVALID-KEY-INFORMATION' | 'INVALID-ID-INFORMATION' | 'ATTRIBUTES-NOT-SUPPORTED'
>;

/** What goes with a reason. */
interface Telling {
  readonly notify?: RefusalNotify | undefined;
  /** Of phase 2: the number of the protocol that the refusal is about, and the peer's SPI. */
  readonly protocol?: number | undefined;
  readonly spi?: Uint8Array | undefined;
  /** What the refusal is about, for people: made only where somebody is told. */
  readonly explain?: (() => RefusalDetail) | undefined;
}

const NO_SPI = new Uint8Array(0);

/** Thrown by whatever refuses a message, caught at the one door of the endpoint: never seen by a caller. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: IkeRefusal;
  readonly notify: RefusalNotify | undefined;
  /** Of phase 2: the number of the protocol that the refusal is about. */
  readonly protocol: number;
  /** The peer's SPI that the refusal is about; 0 octets where there is none. */
  readonly spi: Uint8Array;
  /** Whether the message is the peer's own, under an IKE SA: its message ID is spent, whatever it was refused for. */
  isAuthentic = false;
  readonly #explain: (() => RefusalDetail) | undefined;

  constructor(reason: IkeRefusal, { notify, protocol, spi, explain }: Telling = {}) {
    super(reason);
    this.reason = reason;
    this.notify = notify;
    this.protocol = protocol ?? PROTOCOL_ID.esp;
    this.spi = spi ?? NO_SPI;
    this.#explain = explain;
  }

  /** Costs what it costs to make: anybody can be refused, so ask only where the answer is told. */
  get detail(): RefusalDetail | undefined {
    return this.#explain?.();
  }
}

export function refuse(reason: IkeRefusal, telling?: Telling): never {
  throw new Refusal(reason, telling);
}

/** What is refused within is refused to the peer itself: its hash is right. */
export function authentic<T>(answer: () => T): T {
  try {
    return answer();
  } catch (error) {
    if (error instanceof Refusal) error.isAuthentic = true;
    throw error;
  }
}

/** What a message is refused for. @throws whatever is no refusal: it is our own fault. */
export function reasonOf(error: unknown): IkeRefusal {
  if (error instanceof Refusal) return error.reason;
  if (error instanceof DecodeError) return 'malformed';
  throw error;
}
