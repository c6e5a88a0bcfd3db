import type { Datagram, Gateway, InsideView } from '@espalier/gateway';
import type { Answer, Endpoint, IkeEndpoint, Question } from '@espalier/ike';
import type { Instant } from '@espalier/wire';
import { Alarm } from './alarm.ts';
import { readAddress, readAddresses, readPorts, requireDatagram, requireOptions } from './arguments.ts';
import { monotonicNow } from './clock.ts';
import type { Inside } from './inside.ts';
import type { DriverEvent, EventOf, UdpDriverOptions } from './options.ts';
import { GatewayParty } from './party/gateway-party.ts';
import { IkeParty } from './party/ike-party.ts';
import type { Party } from './party/party.ts';
import { PeerPorts, realPort, type UdpPorts, WELL_KNOWN_PORTS } from './ports.ts';
import { dgramSocket } from './sockets/dgram-socket.ts';
import type { DatagramSocket, OpenSocket, Received } from './sockets/socket.ts';

/**
 * Gives an IKE endpoint or a gateway, which have no I/O, what they lack: UDP sockets, a clock, timers, an inside. The gateway is
 * to be one with `outside: 'udp'`. Everything happens on the event loop; what the kernel had queued goes through as one batch.
 */
export class UdpDriver<E extends IkeEndpoint | Gateway> implements AsyncDisposable {
  readonly #party: Party<EventOf<E>>;
  readonly #onEvent: (event: EventOf<E>) => void;
  readonly #onQuestion: NonNullable<UdpDriverOptions<E>['onQuestion']>;
  readonly #inside: Inside | undefined;
  readonly #peerPorts = new PeerPorts();
  /** By address and well-known port. */
  readonly #sockets = new Map<string, DatagramSocket>();
  readonly #alarm = new Alarm(() => this.command((now) => this.#party.endpoint.handleTimeout(now)));
  /** The socket of the last datagram: most go from where the one before them went. */
  #last: { readonly address: string; readonly port: number; readonly socket: DatagramSocket | undefined } | undefined;
  /** What the inside has sent while outputs were drained. */
  #waiting: (() => void)[] = [];
  #isDraining = false;
  #isDirty = false;
  #closing: Promise<void> | undefined;

  private constructor(endpoint: E, options: UdpDriverOptions<E>) {
    this.#party = partyOf(endpoint, options);
    this.#onEvent = options.onEvent ?? throwFailures;
    this.#onQuestion = options.onQuestion ?? (() => undefined);
    this.#inside = options.inside;
    for (const [address, ports] of Object.entries(options.peerPorts ?? {}))
      this.#peerPorts.set(readAddress('peerPorts', address), readPorts(`peerPorts['${address}']`, ports, 1));
  }

  /**
   * Opens the sockets, then the inside, and does what the endpoint has to do.
   *
   * Rejects when a port cannot be bound or the inside cannot be opened: then nothing stays open. The endpoint is the caller's
   * then, as before.
   * @throws TypeError or RangeError, naming the option.
   */
  static async open<E extends IkeEndpoint | Gateway>(endpoint: E, options: UdpDriverOptions<E>): Promise<UdpDriver<E>> {
    requireOptions(options);
    const { ports: wanted = WELL_KNOWN_PORTS } = options;
    const addresses = readAddresses(options.addresses);
    const ports = readPorts('ports', wanted, 0);
    const driver = new UdpDriver(endpoint, options);
    try {
      await driver.#openSockets(addresses, ports, options.openSocket ?? dgramSocket);
      await driver.#openInside();
    } catch (error) {
      await driver.#release();
      throw error;
    }
    driver.#drain();
    return driver;
  }

