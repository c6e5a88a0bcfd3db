import type { CbcCipher, Rng } from '@espalier/crypto';
import type { HandleResult, IkeEvent, NegotiationRefusedEvent, PeerConfig } from '@espalier/ike';
import { IkeEndpoint } from '@espalier/ike';
import {
  concat,
  decodeHeader,
  decodeMessage,
  EXCHANGE,
  encodeHeader,
  encodeMessage,
  FLAG,
  type Instant,
  type IsakmpHeader,
  ipv4AddressId,
  type OwnOctets,
  PAYLOAD,
  type Payload,
} from '@espalier/wire';
import { seededRng } from '../../../../test/support/rng.ts';
import { openMessage } from '../../src/exchange/exchange.ts';
import { only } from '../../src/exchange/rules.ts';
import { randomSpi } from '../../src/runtime/random.ts';
import { DEFAULT_TERMS } from '../../src/terms.ts';
import { hash1, phase1Iv } from '../../src/v1/keying.ts';
import { startMainMode } from '../../src/v1/main-mode/initiator.ts';
import type { Established, Phase1Context, Phase1MessageState, Phase1State } from '../../src/v1/phase1/phase1.ts';
import { firstIv, type HashOf, openFirst, sealPhase2 } from '../../src/v1/phase2/phase2.ts';
import { type OpenedBody, openBody } from '../../src/v1/protection.ts';
import { startQuickMode } from '../../src/v1/quick-mode/initiator.ts';
import type { FirstQuickStep, QuickStep } from '../../src/v1/quick-mode/quick.ts';
import { type CheapEngine, cheapEngine } from './cheap-engine.ts';
import { handed } from './handing.ts';
import { childPolicy, peerConfig, R2, R3, START } from './pair.ts';

/** A Main Mode under way. */
export interface Started {
  readonly state: Phase1MessageState;
  /** To be sent next. */
  readonly octets: Uint8Array;
  /** What has been sent and received before. */
  readonly exchange: readonly Uint8Array[];
}

/** A peer in the place of R2 that knows the pre-shared key and sends whatever a test wants; R3 is the real thing. */
export class Forger {
  readonly engine: CheapEngine = cheapEngine();
  readonly rng: Rng;
  readonly endpoint: IkeEndpoint;
  /** As the endpoint knows its peer. */
  readonly peer: PeerConfig;
  /** What happened to SAs. */
  readonly events: IkeEvent[] = [];
  /** What was refused: it may have come from anybody, and changes nothing. */
  readonly news: NegotiationRefusedEvent[] = [];
  now: Instant = START;
  readonly context: Phase1Context;

  constructor(changes: Partial<PeerConfig> = {}, seed = 7, proposals = peerConfig('R2').proposals) {
    this.rng = seededRng(seed);
    this.peer = peerConfig('R3', changes);
    this.endpoint = new IkeEndpoint({
      engine: this.engine,
      rng: seededRng(99),
      peers: [this.peer],
    });
    const { lifetime, preSharedKey } = peerConfig('R2');
    this.context = {
      engine: cheapEngine(),
      rng: this.rng,
      proposals,
      lifetime,
      localIdentity: ipv4AddressId(R2.address),
      remoteIdentity: ipv4AddressId(R3.address),
      peer: 'R3',
      preSharedKey,
      sharedKeyPair: (group) => this.engine.createDhKeyPair(group, this.rng),
      nonceOctets: 16,
      isKnownByAddress: true,
      terms: DEFAULT_TERMS,
      initialContact: () => false,
    };
  }

  /** Sends one datagram; returns what became of it and what came back. */
  send(octets: Uint8Array): { readonly result: HandleResult; readonly replies: readonly Uint8Array[] } {
    const result = handed(octets, (datagram) => this.endpoint.handleDatagram(this.now, R2, R3, datagram));
    return { result, replies: this.drain() };
  }

  drain(): readonly Uint8Array[] {
    for (let event = this.endpoint.pollEvent(); event; event = this.endpoint.pollEvent()) {
      if (event.kind === 'negotiation-refused') this.news.push(event);
      else this.events.push(event);
    }
    const replies: Uint8Array[] = [];
    for (let next = this.endpoint.pollTransmit(); next; next = this.endpoint.pollTransmit()) replies.push(next.octets);
    return replies;
  }

  kinds(): readonly IkeEvent['kind'][] {
    return this.events.map(({ kind }) => kind);
  }

  /** Message 1 and the state that awaits its answer. */
  start(): { readonly state: Phase1MessageState; readonly octets: Uint8Array } {
    const cookie = new Uint8Array(8);
    this.rng.fill(cookie);
    const { next, reply } = startMainMode(this.context, cookie);
    if (reply === undefined) throw new Error('no message 1');
    return { state: awaiting(next[0]), octets: reply };
  }

  /** Takes the answer to what was sent last, and gives the next message to send. */
  answer(
    state: Phase1MessageState,
    octets: Uint8Array,
  ): {
    readonly state: Phase1MessageState | undefined;
    readonly sa: Established | undefined;
    readonly octets: Uint8Array | undefined;
  } {
    const header = decodeHeader(octets);
    const { next, reply, outcome } = state.receive(openMessage(state.protection, { header, octets }));
    return { state: next[0] && awaiting(next[0]), sa: outcome, octets: reply };
  }

