import { copyOctets, type PrivateGroup } from '@espalier/crypto';
import { type Instant, type Spi, spi } from '@espalier/wire';
import { checkEndpoint, readEndpoint } from './configuration/addresses.ts';
import { readChildIdentities, readChildPolicy } from './configuration/child-policy.ts';
import { readEndpointConfig } from './configuration/endpoint-config.ts';
import { readPeerConfig } from './configuration/peer-config.ts';
import { readPrivateGroup, readPrivateGroupNumber } from './configuration/private-groups.ts';
import type { Legacy } from './configuration/proposals.ts';
import { readChoice, readInteger, readList, readOptional, readText } from './configuration/read.ts';
import type { ChildInfo, HandleResult, IkeEvent, IkeSaInfo, Timeout, Transmit } from './events.ts';
import { SAS_PER_QUICK_MODE, TIMERS_PER_CALL } from './limits.ts';
import type { Peer } from './peer/peer.ts';
import { Peers } from './peer/peers.ts';
import type { Answer, AnswerResult, Question } from './questions/question.ts';
import { readAnswer, wipeAnswer } from './questions/read-answer.ts';
import { Reception } from './reception.ts';
import type { IkeRefusal } from './refusals.ts';
import { EndpointEnvironment } from './runtime/endpoint-environment.ts';
import type { Tolerance } from './tolerances.ts';
import type { ChildIdentities, ChildPolicy, Endpoint, IkeEndpointConfig, PeerConfig, SasOfOld } from './types.ts';
import type { UnknownSpi } from './v1/informational/invalid-spi.ts';

/** Those below are reserved (RFC 4303 §2.1). */
const LEAST_SPI = 256;
const SPI_PROTOCOLS: readonly UnknownSpi['protocol'][] = ['esp', 'ah'];
const SAS_OF_OLD: readonly SasOfOld[] = ['delete', 'keep'];

/**
 * IKEv1 for any number of peers, without a socket, a clock or a source of randomness of its own.
 *
 * After every call that takes `now`, drain: `pollEvent` until undefined, then `pollTransmit` until undefined, then
 * `pollQuestion`, then ask `pollTimeout` when to call `handleTimeout`. An earlier `now` counts as the latest seen. The
 * same configuration, the same octets from `rng` and the same calls give the same outputs, octet for octet.
 */
export class IkeEndpoint {
  /**
   * How many datagrams, or messages of a datagram, were refused for each reason: at once, or when the caller had answered what
   * they made the endpoint ask.
   */
  readonly counters: Readonly<Record<IkeRefusal, number>>;
  /** How often each thing was taken that an RFC has otherwise. */
  readonly tolerances: Readonly<Record<Tolerance, number>>;
  readonly #environment: EndpointEnvironment;
  readonly #allowed: ReadonlySet<Legacy>;
  readonly #peers: Peers;
  readonly #reception: Reception;

  /** @throws TypeError or RangeError, naming the argument, for a configuration that cannot run. */
  constructor(config: IkeEndpointConfig) {
    const checked = readEndpointConfig(config);
    this.#environment = new EndpointEnvironment(checked);
    this.counters = this.#environment.counters;
    this.tolerances = this.#environment.tolerances;
    this.#allowed = checked.allowed;
    this.#peers = new Peers(this.#environment);
    this.#reception = new Reception(this.#environment, this.#peers);
    for (const peer of checked.peers) this.#peers.add(peer);
  }

  /**
   * Adds a peer, or a template of peers (RFC 4301 §4.4.3). Nothing is negotiated until somebody asks for it.
   * @throws TypeError or RangeError, naming the argument, with nothing changed: for what cannot run, a name that is there,
   * and one that cannot be told from another, which is named too.
   */
  addPeer(now: Instant, peer: PeerConfig): void {
    this.#run(now, () => this.#peers.add(readPeerConfig('peer', peer, this.#allowed)));
  }

