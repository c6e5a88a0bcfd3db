import type { Engine, Rng } from '@espalier/crypto';
import { DecodeError, type Duration, fromHex, type Instant, instant, type Spi, splitMessages } from '@espalier/wire';
import { addressKey, canonicalEndpoint, checkConfiguration } from './configuration.ts';
import { isZero, type Message, type ReceivedMessage, readMessage } from './exchange/message.ts';
import { withMarker, withoutMarker } from './nat/ports.ts';
import { Directory } from './peer/directory.ts';
import { isSamePath } from './peer/path.ts';
import { Peer } from './peer/peer.ts';
import { IKE_REFUSALS, type IkeRefusal, Refusal, refuse } from './refusals.ts';
import type { Environment } from './runtime/environment.ts';
import { Outbox } from './runtime/outbox.ts';
import { Timers } from './runtime/timers.ts';
import type { IkeSa } from './sa/ike-sa.ts';
import { defaultSoftLifetime } from './sa/soft-lifetime.ts';
import type {
  ChildInfo,
  Endpoint,
  HandleResult,
  IkeEndpointConfig,
  IkeEvent,
  IkeSaInfo,
  Role,
  Timeout,
  Transmit,
} from './types.ts';
import { PreSharedKey } from './v1/authentication/pre-shared-key.ts';
import type { Cookies } from './v1/cookies.ts';
import { clearRefusal } from './v1/informational/informational.ts';

const OK: HandleResult = { ok: true };

/**
 * IKEv1 for any number of peers, without a socket, a clock or a source of randomness of its own.
 *
 * After every call that takes `now`, drain: `pollEvent` until undefined, then `pollTransmit` until undefined, then ask
 * `pollTimeout` when to call `handleTimeout`. An earlier `now` counts as the latest seen. The same configuration, the
 * same octets from `rng` and the same calls give the same outputs, octet for octet.
 */
export class IkeEndpoint {
  /** How many datagrams, or messages of a datagram, were refused for each reason. */
  readonly counters: Readonly<Record<IkeRefusal, number>>;
  readonly #counters: Record<IkeRefusal, number>;
  readonly #environment: EndpointEnvironment;
  readonly #directory = new Directory();
  readonly #peers: ReadonlyMap<string, Peer>;
  readonly #peersByAddress: ReadonlyMap<string, Peer>;
  #isClosed = false;

