import {
  type DecodedPayload,
  DecodeError,
  decodeHeader,
  decodeMessage,
  FLAG,
  type IsakmpHeader,
  splitMessages,
  toHex,
} from '@espalier/wire';
import type { IkeSaKeys } from '../keys/keys.ts';
import { FRAGMENT_PAYLOAD, FragmentedMessages } from './fragments.ts';
import { IkeSession, type OpenedMessage } from './ike-session.ts';

export interface ObservedMessage {
  readonly kind: 'isakmp';
  readonly header: IsakmpHeader | undefined;
  readonly payloads: readonly DecodedPayload[];
  readonly encrypted: boolean;
  readonly decrypted: boolean;
  readonly hash: OpenedMessage['hash'];
  readonly note: string | undefined;
}

/** Sessions remembered; more forget the oldest. */
const MAX_SESSIONS = 1024;

/** Decodes the ISAKMP messages of a capture, in order, and decrypts those whose keys are known. */
export class IkeObserver {
  readonly #keys: ReadonlyMap<string, IkeSaKeys>;
  readonly #sessions = new Map<string, IkeSession>();
  readonly #fragments = new FragmentedMessages();

  constructor(keys: ReadonlyMap<string, IkeSaKeys>) {
    this.#keys = keys;
  }

  /** The messages of one datagram. `source` is `address:port`. */
  observe(source: string, datagram: Uint8Array): readonly ObservedMessage[] {
    try {
      return splitMessages(datagram).flatMap((message) => this.#observe(source, message));
    } catch (error) {
      return [undecodable(undefined, error)];
    }
  }

  #observe(source: string, message: Uint8Array): readonly ObservedMessage[] {
    const header = decodeHeader(message);
    const address = source.substring(0, source.lastIndexOf(':'));
    const session = this.#sessionOf(header, address);
    const side = session.sideOf(address);
    try {
      if ((header.flags & FLAG.encryption) !== 0) {
        return [observed(header, session.readEncrypted(side, header, message))];
      }
      const { payloads } = decodeMessage(message);
      const own = observed(header, session.readClear(side, header, payloads));
      const [fragment] = payloads;
      if (header.nextPayload !== FRAGMENT_PAYLOAD || fragment === undefined) return [own];
      const whole = this.#fragments.add(`${toHex(header.initiatorCookie)} ${side}`, fragment.body);
      return whole === undefined ? [own] : [own, ...this.#observeWhole(source, whole)];
    } catch (error) {
      return [undecodable(header, error)];
    }
  }

  /** A message put together from fragments holds none itself. */
  #observeWhole(source: string, message: Uint8Array): readonly ObservedMessage[] {
    const header = decodeHeader(message);
    if (header.nextPayload === FRAGMENT_PAYLOAD || header.length !== message.length) return [];
    return this.#observe(source, message);
  }

  #sessionOf(header: IsakmpHeader, address: string): IkeSession {
    const cookie = toHex(header.initiatorCookie);
    const known = this.#sessions.get(cookie);
    if (known !== undefined) return known;
    const oldest = this.#sessions.keys().next().value;
    if (this.#sessions.size >= MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    const session = new IkeSession(this.#keys.get(cookie), address);
    this.#sessions.set(cookie, session);
    return session;
  }
}

function observed(header: IsakmpHeader, opened: OpenedMessage): ObservedMessage {
  return { kind: 'isakmp', header, encrypted: (header.flags & FLAG.encryption) !== 0, ...opened };
}

function undecodable(header: IsakmpHeader | undefined, error: unknown): ObservedMessage {
  if (!(error instanceof DecodeError)) throw error;
  const encrypted = header !== undefined && (header.flags & FLAG.encryption) !== 0;
  const note = encrypted ? 'what was decrypted has no form: another key, or an altered message' : error.message;
  return { kind: 'isakmp', header, payloads: [], encrypted, decrypted: false, hash: encrypted ? 'bad' : 'none', note };
}
