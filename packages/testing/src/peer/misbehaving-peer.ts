import type { Endpoint, IkeEvent, Timeout, Transmit } from '@espalier/ike';
import { concat, EXCHANGE, FLAG, fromHex, type Instant, requireObject, toHex, writeU32 } from '@espalier/wire';
import { requireMethods } from '../arguments.ts';
import { Between, isAtDoor, mutate, type OpenedMessage, type SessionEnd, type View } from '../sessions/index.ts';
import { headerOf } from '../sessions/view/view.ts';
import { type Deed, type MadeUpPayload, type Misbehaviour, requireMisbehaviour } from './misbehaviour.ts';

/** Messages that are kept to be replayed. */
const KEPT_MOST = 64;
const FIRST_MESSAGE_ID = 0x4d697362;
/** The header of a message that is made up: what follows the cookies is written field by field. */
const VERSION = 0x10;
const COOKIES_OCTETS = 16;

/**
 * A peer that has an honest endpoint within, and does one thing otherwise. To the outside it is sans-I/O, as the endpoint
 * is: the same calls, and then drain. What it does is sealed as the other side can open it, and what comes back is told to
 * the endpoint within as that can.
 */
export class MisbehavingPeer {
  readonly misbehaviour: Misbehaviour | undefined;
  /** What happened to SAs within. */
  readonly events: IkeEvent[] = [];
  /** How often it has misbehaved: 0 where the session never came to its message. */
  done = 0;
  readonly #end: SessionEnd;
  readonly #between: Between;
  readonly #theirs: View;
  readonly #transmits: Transmit[] = [];
  readonly #sent: Transmit[] = [];
  /** What was sent in the place of each message, for when it is sent again: the rest is done once. */
  readonly #made = new Map<string, readonly Transmit[]>();
  #messageId = FIRST_MESSAGE_ID;

  /** Without a misbehaviour it is honest. @throws TypeError or RangeError that names what of either is bad. */
  constructor(end: SessionEnd, misbehaviour?: Misbehaviour) {
    requireObject('end', end);
    requireMethods('end.endpoint', end.endpoint, 'initiate', 'handleDatagram', 'pollTransmit', 'pollTimeout');
    if (misbehaviour !== undefined) requireMisbehaviour(misbehaviour);
    this.misbehaviour = misbehaviour;
    this.#end = end;
    const { keys: _, sign: __, ...nobody } = end;
    this.#between = new Between({ left: end, right: nobody });
    this.#theirs = this.#between.views.right;
  }

  /** Begins a session: phase 1 and the children that are configured. */
  initiate(now: Instant): void {
    this.#end.endpoint.initiate(now, this.#end.peerName);
    this.#drain(now);
  }

  /** Another Quick Mode under the same IKE SA. */
  rekeyChild(now: Instant): void {
    const child = this.#end.endpoint.children().at(-1);
    if (child !== undefined) this.#end.endpoint.rekeyChild(now, child.inbound);
    this.#drain(now);
  }

  close(now: Instant): void {
    this.#end.endpoint.close(now);
    this.#drain(now);
  }

  handleDatagram(now: Instant, from: Endpoint, to: Endpoint, datagram: Uint8Array): void {
    const isRepeated = this.#between.isRepeated('right', datagram);
    const opened = isRepeated ? undefined : this.#between.opened('right', datagram);
    const arrives = this.#between.carry('right', datagram, opened);
    this.#between.sent('right', datagram, opened);
    const { ok } = this.#end.endpoint.handleDatagram(now, from, to, arrives);
    // A responder of Aggressive Mode has no keys for message 3 before it has taken it.
    if (ok && opened === undefined && !isRepeated)
      this.#between.sent('right', datagram, this.#between.opened('right', datagram));
    if (ok) this.#between.taken('right', arrives, false);
    this.#drain(now);
  }

  handleTimeout(now: Instant): void {
    this.#end.endpoint.handleTimeout(now);
    this.#drain(now);
  }

  pollTransmit(): Transmit | undefined {
    return this.#transmits.shift();
  }

  pollTimeout(): Timeout | undefined {
    return this.#end.endpoint.pollTimeout();
  }

