import { EXCHANGE } from '@espalier/wire';
import type { IkeSaRow, Phase1Row } from '../../report/report.ts';
import { EXCHANGE as EXCHANGE_2 } from '../ike2/registry.ts';
import type { ExchangeWatch } from './exchanges.ts';
import { Probes } from './probes.ts';
import { NO_COOKIE, type SeenHeader } from './reading/header.ts';
import type { IkeSaReader } from './reading/ike-sa.ts';
import type { Side } from './reading/learnt.ts';

/** Messages of one IKE SA that are remembered to know repeated ones. */
const MOST_REMEMBERED = 512;

/** One IKE SA as it is seen to go on. */
export class IkeSaWatch {
  readonly index: number;
  readonly version: 1 | 2;
  readonly initiatorCookie: string;
  readonly conversation: number;
  readonly firstFrame: number;
  readonly firstTime: number;
  /** Of IKEv1. */
  readonly reader: IkeSaReader | undefined;
  readonly exchanges: ExchangeWatch[] = [];
  readonly probes: Probes = new Probes();
  responderCookie: string = NO_COOKIE;
  initiator: string | undefined;
  responder: string | undefined;
  initiatorAddress: string | undefined;
  responderAddress: string | undefined;
  mode: IkeSaRow['mode'];
  lastFrame: number;
  lastTime: number;
  messages = 0;
  retransmissions = 0;
  encrypted = 0;
  decrypted = 0;
  /** Something came that only an IKE SA that stands sends. */
  isEstablished = false;
  hasFirst = false;
  isFailed = false;
  deletedFrame: number | undefined;
  behindNat: Record<Side, boolean> | undefined;
  agreed: Phase1Row | undefined;
  initiatorId: string | undefined;
  responderId: string | undefined;
  readonly #remembered = new Map<string, number>();

  constructor(
    index: number,
    header: SeenHeader,
    reader: IkeSaReader | undefined,
    at: { readonly frame: number; readonly time: number; readonly conversation: number },
  ) {
    this.index = index;
    this.version = header.version === 2 ? 2 : 1;
    this.initiatorCookie = header.initiatorCookie;
    this.mode = this.version === 2 ? 'ikev2' : 'unknown';
    this.reader = reader;
    this.conversation = at.conversation;
    this.firstFrame = at.frame;
    this.firstTime = at.time;
    this.lastFrame = at.frame;
    this.lastTime = at.time;
  }

  /** The frame in which the same message came first; else it is remembered. */
  repeats(digest: string, frame: number): number | undefined {
    const first = this.#remembered.get(digest);
    if (first !== undefined) return first;
    const oldest = this.#remembered.keys().next().value;
    if (this.#remembered.size >= MOST_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
    this.#remembered.set(digest, frame);
    return undefined;
  }

  /** Takes roles from what the protocol shows. */
  settleRoles(initiator: { source: string; address: string }, responder: { source: string; address: string }): void {
    this.initiator ??= initiator.source;
    this.initiatorAddress ??= initiator.address;
    this.responder ??= responder.source;
    this.responderAddress ??= responder.address;
  }

  /** Whose a message is, by its addresses, or by its ends where both have one address. */
  sideOf(source: string, address: string): Side | undefined {
    if (this.initiatorAddress === undefined) return undefined;
    if (this.initiatorAddress !== this.responderAddress) {
      if (address === this.initiatorAddress) return 'initiator';
      return address === this.responderAddress ? 'responder' : undefined;
    }
    return source === this.initiator ? 'initiator' : source === this.responder ? 'responder' : undefined;
  }

  /** Phase 2 goes on under an IKE SA that stands. */
  noteExchange(type: number): void {
    if (this.version === 1 && this.mode === 'unknown') {
      if (type === EXCHANGE.main) this.mode = 'main';
      if (type === EXCHANGE.aggressive) this.mode = 'aggressive';
    }
    if (type === EXCHANGE.quick || type === EXCHANGE.transaction) this.isEstablished = true;
  }

  /** What makes it, of IKEv1. */
  phase1(): ExchangeWatch | undefined {
    return this.exchanges.find(({ type }) => type === EXCHANGE.main || type === EXCHANGE.aggressive);
  }

  /** The last Quick Mode that has not come to its end. */
  openQuickMode(): ExchangeWatch | undefined {
    return this.exchanges.findLast((exchange) => exchange.type === EXCHANGE.quick && exchange.outcome() !== 'complete');
  }

  /** What follows IKE_AUTH shows that it went well (RFC 7296 §1.2). */
  isAuthenticated2({ exchangeType }: SeenHeader): boolean {
    return exchangeType === EXCHANGE_2.createChildSa || exchangeType === EXCHANGE_2.informational;
  }

  row(): IkeSaRow {
    const origin = this.reader?.secrets?.origin;
    return {
      version: this.version,
      initiatorCookie: this.initiatorCookie,
      responderCookie: this.responderCookie,
      initiator: this.initiator,
      responder: this.responder,
      conversation: this.conversation,
      mode: this.mode,
      firstFrame: this.firstFrame,
      lastFrame: this.lastFrame,
      firstTime: this.firstTime,
      lastTime: this.lastTime,
      messages: this.messages,
      retransmissions: this.retransmissions,
      agreed: this.agreed ?? this.reader?.learnt.agreement?.row,
      initiatorId: this.initiatorId,
      responderId: this.responderId,
      nat: natOf(this.behindNat),
      keys: origin ?? 'none',
      state: this.isEstablished ? 'established' : this.isFailed ? 'failed' : this.hasFirst ? 'begun' : 'middle',
      encrypted: this.encrypted,
      decrypted: this.decrypted,
      deletedFrame: this.deletedFrame,
    };
  }
}

function natOf(behind: Record<Side, boolean> | undefined): IkeSaRow['nat'] {
  if (behind === undefined) return undefined;
  if (behind.initiator && behind.responder) return 'both';
  return behind.initiator ? 'initiator' : behind.responder ? 'responder' : 'none';
}
