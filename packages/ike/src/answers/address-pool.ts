import { copyOctets } from '@espalier/crypto';
import {
  type AddressPrefix,
  formatAddress,
  parseAddress,
  parsePrefix,
  prefixContains,
  prefixNetwork,
} from '@espalier/wire';
import { readAssignedConfiguration } from '../configuration/mode-config.ts';
import { readObject, readOptional, readText } from '../configuration/read.ts';
import type { IkeEvent } from '../events.ts';
import type { LeaseAnswer, LeaseQuestion } from '../questions/transaction-questions.ts';
import type { AssignedConfiguration } from '../types.ts';

/** Addresses that are given, and what is told with each. */
export interface AddressPoolOptions extends Omit<AssignedConfiguration, 'addresses'> {
  /** A prefix of IPv4, such as `10.1.77.0/24`: its first and its last address are left out. */
  readonly ipv4?: string;
  /** A prefix of IPv6, such as `fd00:77::/64`: its first address is left out. */
  readonly ipv6?: string;
}

/**
 * A pool of addresses in memory: answers `lease`, and takes back what IKE's events say has ended. A peer gets the address
 * that it had last, or asks for, as long as nobody else has it.
 */
export class AddressPool {
  readonly #ranges: readonly Range[];
  readonly #others: Omit<AssignedConfiguration, 'addresses'>;

  /** @throws TypeError or RangeError naming the argument. */
  constructor(options: AddressPoolOptions) {
    const { ipv4, ipv6, ...others } = readObject<AddressPoolOptions>('options', options);
    const four = readOptional('options.ipv4', ipv4, (at, value) => readPool(at, value, 4));
    const six = readOptional('options.ipv6', ipv6, (at, value) => readPool(at, value, 16));
    if (four === undefined && six === undefined) throw new RangeError('options: must have ipv4 or ipv6');
    this.#ranges = [four, six].flatMap((prefix) => (prefix === undefined ? [] : [new Range(prefix)]));
    const { addresses: _, ...read } = readAssignedConfiguration('options', { addresses: ['192.0.2.1'], ...others });
    this.#others = read;
  }

  /** How many addresses are leased. */
  get size(): number {
    return this.#ranges.reduce((sum, { size }) => sum + size, 0);
  }

  /** No lease where no family that is asked for has an address left. */
  answer({ peer, ipv4, ipv6, wishes }: LeaseQuestion): LeaseAnswer {
    const addresses = this.#ranges
      .filter(({ octets }) => (octets === 4 ? ipv4 : ipv6))
      .flatMap((range) => range.lease(peer, wishes) ?? []);
    return { kind: 'lease', lease: addresses.length === 0 ? undefined : { addresses, ...this.#others } };
  }

  /** Takes back the addresses of a lease that has ended; every other event changes nothing. */
  handleEvent(event: { readonly kind: string }): void {
    if (!isEnd(event)) return;
    for (const range of this.#ranges) range.release(event.peer, event.configuration.addresses);
  }
}

type EndedEvent = Extract<IkeEvent, { readonly kind: 'configuration-ended' }>;

function isEnd(event: { readonly kind: string }): event is EndedEvent {
  return event.kind === 'configuration-ended' && 'side' in event && event.side === 'gateway';
}

/** Addresses that are remembered of peers that are gone. */
const REMEMBERED_MOST = 65_536;
/** Addresses of one range that are given. */
const COUNT_MOST = 2 ** 24;

/** The addresses of one prefix. */
class Range {
  readonly octets: number;
  readonly #prefix: AddressPrefix;
  readonly #last: number;
  /** Whose each is that is leased. */
  readonly #holders = new Map<number, string>();
  /** What each peer has, or had last. */
  readonly #known = new Map<string, number>();
  #next = 1;

  constructor(prefix: AddressPrefix) {
    const bits = 8 * prefix.address.length - prefix.length;
    const count = bits >= 24 ? COUNT_MOST : 2 ** bits;
    this.octets = prefix.address.length;
    this.#prefix = { address: prefixNetwork(prefix), length: prefix.length };
    this.#last = this.octets === 4 ? count - 2 : count - 1;
  }

  get size(): number {
    return this.#holders.size;
  }

  lease(peer: string, wishes: readonly string[]): string | undefined {
    const wished = wishes.flatMap((wish) => this.#offsetOf(wish) ?? []);
    const known = this.#known.get(peer);
    const offset =
      [...(known === undefined ? [] : [known]), ...wished].find((one) => this.#isFor(one, peer)) ?? this.#draw();
    if (offset === undefined) return undefined;
    this.#holders.set(offset, peer);
    this.#remember(peer, offset);
    return formatAddress(this.#addressAt(offset));
  }

  release(peer: string, addresses: readonly string[]): void {
    for (const address of addresses) {
      const offset = this.#offsetOf(address);
      if (offset !== undefined && this.#holders.get(offset) === peer) this.#holders.delete(offset);
    }
  }

  #isFor(offset: number, peer: string): boolean {
    const holder = this.#holders.get(offset);
    return holder === undefined || holder === peer;
  }

  /** The one after that which was drawn last: what somebody had stays free for them for as long as it can. */
  #draw(): number | undefined {
    if (this.#holders.size >= this.#last) return undefined;
    while (this.#holders.has(this.#next)) this.#next = this.#after(this.#next);
    const offset = this.#next;
    this.#next = this.#after(offset);
    return offset;
  }

  #after(offset: number): number {
    return offset >= this.#last ? 1 : offset + 1;
  }

  #remember(peer: string, offset: number): void {
    this.#known.delete(peer);
    this.#known.set(peer, offset);
    if (this.#known.size <= REMEMBERED_MOST) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  #addressAt(offset: number): Uint8Array {
    const address = copyOctets('address', this.#prefix.address);
    for (let i = address.length - 1, rest = offset; rest > 0; i--, rest = Math.floor(rest / 256)) {
      address[i] = (address[i] ?? 0) + (rest % 256);
    }
    return address;
  }

  #offsetOf(text: string): number | undefined {
    const address = parseAddress(text);
    if (!prefixContains(this.#prefix, address)) return undefined;
    const offset = address.reduce((sum, octet, i) => sum * 256 + (octet - (this.#prefix.address[i] ?? 0)), 0);
    return offset >= 1 && offset <= this.#last ? offset : undefined;
  }
}

function readPool(argument: string, value: unknown, octets: number): AddressPrefix {
  const text = readText(argument, value);
  try {
    const prefix = parsePrefix(text);
    if (prefix.address.length === octets && 8 * octets - prefix.length >= 2) return prefix;
  } catch {
    // Said below.
  }
  throw new RangeError(`${argument}: must be a prefix of IPv${octets === 4 ? 4 : 6} with at least 4 addresses`);
}
