import { type ControlMessage, decodeControl, encodeControl, TYPE } from './control-message.ts';

/** One with a caller, who is known by the interface that is its own. */
interface Connection {
  readonly caller: string;
  readonly own: number;
  readonly peer: number;
  /** Of the next message to the caller, and of the next one from it. */
  ns: number;
  nr: number;
}

const MOST = 256;
const HOST_NAME = 'espalier';

/** What a datagram was taken for, and what there is to say to it. */
interface Heard {
  readonly message: ControlMessage | undefined;
  readonly answer: Uint8Array | undefined;
}

/** Control connections of an L2TP server as they are set up, kept and ended (RFC 2661 §5); there are no calls in them. */
export class ControlConnections {
  readonly #byOwn = new Map<number, Connection>();
  #last = 0;

  hear(caller: string, datagram: Uint8Array): Heard {
    const message = decodeControl(datagram);
    const answer = message && this.#answer(caller, message);
    return { message, answer: answer && encodeControl(answer, HOST_NAME) };
  }

  #answer(caller: string, message: ControlMessage): ControlMessage | undefined {
    if (message.type === TYPE.sccrq) return this.#begin(caller, message);
    const connection = this.#byOwn.get(message.tunnel);
    if (connection === undefined || connection.caller !== caller || message.type === undefined) return undefined;
    if (message.ns === connection.nr) connection.nr = (connection.nr + 1) & 0xffff;
    if (message.type === TYPE.stopCcn) this.#byOwn.delete(connection.own);
    return { tunnel: connection.peer, ns: connection.ns, nr: connection.nr, type: undefined };
  }

  /** A request that comes again is answered as before. */
  #begin(caller: string, { assignedTunnel: peer }: ControlMessage): ControlMessage | undefined {
    if (peer === undefined) return undefined;
    const connection = this.#find(caller, peer) ?? this.#add(caller, peer);
    if (connection === undefined) return undefined;
    return { tunnel: peer, ns: 0, nr: 1, type: TYPE.sccrp, assignedTunnel: connection.own };
  }

  #find(caller: string, peer: number): Connection | undefined {
    return [...this.#byOwn.values()].find((one) => one.caller === caller && one.peer === peer);
  }

  #add(caller: string, peer: number): Connection | undefined {
    if (this.#byOwn.size >= MOST) return undefined;
    do this.#last = (this.#last % 0xffff) + 1;
    while (this.#byOwn.has(this.#last));
    const connection = { caller, own: this.#last, peer, ns: 1, nr: 1 };
    this.#byOwn.set(connection.own, connection);
    return connection;
  }
}
