import { type AhSuite, copyOctets, type Engine, type IcvTransform } from '@espalier/crypto';
import { AH_HEADER_OCTETS, ahOctets, ahSequence, PROTOCOL, prepareAhHeaders } from '@espalier/wire';
import { inPacket } from '../../packets/rebuilt.ts';
import { type Numbering, type Way, Ways } from '../sa/ways.ts';

/** One suite of AH with its key that may be an SA's. */
export interface KeyedAhSuite extends Numbering {
  readonly suite: AhSuite;
  readonly key: Uint8Array;
  readonly origin: 'given' | 'derived';
}

/** Whose ICV a packet has. */
export interface VerifiedAh {
  readonly suite: string;
  readonly origin: 'given' | 'derived';
  /** Undefined without ESN. */
  readonly sequenceHigh: number | undefined;
}

/** Fewer octets than an IPv6 header is aligned by may pad an ICV (RFC 4302 §2.6). */
const MOST_PADDING = 8;

/** Checks the ICVs of one SA of AH by whichever of its possible keys is right. */
export class AhVerifier {
  readonly #engine: Engine;
  readonly #ways: Ways<KeyedAhSuite>;
  readonly #transforms = new Map<Way<KeyedAhSuite>, IcvTransform>();

  constructor(engine: Engine, keyed: readonly KeyedAhSuite[]) {
    this.#engine = engine;
    this.#ways = new Ways(keyed);
  }

  /** `headers`: of IP, as they came; `packet`: from AH on. Undefined where no ICV is right. */
  verify(headers: Uint8Array, packet: Uint8Array): VerifiedAh | undefined {
    const memory = inPacket(headers, PROTOCOL.ah, packet);
    const ahAt = headers.length;
    if (!prepareAhHeaders(memory, 0, ahAt, 'in')) return undefined;
    const sequence = ahSequence(packet, 0);
    return this.#ways.try(
      sequence,
      (way, high) => this.#verifyWith(way, memory, ahAt, packet, high),
      () => true,
    );
  }

  /** RFC 4302 §3.4.4: the ICV itself is zero in what it covers. */
  #verifyWith(
    way: Way<KeyedAhSuite>,
    memory: Uint8Array,
    ahAt: number,
    packet: Uint8Array,
    high: number | undefined,
  ): VerifiedAh | undefined {
    const { suite, origin } = way.keyed;
    const end = AH_HEADER_OCTETS + suite.ivOctets + suite.icvOctets;
    const padding = ahOctets(packet, 0) - end;
    if (padding < 0 || padding >= MOST_PADDING) return undefined;
    const icv = copyOctets('icv', packet.subarray(AH_HEADER_OCTETS, end));
    memory.fill(0, ahAt + AH_HEADER_OCTETS, ahAt + end);
    const isRight = this.#transform(way).verify(memory, 0, memory.length, high, icv, 0);
    memory.set(icv, ahAt + AH_HEADER_OCTETS);
    return isRight ? { suite: suite.name, origin, sequenceHigh: high } : undefined;
  }

  #transform(way: Way<KeyedAhSuite>): IcvTransform {
    const known = this.#transforms.get(way);
    if (known !== undefined) return known;
    const made = this.#engine.createIcvTransform(way.keyed);
    this.#transforms.set(way, made);
    return made;
  }
}
