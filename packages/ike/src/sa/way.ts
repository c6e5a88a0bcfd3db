import { hash } from '@espalier/crypto';
import { fragmentMessage, readU16 } from '@espalier/wire';
import type { IkeSaInfo } from '../events.ts';
import type { NatFindings } from '../nat/discovery.ts';
import { floated, withMarker } from '../nat/ports.ts';
import { isSamePath, type Path } from '../path.ts';
import type { Environment } from '../runtime/environment.ts';

type Traffic = Pick<IkeSaInfo, 'octetsIn' | 'octetsOut' | 'packetsIn' | 'packetsOut'>;

/** Between which ends the messages of an IKE SA go, in what pieces, and how many have gone. */
export class Way {
  /** Where it was begun. */
  readonly home: Path;
  readonly #environment: Environment;
  readonly #fragmentOctets: () => number | undefined;
  #path: Path;
  /** Whether the peer has said so. */
  #takesFragments = false;
  /** Of all messages that came from where the peer is, whether they were believed or not. */
  #octetsHeard = 0;
  #octetsIn = 0;
  #octetsOut = 0;
  #packetsIn = 0;
  #packetsOut = 0;

  /** `fragmentOctets`: the largest message that goes whole to a peer that takes fragments; undefined where none are sent or taken. */
  constructor(environment: Environment, home: Path, fragmentOctets: () => number | undefined) {
    this.#environment = environment;
    this.#fragmentOctets = fragmentOctets;
    this.home = home;
    this.#path = home;
  }

  get path(): Path {
    return this.#path;
  }

  get traffic(): Traffic {
    return {
      octetsIn: this.#octetsIn,
      octetsOut: this.#octetsOut,
      packetsIn: this.#packetsIn,
      packetsOut: this.#packetsOut,
    };
  }

  /** Whether fragments are sent and taken here. */
  get hasFragments(): boolean {
    return this.#fragmentOctets() !== undefined;
  }

  /** Whether no more has gone out than has come from there. */
  get isBalanced(): boolean {
    return this.#octetsOut <= this.#octetsHeard;
  }

  /** Whether it was elsewhere. */
  move(path: Path): boolean {
    if (isSamePath(this.#path, path)) return false;
    this.#path = path;
    return true;
  }

  /** Where an initiator goes where this is found of NATs: it moves to port 4500 (RFC 3947 §4). `from`: where it is. */
  with(nat: NatFindings | undefined, from: Path = this.#path): Path {
    return nat === undefined ? from : floated(from, nat.method);
  }

  takesFragments(): void {
    this.#takesFragments = true;
  }

  /** A message came. */
  heard(octets: Uint8Array): void {
    this.#octetsHeard += octets.length;
  }

  /** It was taken. */
  taken(octets: Uint8Array): void {
    this.#packetsIn++;
    this.#octetsIn += octets.length;
  }

  send(octets: Uint8Array, { local, remote }: Path = this.#path): void {
    this.#packetsOut++;
    this.#octetsOut += octets.length;
    for (const datagram of this.#inFragments(octets)) {
      this.#environment.outbox.transmit({ source: local, destination: remote, octets: withMarker(local, datagram) });
    }
  }

  /** The same message, the same fragments: those of a repetition make up for those that were lost. */
  #inFragments(octets: Uint8Array): readonly Uint8Array[] {
    const most = this.#takesFragments ? this.#fragmentOctets() : undefined;
    if (most === undefined || octets.length <= most) return [octets];
    return fragmentMessage(octets, readU16(hash('sha2-256', octets), 0), most);
  }
}
