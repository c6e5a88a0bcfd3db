import type { CbcCipher, Engine, Rng } from '@espalier/crypto';
import {
  concat,
  type DecodedPayload,
  DOI_IPSEC,
  type Duration,
  EXCHANGE,
  equalOctets,
  type HeaderFields,
  type Identification,
  type IsakmpHeader,
  NOTIFY,
  type NotificationPayload,
  PROTOCOL_ID,
} from '@espalier/wire';
import { all, type PayloadRules } from '../exchange/rules.ts';
import type { NatFindings, NatTraversal } from '../nat/discovery.ts';
import { refuse } from '../refusals.ts';
import type { IkeEndpointConfig, IkeProposal, Role } from '../types.ts';
import type { Authentication } from './authentication/pre-shared-key.ts';
import type { Cookies } from './cookies.ts';
import type { IkeKeys } from './protection.ts';

/** What a phase 1 is run with, whatever its exchange. */
export interface Phase1Context {
  readonly engine: Engine;
  readonly rng: Rng;
  readonly proposals: readonly IkeProposal[];
  readonly lifetime: Duration;
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
  readonly authentication: Authentication;
  readonly nonceOctets: number;
  /** Whether to say, as initiator, that no SA with the peer is left from before (RFC 2407 §4.6.3.3). */
  readonly initialContact: () => boolean;
  /** Undefined where NATs are not looked for. */
  readonly natTraversal?: NatTraversal | undefined;
  readonly keyLog?: IkeEndpointConfig['keyLog'];
}

/** One message of phase 1, decrypted if it was encrypted, its payloads within the rules of the state. */
export interface Phase1Message {
  readonly header: IsakmpHeader;
  readonly payloads: readonly DecodedPayload[];
  /** The last block of its ciphertext; 0 octets where it came in clear. */
  readonly nextIv: Uint8Array;
}

/** A state of phase 1: it awaits one message. Nothing in it changes; `receive` makes the next. */
export interface Phase1State {
  /** Zero what is not known yet. */
  readonly cookies: Cookies;
  readonly rules: PayloadRules;
  /** With what the awaited message is decrypted; undefined where it comes in clear. */
  readonly opening: { readonly cipher: CbcCipher; readonly iv: Uint8Array } | undefined;
  /** Where ESP is to go in UDP: then the awaited message comes to port 4500, and so does the one after it. */
  readonly nat?: NatFindings | undefined;
  /** @throws Refusal, with nothing changed. */
  receive(message: Phase1Message): Phase1Step;
  /** Overwrites the secrets held here, when the exchange ends in this state. */
  wipe(): void;
}

export interface Phase1Step {
  readonly next: Phase1State | Established;
  /** The message to send, if the exchange has one more. */
  readonly reply: Uint8Array | undefined;
}

/** Drawn into docs/states.md. */
export interface Transition {
  /** What is awaited, in the RFC's notation. */
  readonly on: string;
  /** What is sent. */
  readonly sends: string;
  readonly to: string;
}

/** An IKE SA: both sides are authenticated. */
export interface EstablishedFields {
  readonly cookies: Cookies;
  readonly role: Role;
  readonly proposal: IkeProposal;
  readonly keys: IkeKeys;
  /** The last block of ciphertext of phase 1: phase 2 takes its IVs from it (RFC 2409 Appendix B). */
  readonly lastBlock: Uint8Array;
  readonly remoteIdentity: Identification;
  /** The shorter of both sides' lifetimes. */
  readonly lifetime: Duration;
  /** Whether the peer does not know that ours is the shorter. */
  readonly lifetimeIsNews: boolean;
  /** Whether the peer said that it has no other SA with us. */
  readonly initialContact: boolean;
  /** Undefined where ESP goes as it is. */
  readonly nat: NatFindings | undefined;
  /** Whether the peer answers R-U-THERE (RFC 3706 §5.1). */
  readonly deadPeerDetection: boolean;
}

export class Established {
  readonly fields: EstablishedFields;

  constructor(fields: EstablishedFields) {
    this.fields = fields;
  }

  get cookies(): Cookies {
    return this.fields.cookies;
  }

  wipe(): void {
    this.fields.keys.wipe();
  }
}

/** Vendor IDs and the like in one message. */
export const MANY = 24;

export function mainModeFields(cookies: Cookies): HeaderFields {
  return {
    initiatorCookie: cookies.initiator,
    responderCookie: cookies.responder,
    exchange: EXCHANGE.main,
    flags: 0,
    messageId: 0,
  };
}

export function initialContactNotification(cookies: Cookies): NotificationPayload {
  return {
    kind: 'notification',
    doi: DOI_IPSEC,
    protocol: PROTOCOL_ID.isakmp,
    notifyType: NOTIFY['INITIAL-CONTACT'],
    spi: concat(cookies.initiator, cookies.responder),
    data: new Uint8Array(0),
  };
}

/**
 * Whether INITIAL-CONTACT is among the notifications of a message. HASH_I does not cover them, so each must name this
 * very SA: what was altered on the way does not (RFC 2407 §4.6.3).
 */
export function hasInitialContact(payloads: readonly DecodedPayload[], cookies: Cookies): boolean {
  const spi = concat(cookies.initiator, cookies.responder);
  const notifications = all(payloads, 'notification');
  for (const notification of notifications) {
    const isOurs = notification.protocol === PROTOCOL_ID.isakmp && equalOctets(notification.spi, spi);
    if (notification.doi !== DOI_IPSEC || !isOurs) refuse('unexpected-payload');
  }
  return notifications.some(({ notifyType }) => notifyType === NOTIFY['INITIAL-CONTACT']);
}