  /** Where its sockets are bound, with the ports that they have: of each address the one for 500, then the one for 4500. */
  get locals(): readonly Endpoint[] {
    return [...this.#sockets.values()].map(({ local }) => local);
  }

  /** The ports that it has at an address. @throws RangeError where it is not one of its own. */
  portsAt(address: string): UdpPorts {
    const at = (port: number): number => {
      const socket = this.#sockets.get(keyOf(address, port));
      if (socket === undefined) throw new RangeError(`address: ${address} is none of the driver's`);
      return socket.local.port;
    };
    return { ike: at(WELL_KNOWN_PORTS.ike), natTraversal: at(WELL_KNOWN_PORTS.natTraversal) };
  }

  /** The peer at this address has other ports than 500 and 4500. @throws TypeError or RangeError, naming the argument. */
  setPeerPorts(address: string, ports: UdpPorts): void {
    this.#peerPorts.set(readAddress('address', address), readPorts('ports', ports, 1));
  }

  /**
   * Gives the endpoint a command, such as `(now) => endpoint.initiate(now, 'peer')`, and does what follows from it. Returns what
   * the command returns, and throws what it throws.
   */
  command<Result>(act: (now: Instant) => Result): Result {
    try {
      return act(monotonicNow());
    } finally {
      this.#drain();
    }
  }

  /**
   * Sends a datagram of the caller's own, as ESP in UDP, from one of the driver's addresses and well-known ports.
   * @throws TypeError or RangeError, naming what of it is none, or not the driver's.
   */
  send(datagram: Datagram): void {
    requireDatagram(datagram);
    const { address, port } = datagram.source;
    if (this.#socketOf(datagram.source) === undefined)
      throw new RangeError(`datagram.source: ${address}, port ${port}, is none of the driver's`);
    this.#transmit(datagram, datagram.octets, 0, datagram.octets.length);
    this.#flush();
  }

  /**
   * Closes the endpoint, which tells the peers, and everything else when that has left. Again, it waits for the same. What the
   * driver is in the middle of, as where it tells an event, it ends first.
   */
  close(): Promise<void> {
    this.#closing ??= Promise.resolve().then(() => this.#close());
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    try {
      this.command((now) => this.#party.endpoint.close(now));
    } finally {
      await this.#release();
    }
  }

  async #release(): Promise<void> {
    this.#alarm.set(undefined);
    await Promise.all([...this.#sockets.values()].map((socket) => socket.close()));
    await this.#inside?.close();
    this.#alarm.set(undefined);
  }

  async #openSockets(addresses: readonly string[], ports: UdpPorts, open: OpenSocket): Promise<void> {
    for (const address of addresses) {
      for (const port of [WELL_KNOWN_PORTS.ike, WELL_KNOWN_PORTS.natTraversal]) {
        const local: Endpoint = { address, port };
        const key = keyOf(address, port);
        const socket = await open(
          { address, port: realPort(ports, port) },
          {
            receive: (batch) => this.#receive(local, batch),
            failed: (error) => {
              this.#failed({ kind: 'socket-failed', local: this.#sockets.get(key)?.local ?? local, error });
            },
          },
        );
        this.#sockets.set(key, socket);
      }
    }
  }

  async #openInside(): Promise<void> {
    await this.#inside?.open({
      send: (packets, insideInterface) => this.#takeInside(packets, insideInterface),
      failed: (error) => this.#failed({ kind: 'inside-failed', error }),
    });
  }