  #drain(now: Instant): void {
    const { endpoint, answer, heed } = this.#end;
    for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) {
      this.events.push(event);
      heed?.(event);
    }
    for (let sent = endpoint.pollTransmit(); sent !== undefined; sent = endpoint.pollTransmit()) this.#send(sent);
    const question = endpoint.pollQuestion();
    const said = question === undefined ? undefined : answer?.(question);
    if (question === undefined || said === undefined) return;
    endpoint.answer(now, question.id, said);
    this.#drain(now);
  }

  #send(transmit: Transmit): void {
    const name = toHex(transmit.octets);
    const known = this.#made.get(name);
    if (known !== undefined) {
      this.#transmits.push(...known);
      return;
    }
    const made = this.#make(transmit);
    this.#made.set(name, made.slice(0, 1));
    this.#transmits.push(...made);
  }

  #make(transmit: Transmit): readonly Transmit[] {
    const { octets } = transmit;
    const opened = this.#between.opened('left', octets);
    const usual = this.#between.carry('left', octets, opened);
    this.#between.sent('left', octets, opened);
    const { misbehaviour } = this;
    const isMeant = opened !== undefined && misbehaviour !== undefined && isAtDoor(misbehaviour.at, opened);
    let all: readonly Transmit[] = [{ ...transmit, octets: usual.slice() }];
    if (isMeant) {
      this.done++;
      for (const deed of misbehaviour.deeds) all = this.#do(deed, all, opened);
    }
    const [first] = all;
    // Whether the other side takes it, nobody can know: what comes next says.
    if (first !== undefined) this.#between.taken('left', first.octets, isMeant);
    const others = isMeant ? this.#told(misbehaviour.deeds, transmit, opened) : [];
    this.#keep(...all, ...others);
    return [...all, ...others];
  }

  #do(deed: Deed, all: readonly Transmit[], opened: OpenedMessage): readonly Transmit[] {
    const [first, ...others] = all;
    if (first === undefined) return all;
    switch (deed.does) {
      case 'change': {
        const octets = mutate(first.octets, deed.mutation, opened, (message, sealing) =>
          this.#theirs.seal('left', message, sealing),
        );
        return [octets === undefined ? first : { ...first, octets: octets.slice() }, ...others];
      }
      case 'drop':
        return others;
      case 'repeat':
        return [...all, ...Array.from({ length: deed.times }, () => first)];
      case 'replay':
        return [...all, ...(deed.order === 'forward' ? this.#sent : this.#sent.toReversed())];
      case 'tell':
        return all;
    }
  }

  /** Once the message before them is on its way: their IVs follow from it. */
  #told(deeds: readonly Deed[], transmit: Transmit, opened: OpenedMessage): readonly Transmit[] {
    return deeds.flatMap((deed) => {
      if (deed.does !== 'tell') return [];
      const octets = this.#tell(deed, opened);
      return octets === undefined ? [] : [{ ...transmit, octets: octets.slice() }];
    });
  }

  #tell(
    { payloads, hash, exchange = EXCHANGE.informational }: Extract<Deed, { readonly does: 'tell' }>,
    { marker, head }: OpenedMessage,
  ): Uint8Array | undefined {
    const isEncrypted = hash !== 'none';
    const header = concat(
      head.subarray(0, COOKIES_OCTETS),
      Uint8Array.of(0, VERSION, exchange, isEncrypted ? FLAG.encryption : 0, 0, 0, 0, 0, 0, 0, 0, head.length),
    );
    writeU32(header, 20, this.#messageId++);
    const read = headerOf(header);
    if (read === undefined) return undefined;
    const chain = { payloads: payloads.map((payload) => this.#payload(payload, head)), rest: new Uint8Array(0) };
    const message = { marker, head: header, header: read, isEncrypted, ordinal: 1, chain };
    return this.#theirs.seal('left', message, { hash: hash === 'right' ? 'right' : 'stale' });
  }

  #payload({ type, body }: MadeUpPayload, head: Uint8Array): { readonly type: number; readonly body: Uint8Array } {
    const spi = this.#end.endpoint.children().at(-1)?.inbound ?? 0;
    const filled = body
      .replaceAll('{cookies}', toHex(head.subarray(0, COOKIES_OCTETS)))
      .replaceAll('{spi}', spi.toString(16).padStart(8, '0'));
    return { type, body: fromHex(filled) };
  }

  #keep(...transmits: readonly Transmit[]): void {
    this.#sent.push(...transmits);
    this.#sent.splice(0, Math.max(0, this.#sent.length - KEPT_MOST));
  }
}