  /** @throws RangeError, naming the argument, for a configuration that cannot run. */
  constructor(config: IkeEndpointConfig) {
    checkConfiguration(config);
    this.#counters = Object.fromEntries(IKE_REFUSALS.map((reason) => [reason, 0])) as Record<IkeRefusal, number>;
    this.counters = this.#counters;
    this.#environment = new EndpointEnvironment(config, (value) => this.#isSpiTaken(value));
    const peers = config.peers.map((peer) => {
      const canonical = { ...peer, local: canonicalEndpoint(peer.local), remote: canonicalEndpoint(peer.remote) };
      const authentication = new PreSharedKey(peer.preSharedKey);
      return { config: canonical, peer: new Peer(canonical, authentication, this.#environment, this.#directory) };
    });
    this.#peers = new Map(peers.map(({ peer }) => [peer.name, peer]));
    this.#peersByAddress = new Map(
      peers.map(({ config: { local, remote }, peer }) => [addressKey(local.address, remote.address), peer]),
    );
  }

  /**
   * Takes one UDP payload that came from `from` to `to`: one ISAKMP message, or several. Refuses with the first reason
   * that it finds, and then nothing has changed but a counter. Never throws for what is in the datagram.
   */
  handleDatagram(now: Instant, from: Endpoint, to: Endpoint, datagram: Uint8Array): HandleResult {
    this.#environment.advance(now);
    let result = OK;
    try {
      if (this.#isClosed) refuse('closed');
      if (this.#environment.outbox.isFull) refuse('outputs-pending');
      if (from.port === 0) refuse('wrong-endpoint');
      const messages = withoutMarker(to, datagram);
      if (messages === undefined) return OK;
      for (const octets of splitMessages(messages)) {
        const outcome = this.#handleMessage(from, to, octets);
        if (result.ok) result = outcome;
      }
    } catch (error) {
      return this.#refused(error);
    }
    return result;
  }

  /** Does what is due at `now`; too early a call does nothing, and a late one catches up. */
  handleTimeout(now: Instant): void {
    this.#environment.advance(now);
    const { timers, outbox } = this.#environment;
    while (!outbox.isFull) {
      const timer = timers.takeDue(this.#environment.now);
      if (timer === undefined) return;
      timer.run();
    }
  }

  /**
   * Negotiates the child of this name, or every child of the peer, unless it is there; and phase 1 first, if need be.
   * @throws RangeError for a peer or a child that is not configured.
   */
  initiate(now: Instant, peerName: string, childName?: string): void {
    const peer = this.#peer(peerName);
    const policies = childName === undefined ? undefined : [peer.policy(childName)];
    if (this.#isReady(now)) peer.initiate(policies);
  }

  /** Negotiates a new child in the place of the one with this SPI. Does nothing where there is none. */
  rekeyChild(now: Instant, inbound: Spi): void {
    if (this.#isReady(now)) this.#directory.keeperOf(inbound)?.rekeyChild(inbound);
  }

  /** Negotiates a new IKE SA. @throws RangeError for a peer that is not configured. */
  rekeyIke(now: Instant, peerName: string): void {
    const peer = this.#peer(peerName);
    if (this.#isReady(now)) peer.rekey();
  }

  /** A packet was opened on a child that is only negotiated: proof that the peer has it (RFC 2409 §5.5, message 3). */
  confirmChild(now: Instant, inbound: Spi): void {
    if (this.#isReady(now)) this.#directory.keeperOf(inbound)?.confirmChild(inbound);
  }

  /** Deletes a child at both ends. Does nothing where there is none. */
  deleteChild(now: Instant, inbound: Spi): void {
    if (this.#isReady(now)) this.#directory.keeperOf(inbound)?.deleteChild(inbound);
  }

  /**
   * An ESP packet of this child was opened, newer than all before it, and came from `from`: behind a NAT the peer may
   * have moved there (RFC 3947 §4).
   * @throws RangeError unless `from` is an address and a port.
   */
  noteEndpoint(now: Instant, inbound: Spi, from: Endpoint): void {
    if (this.#isReady(now)) this.#directory.keeperOf(inbound)?.noteEndpoint(inbound, from);
  }

  /** Packets of this child were opened: the peer lives (RFC 3706 §5.4). */
  noteTraffic(now: Instant, inbound: Spi): void {
    if (this.#isReady(now)) this.#directory.keeperOf(inbound)?.noteTraffic();
  }

  /** Deletes everything at both ends and overwrites all keys. Drain once more; nothing is accepted afterwards. */
  close(now: Instant): void {
    if (!this.#isReady(now)) return;
    for (const peer of this.#peers.values()) peer.close();
    this.#isClosed = true;
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
    return [...this.#peers.values()].flatMap(({ sessions }) => sessions);
  }

  /** Every pair of child SAs of every peer, without keys: a copy. */
  children(): readonly ChildInfo[] {
    return [...this.#peers.values()].flatMap(({ children }) => children);
  }

  #handleMessage(from: Endpoint, to: Endpoint, octets: Uint8Array): HandleResult {
    try {
      const message = readMessage(octets, { local: to, remote: from });
      const cookies = { initiator: message.header.initiatorCookie, responder: message.header.responderCookie };
      if (isZero(cookies.initiator)) refuse('zero-cookie');
      const session = this.#directory.find(cookies) ?? this.#directory.findAwaiting(cookies.initiator);
      if (session !== undefined) this.#receive(message, session);
      else if (isZero(cookies.responder)) this.#receiveFirst(message);
      else refuse('unknown-cookies');
      return OK;
    } catch (error) {
      return this.#refused(error);
    }
  }

  #receiveFirst(message: ReceivedMessage): void {
    const { local, remote } = message.ends;
    const peer =
      this.#peersByAddress.get(addressKey(local.address, remote.address)) ??
      [...this.#peers.values()].find((candidate) => candidate.isAt(message.ends)) ??
      refuse('unknown-peer');
    try {
      peer.receiveFirst(message);
    } catch (error) {
      if (error instanceof Refusal && error.notify !== undefined) {
        const octets = withMarker(local, clearRefusal(unknownSession(message), message, error.notify));
        this.#environment.outbox.transmit({ source: local, destination: remote, octets });
      }
      throw error;
    }
  }

  #receive(message: ReceivedMessage, session: IkeSa): void {
    try {
      session.receive(message);
    } catch (error) {
      const isFromPeer = isSamePath(session.ends, message.ends);
      if (error instanceof Refusal && isFromPeer) session.tell(message, error);
      throw error;
    }
    this.#directory.refile(session);
  }

  /** The one door: what a message made wrong becomes a reason here, and what is our own fault passes on. */
  #refused(error: unknown): HandleResult {
    const reason = error instanceof DecodeError ? 'malformed' : error instanceof Refusal ? error.reason : undefined;
    if (reason === undefined) throw error;
    this.#counters[reason]++;
    return { ok: false, reason };
  }

  #isReady(now: Instant): boolean {
    this.#environment.advance(now);
    return !this.#isClosed;
  }

  #peer(name: string): Peer {
    const peer = this.#peers.get(name);
    if (peer === undefined) throw new RangeError(`peerName: there is no peer ${name}`);
    return peer;
  }

  #isSpiTaken(value: number): boolean {
    return [...this.#peers.values()].some((peer) => peer.hasSpi(value));
  }
}

class EndpointEnvironment implements Environment {
  readonly engine: Engine;
  readonly rng: Rng;
  readonly timers = new Timers();
  readonly outbox = new Outbox();
  readonly softLifetime: (hard: Duration, role: Role) => Duration;
  readonly keyLog: IkeEndpointConfig['keyLog'];
  readonly isSpiTaken: (value: number) => boolean;
  #now: Instant = instant(-Number.MAX_VALUE);

  constructor(config: IkeEndpointConfig, isSpiTaken: (value: number) => boolean) {
    this.engine = config.engine;
    this.rng = config.rng;
    this.keyLog = config.keyLog;
    this.softLifetime = config.softLifetime ?? defaultSoftLifetime;
    this.isSpiTaken = isSpiTaken;
  }

  get now(): Instant {
    return this.#now;
  }

  advance(now: Instant): void {
    if (now > this.#now) this.#now = now;
  }
}

/** Cookies for the answer to a first message that began nothing: the peer finds its own, and no SA has the other. */
function unknownSession({ header, digest }: Message): Cookies {
  return { initiator: header.initiatorCookie, responder: fromHex(digest.slice(8, 24)) };
}
