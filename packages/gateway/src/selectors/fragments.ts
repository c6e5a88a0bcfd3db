import { after, type Duration, type Instant, ip, readU16, seconds, toHex } from '@espalier/wire';
import { OPAQUE } from './number-set.ts';
import type { PacketFields } from './packet-fields.ts';

/** Datagrams whose first fragment is remembered; one more, and the oldest is forgotten. */
const DATAGRAMS_MOST = 1024;
/** For how long: as reassembly waits (RFC 1122 §3.3.2, RFC 8200 §4.5). */
const REMEMBERED: Duration = seconds(60);
/** A later fragment that begins before this could write over ports (RFC 1858 §4, RFC 3128). */
const LEAST_OFFSET = 16;

interface First {
  /** Where the datagram came out of: an SA's tunnel, or one side of the gateway. */
  readonly origin: object;
  readonly until: Instant;
  readonly protocol: number;
  readonly a: number;
  readonly b: number;
}

/**
 * Stateful fragment checking (RFC 4301 §7.3): the later fragments of a datagram show what its first has shown, if that
 * came before them. What is not remembered stays `OPAQUE`.
 */
export class FragmentMemory {
  /** Oldest first. */
  readonly #firsts = new Map<string, First>();

  /** How many datagrams are remembered. */
  get size(): number {
    return this.#firsts.size;
  }

  /** Remembers a first fragment, or shows in `fields` what is known of a later one. To be asked of fragments only. */
  apply(now: Instant, fields: PacketFields, origin: object): void {
    this.#forget(now);
    const key = keyOf(fields);
    const offset = fields.fragmentOffset;
    if (offset === 0) {
      this.#remember(now, key, fields, origin);
      return;
    }
    const first = this.#firsts.get(key);
    if (first === undefined || first.origin !== origin || offset < LEAST_OFFSET) return;
    fields.show(first.protocol, first.a, first.b);
  }

  /** One that shows nothing, or comes a second time and shows something else, is not to be relied on. */
  #remember(now: Instant, key: string, fields: PacketFields, origin: object): void {
    const { protocol, upperA: a, upperB: b } = fields;
    const known = this.#firsts.get(key);
    const isSame = known?.origin === origin && known.protocol === protocol && known.a === a && known.b === b;
    if (known !== undefined && !isSame) this.#firsts.delete(key);
    if (known !== undefined || a === OPAQUE) return;
    this.#firsts.set(key, { origin, until: after(now, REMEMBERED), protocol, a, b });
    if (this.#firsts.size <= DATAGRAMS_MOST) return;
    for (const oldest of this.#firsts.keys()) {
      this.#firsts.delete(oldest);
      return;
    }
  }

  #forget(now: Instant): void {
    for (const [key, { until }] of this.#firsts) {
      if (until > now) return;
      this.#firsts.delete(key);
    }
  }
}

/** Addresses, and identification; of IPv4 the protocol too (RFC 791 §3.2, RFC 8200 §4.5). */
function keyOf({ octets, at, end, addressOctets }: PacketFields): string {
  const sourceAt = ip.sourceAt(octets, at);
  const addresses = toHex(octets.subarray(sourceAt, sourceAt + 2 * addressOctets));
  if (addressOctets === 4) return `${addresses} ${readU16(octets, at + 4)} ${ip.protocol(octets, at, end)}`;
  const header = ip.fragmentHeaderAt(octets, at, end);
  return `${addresses} ${toHex(octets.subarray(header + 4, header + 8))}`;
}