  header(octets: Uint8Array): IsakmpHeader {
    return decodeHeader(octets);
  }

  /** The messages of a Main Mode up to our first, second or third, which is not sent yet. */
  mainMode(count: 1 | 2 | 3): Started {
    let { state, octets } = this.start();
    const exchange: Uint8Array[] = [];
    for (let i = 1; i < count; i++) {
      const [reply] = this.send(octets).replies;
      if (reply === undefined) throw new Error(`no answer to message ${2 * i - 1}`);
      exchange.push(octets, reply);
      const next = this.answer(state, reply);
      if (next.state === undefined || next.octets === undefined) throw new Error('too far');
      state = next.state;
      octets = next.octets;
    }
    return { state, octets, exchange };
  }

  /** Message 5 as it was before it was encrypted, and the IV that it was encrypted with. */
  openOwn({ state, octets, exchange }: Started): OpenedBody & { readonly cipher: CbcCipher; readonly iv: Uint8Array } {
    const [gxi, gxr] = exchange.slice(2).map((message) => only(decodeMessage(message).payloads, 'ke').data);
    const { protection } = state;
    if (protection.kind === 'clear' || gxi === undefined || gxr === undefined) throw new Error('no message 5 was made');
    const { cipher } = protection;
    const iv = phase1Iv('sha1', gxi, gxr, cipher.blockOctets);
    return { cipher, iv, ...openBody(cipher, iv, decodeHeader(octets), octets) };
  }

  /** An IKE SA with R3. */
  establish(): Established {
    const { state, octets } = this.mainMode(3);
    const [reply] = this.send(octets).replies;
    const sa = reply === undefined ? undefined : this.answer(state, reply).sa;
    if (sa === undefined) throw new Error('not established');
    return sa;
  }

  /** Message 1 of a Quick Mode as it should be. */
  quick(
    sa: Established,
    messageId: number,
    policy = childPolicy('R2'),
  ): FirstQuickStep & { readonly reply: Uint8Array } {
    const context = { ...sa, messageId, path: { local: R2, remote: R3 } };
    const spi = randomSpi(this.rng, () => false);
    const step = startQuickMode(context, firstIv(sa, messageId), [{ policy, own: { spi } }], this.context);
    if (step.reply === undefined) throw new Error('no message 1');
    return { ...step, reply: step.reply };
  }

  /** What follows from message 2 of a Quick Mode. */
  confirm({ next: [state] }: Pick<FirstQuickStep, 'next'>, second: Uint8Array): QuickStep {
    return state.receive(openMessage(state.protection, { header: decodeHeader(second), octets: second }));
  }

  /** `HDR*, HASH(1), payloads`; another hash where a test wants one. */
  seal(
    sa: Established,
    exchange: number,
    messageId: number,
    payloads: readonly Payload[],
    hashOf?: HashOf,
  ): Uint8Array {
    const right: HashOf = (rest) => hash1(sa.keys.prf, sa.keys.a, messageId, rest);
    return sealPhase2({ ...sa, messageId }, exchange, firstIv(sa, messageId), hashOf ?? right, payloads).octets;
  }

  /** The octets of payloads after a HASH payload, as they are, with the HASH(1) that they need. */
  sealChain(sa: Established, exchange: number, messageId: number, chain: Uint8Array): Uint8Array {
    const rest = chain.subarray(24);
    const hash = hash1(sa.keys.prf, sa.keys.a, messageId, rest);
    const padding = new Uint8Array(-chain.length & (sa.keys.cipher.blockOctets - 1));
    const plain = concat(chain.subarray(0, 4), hash, rest, padding);
    const body = sa.keys.cipher.encrypt(firstIv(sa, messageId), plain);
    const { initiator: initiatorCookie, responder: responderCookie } = sa.cookies;
    const fields = { initiatorCookie, responderCookie, exchange, flags: FLAG.encryption, messageId };
    return concat(encodeHeader(fields, PAYLOAD.hash, body.length), body);
  }

  /** An Informational exchange in clear. */
  clear(sa: Pick<Established, 'cookies'>, payloads: readonly Payload[], messageId = 0x1234): Uint8Array {
    return encodeMessage(
      {
        initiatorCookie: sa.cookies.initiator,
        responderCookie: sa.cookies.responder,
        exchange: EXCHANGE.informational,
        flags: 0,
        messageId,
      },
      payloads,
    );
  }

  open(sa: Established, octets: Uint8Array): OpenedBody & { readonly header: IsakmpHeader } {
    const header = decodeHeader(octets);
    return { header, ...openFirst(sa, header, octets) };
  }
}

function awaiting(state: Phase1State): Phase1MessageState {
  if ('asks' in state) throw new Error('nobody is to be asked');
  return state;
}

/** A copy with one octet changed. */
export function flipped(octets: Uint8Array, at: number, mask = 0xff): OwnOctets {
  const copy = octets.slice();
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
}