  /**
   * Puts a peer in the place of the one of its name. `sas`: whether what was agreed on before is deleted at both ends,
   * or lasts as long as it lasts and is renewed as it is configured now.
   * @throws as `addPeer`; RangeError where no peer has the name.
   */
  replacePeer(now: Instant, peer: PeerConfig, sas: SasOfOld = 'delete'): void {
    readChoice('sas', sas, SAS_OF_OLD);
    this.#run(now, () => this.#peers.replace(readPeerConfig('peer', peer, this.#allowed), sas));
  }

  /**
   * Removes a peer and overwrites its key. `sas`: whether what was agreed on is deleted at both ends, or lasts as long as
   * it lasts, without being renewed.
   * @throws RangeError where no peer has the name.
   */
  removePeer(now: Instant, peerName: string, sas: SasOfOld = 'delete'): void {
    readText('peerName', peerName);
    readChoice('sas', sas, SAS_OF_OLD);
    this.#run(now, () => this.#peers.remove(peerName, sas));
  }

  /** Adds a child to a peer. @throws TypeError or RangeError as `addPeer`, and where the peer has one of this name. */
  addChild(now: Instant, peerName: string, child: ChildPolicy): void {
    const added = readChildPolicy('child', child, this.#allowed);
    this.#changeChildren(now, peerName, 'keep', (children) => {
      if (children.some(({ name }) => name === added.name)) {
        throw new RangeError(`child.name: peer ${peerName} has one named ${added.name}`);
      }
      return [...children, added];
    });
  }

  /** As `replacePeer`, for one child of it. @throws RangeError where there is none of this name. */
  replaceChild(now: Instant, peerName: string, child: ChildPolicy, sas: SasOfOld = 'delete'): void {
    const replacement = readChildPolicy('child', child, this.#allowed);
    this.#changeChildren(now, peerName, sas, (children) => {
      requireChild('child.name', children, peerName, replacement.name);
      return children.map((other) => (other.name === replacement.name ? replacement : other));
    });
  }

  /** As `removePeer`, for one child of it. @throws RangeError where there is none of this name. */
  removeChild(now: Instant, peerName: string, childName: string, sas: SasOfOld = 'delete'): void {
    readText('childName', childName);
    this.#changeChildren(now, peerName, sas, (children) => {
      requireChild('childName', children, peerName, childName);
      return children.filter(({ name }) => name !== childName);
    });
  }

  /** The names of all peers and templates that are configured. */
  peerNames(): readonly string[] {
    return this.#peers.names;
  }

  /**
   * Takes one UDP payload that came from `from` to `to`: one ISAKMP message, or several. Refuses with the first reason
   * that it finds, and then nothing has changed but a counter. Never throws for what is in the datagram.
   * @throws TypeError or RangeError, naming the argument, unless `datagram` is a Uint8Array that came between end points.
   */
  handleDatagram(now: Instant, from: Endpoint, to: Endpoint, datagram: Uint8Array): HandleResult {
    checkEndpoint('from', from);
    checkEndpoint('to', to);
    const octets = copyOctets('datagram', datagram);
    this.#environment.advance(now);
    return this.#reception.take({ local: to, remote: from }, octets);
  }

  /**
   * Does what is due at `now`; too early a call does nothing, and a late one catches up. Where much is due at once it
   * does a part, and `pollTimeout` says that more is due already: so no single call takes long.
   */
  handleTimeout(now: Instant): void {
    this.#environment.advance(now);
    const { timers, outbox, effects } = this.#environment;
    for (let served = 0; served < TIMERS_PER_CALL && !outbox.isFull; served++) {
      const timer = timers.takeDue(this.#environment.now);
      if (timer === undefined) return;
      timer.subject.due(timer.reason);
      effects.settle();
    }
  }

  /**
   * Negotiates the child of this name, or every child of the peer, unless it is there; and phase 1 first, if need be.
   * @throws RangeError for a peer or a child that is not configured, and for a template, which has no address: but a
   * peer of a template that is live can be named.
   * @param identities Of a child whose policy says what they may lie within: what it is for.
   */
  initiate(now: Instant, peerName: string, childName?: string, identities?: ChildIdentities): void {
    readText('peerName', peerName);
    readOptional('childName', childName, readText);
    const meant = readOptional('identities', identities, readChildIdentities);
    this.#run(now, () => this.#peers.initiate(peerName, childName, meant));
  }

  /**
   * Negotiates the children of these names in one Quick Mode, with an SA payload for each, those of them that are not there:
   * the peer takes all of them or none (RFC 2409 §5.5). Each is renewed by itself.
   * @throws RangeError as `initiate`; for fewer than two or more than four names, or one twice; and where the children are
   * not for the same, in the same mode and with the same `pfsGroup`.
   */
  initiateTogether(now: Instant, peerName: string, childNames: readonly string[]): void {
    readText('peerName', peerName);
    const names = readList('childNames', childNames, SAS_PER_QUICK_MODE, readText);
    if (names.length < 2) throw new RangeError('childNames: must be at least two');
    this.#run(now, () => this.#peers.initiateTogether(peerName, names));
  }

  /** Negotiates a new child in the place of the one with this SPI. Does nothing where there is none. */
  rekeyChild(now: Instant, inbound: Spi): void {
    this.#withKeeper(now, inbound, (peer) => peer.rekeyChild(inbound));
  }

  /** Negotiates a new IKE SA. @throws RangeError for a peer that is not configured. */
  rekeyIke(now: Instant, peerName: string): void {
    readText('peerName', peerName);
    this.#run(now, () => this.#peers.rekey(peerName));
  }

  /**
   * Asks the peer to know a group by a number, 32,768 to 65,535, under the present IKE SA (New Group Mode, RFC 2409 §5.6): a
   * 'group-agreed' or 'group-failed' tells what came of it. It ends with that IKE SA; under one that takes over it is asked for
   * again by itself, which is told likewise, until the peer refuses it. Children in the group wait for the answer.
   * @throws RangeError for a peer that is not configured; TypeError or RangeError for a number or a group that can be none.
   */
  newGroup(now: Instant, peerName: string, number: number, group: PrivateGroup): void {
    readText('peerName', peerName);
    const wanted = { number: readPrivateGroupNumber('number', number), group: readPrivateGroup('group', group) };
    this.#run(now, () => this.#peers.newGroup(peerName, wanted));
  }

  /**
   * A packet was opened on a child that is only negotiated: proof that the peer has it (RFC 2409 §5.5, message 3). Or, of
   * one that this side has begun, nothing else can carry what is to be sent.
   */
  confirmChild(now: Instant, inbound: Spi): void {
    this.#withKeeper(now, inbound, (peer) => peer.confirmChild(inbound));
  }

  /** Deletes a child at both ends. Does nothing where there is none. */
  deleteChild(now: Instant, inbound: Spi): void {
    this.#withKeeper(now, inbound, (peer) => peer.deleteChild(inbound));
  }

  /**
   * An ESP packet of this child was opened, newer than all before it, and came from `from`: behind a NAT the peer may
   * have moved there (RFC 3947 §4).
   * @throws RangeError unless `from` is an address and a port.
   */
  noteEndpoint(now: Instant, inbound: Spi, from: Endpoint): void {
    const endpoint = readEndpoint('from', from);
    this.#withKeeper(now, inbound, (peer) => peer.noteEndpoint(inbound, endpoint));
  }

  /** Packets of this child were opened: the peer lives (RFC 3706 §5.4). */
  noteTraffic(now: Instant, inbound: Spi): void {
    // For every child that packets come by: a closure would cost as much as the rest.
    if (!this.#isReady(now)) return;
    this.#peers.keeperOf(inbound)?.liveness.noteTraffic();
    this.#environment.effects.settle();
  }

  /**
   * Packets of this child have gone out for long, and none has come back: whether the peer is configured to be probed or
   * not, it is asked for a sign of life (RFC 3706 §5.4), and is dead if it gives none for 6 s. One that does not speak of
   * dead peer detection is asked by a new phase 1: after a minute again at the earliest, then after two, four and so on.
   */
  askForLife(now: Instant, inbound: Spi): void {
    this.#withKeeper(now, inbound, (peer) => peer.liveness.ask());
  }

  /**
   * ESP or AH came from `from` to `to` with an SPI that is nobody's. Where there is an IKE SA with who is there, the peer is
   * told (INVALID-SPI, RFC 2408 §3.14.1); else IKE is begun, if the peer is configured so. Both seldom: anybody may send that.
   * @throws TypeError or RangeError, naming the argument, for ends or an SPI that are none.
   */
  noteUnknownSpi(now: Instant, from: Endpoint, to: Endpoint, protocol: 'esp' | 'ah', value: Spi): void {
    const path = { local: readEndpoint('to', to), remote: readEndpoint('from', from) };
    const unknown = {
      protocol: readChoice('protocol', protocol, SPI_PROTOCOLS),
      spi: spi(readInteger('value', value, LEAST_SPI, 0xffffffff)),
    };
    this.#run(now, () => this.#peers.unknownSpi(path, unknown));
  }

  /** The next question to the caller; undefined when none waits. Each is to be answered, at once or later. */
  pollQuestion(): Question | undefined {
    return this.#environment.questions.take();
  }

  /**
   * Answers a question. Too late, or twice, it changes nothing.
   * @throws TypeError or RangeError, naming the argument, for an answer that is none, or none to this question.
   */
  answer(now: Instant, id: number, answer: Answer): AnswerResult {
    const { questions, effects } = this.#environment;
    const own = readAnswer('answer', answer);
    try {
      const asked = questions.kindOf(id);
      if (asked !== undefined && asked !== own.kind) throw new RangeError(`answer.kind: must be '${asked}' here`);
      const asker = this.#isReady(now) ? questions.takeAsker(id) : undefined;
      const refused = asker?.answered(own);
      effects.settle();
      this.#reception.takeEarly(asker);
      if (asker === undefined) return { ok: false, reason: 'unknown-question' };
      return refused === undefined ? { ok: true } : { ok: true, refused };
    } finally {
      wipeAnswer(own);
    }
  }

  /** Deletes everything at both ends and overwrites all keys. Drain once more; nothing is accepted afterwards. */
  close(now: Instant): void {
    this.#run(now, () => this.#peers.close());
    this.#environment.keyPairs.wipe();
    this.#reception.close();
  }

  /** The next event, in the order in which they happened; undefined when none waits. */
  pollEvent(): IkeEvent | undefined {
    return this.#environment.outbox.takeEvent();
  }

  /** The next datagram to send; undefined when none waits. */
  pollTransmit(): Transmit | undefined {
    return this.#environment.outbox.takeTransmit();
  }

  /** When to call `handleTimeout` next; undefined while nothing is to come. */
  pollTimeout(): Timeout | undefined {
    return this.#environment.timers.next();
  }

  /** Every IKE SA of every peer, those under negotiation included: a copy. Oldest first for each peer. */
  ikeSas(): readonly IkeSaInfo[] {
    return this.#peers.ikeSas;
  }

  /** Every pair of child SAs of every peer, without keys: a copy. */
  children(): readonly ChildInfo[] {
    return this.#peers.children;
  }

  #changeChildren(
    now: Instant,
    peerName: string,
    sas: SasOfOld,
    change: (children: readonly ChildPolicy[]) => readonly ChildPolicy[],
  ): void {
    const { children } = this.#peers.entry(readText('peerName', peerName)).config;
    readChoice('sas', sas, SAS_OF_OLD);
    this.#run(now, () => this.#peers.replaceChildren(peerName, change(children), sas));
  }

  #withKeeper(now: Instant, inbound: Spi, command: (peer: Peer) => void): void {
    this.#run(now, () => {
      const peer = this.#peers.keeperOf(inbound);
      if (peer !== undefined) command(peer);
    });
  }

  #run(now: Instant, command: () => void): void {
    if (!this.#isReady(now)) return;
    command();
    this.#environment.effects.settle();
  }

  #isReady(now: Instant): boolean {
    this.#environment.advance(now);
    return !this.#reception.isClosed;
  }
}

function requireChild(argument: string, children: readonly ChildPolicy[], peerName: string, name: string): void {
  if (children.some((child) => child.name === name)) return;
  throw new RangeError(`${argument}: peer ${peerName} has no child ${name}`);
}