  #receive(destination: Endpoint, batch: readonly Received[]): void {
    if (this.#closing !== undefined) return;
    const datagrams = batch.map(({ from, octets }) => ({ source: this.#peerPorts.seen(from), destination, octets }));
    this.command((now) => this.#party.receive(now, datagrams));
  }

  /** While outputs lie where they are shown there can be no input: it waits. */
  #takeInside(packets: Iterable<Uint8Array>, insideInterface: string | undefined): void {
    if (this.#closing !== undefined) return;
    if (this.#isDraining) {
      const copies = Array.from(packets, (packet) => Uint8Array.from(packet));
      this.#waiting.push(() => this.#party.takeInside(monotonicNow(), copies, insideInterface));
    } else this.command((now) => this.#party.takeInside(now, packets, insideInterface));
  }

  /** Fetches all outputs, and what comes of that. A command that is given meanwhile, by whom is told an event, goes the same way. */
  #drain(): void {
    this.#isDirty = true;
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      while (this.#isDirty) {
        this.#isDirty = false;
        this.#drainOnce();
      }
    } finally {
      this.#isDraining = false;
      this.#alarm.set(this.#party.endpoint.pollTimeout()?.at);
    }
  }

  /** Events first: an SA that a peer may use as soon as it has the message must be there before that leaves. */
  #drainOnce(): void {
    const party = this.#party;
    const { endpoint } = party;
    for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) this.#onEvent(event);
    party.transmit(this.#transmit);
    this.#flush();
    party.deliver(this.#deliver);
    this.#inside?.flush?.();
    for (let question = endpoint.pollQuestion(); question !== undefined; question = endpoint.pollQuestion()) {
      this.#ask(question);
    }
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const take of waiting) take();
    this.#isDirty = true;
  }

  readonly #transmit = (
    { source, destination }: Pick<Datagram, 'source' | 'destination'>,
    memory: Uint8Array,
    offset: number,
    length: number,
  ): void => {
    this.#socketOf(source)?.send(this.#peerPorts.real(destination), memory, offset, length);
  };

  #socketOf({ address, port }: Endpoint): DatagramSocket | undefined {
    if (this.#last?.port !== port || this.#last.address !== address) {
      this.#last = { address, port, socket: this.#sockets.get(keyOf(address, port)) };
    }
    return this.#last.socket;
  }

  readonly #deliver = (inner: InsideView): void => {
    this.#inside?.deliver(inner);
  };

  #flush(): void {
    for (const socket of this.#sockets.values()) socket.flush();
  }

  #ask(question: Question): void {
    try {
      const answer = this.#onQuestion(question);
      if (answer instanceof Promise) {
        answer.then(
          (later) => this.#answer(question, later),
          (error: unknown) => this.#questionFailed(question, error),
        );
      } else this.#answer(question, answer);
    } catch (error) {
      this.#questionFailed(question, error);
    }
  }

  #answer(question: Question, answer: Answer | undefined): void {
    if (answer === undefined || this.#closing !== undefined) return;
    try {
      this.command((now) => this.#party.endpoint.answer(now, question.id, answer));
    } catch (error) {
      this.#questionFailed(question, error);
    }
  }

  #questionFailed(question: Question, error: unknown): void {
    this.#failed({ kind: 'question-failed', question, error: asError(error) });
  }

  /**
   * Told in a turn of its own. A socket or an inside that fails may be in the middle of what it sends, and who is told may give a
   * command, which may fail again.
   */
  #failed(event: DriverEvent): void {
    setImmediate(() => this.#onEvent(event));
  }
}

function partyOf<E extends IkeEndpoint | Gateway>(endpoint: E, options: UdpDriverOptions<E>): Party<EventOf<E>>;
function partyOf(
  endpoint: IkeEndpoint | Gateway,
  { onRefused: refused, onEsp: esp }: UdpDriverOptions<IkeEndpoint | Gateway>,
): Party<EventOf<IkeEndpoint | Gateway>> {
  if (typeof endpoint !== 'object' || endpoint === null)
    throw new TypeError('endpoint: must be an IkeEndpoint or a Gateway');
  if ('handleInsideBatch' in endpoint) return new GatewayParty(endpoint, refused);
  if (typeof endpoint.handleDatagram !== 'function')
    throw new TypeError('endpoint: must be an IkeEndpoint or a Gateway');
  return new IkeParty(endpoint, { refused, esp });
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`;
}

function throwFailures(event: { readonly kind: string }): void {
  if ('error' in event && event.error instanceof Error) throw event.error;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
