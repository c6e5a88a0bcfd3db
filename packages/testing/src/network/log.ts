import type { Instant } from '@espalier/wire';
import { describePacket } from './packets.ts';

/** Something that happened on a network. */
export interface LogEntry {
  /** On the network's clock. */
  readonly at: Instant;
  /** `sent`, `arrived`, `lost: ` and by what, or what a caller noted. */
  readonly what: string;
  /** Whose it is, if anybody's. */
  readonly node: string | undefined;
  readonly packet: Uint8Array | undefined;
}

const FNV_PRIME = 0x01000193;
const FNV_BASIS = 0x811c9dc5 | 0;
/** Enough of the end of a packet to tell it from others: of ESP the ICV. */
const TOLD_OCTETS = 8;

/** The latest of what happened, and a digest of all of it: two runs that are the same have the same. */
export class NetworkLog {
  readonly #most: number;
  #entries: LogEntry[] = [];
  #digest = FNV_BASIS;

  /** @param most Entries that are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  get digest(): string {
    return (this.#digest >>> 0).toString(16).padStart(8, '0');
  }

  /** Oldest first. */
  get entries(): readonly LogEntry[] {
    return this.#entries.slice(-this.#most);
  }

  add(entry: LogEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length >= 2 * this.#most) this.#entries = this.#entries.slice(-this.#most);
    this.#take(entry.at);
    this.#take(entry.what.length);
    const { packet } = entry;
    if (packet === undefined) return;
    this.#take(packet.length);
    for (const octet of packet.subarray(-TOLD_OCTETS)) this.#take(octet);
  }

  /** A line for each entry from `from` on. */
  lines(from?: Instant): readonly string[] {
    return this.entries.filter(({ at }) => from === undefined || at >= from).map(formatEntry);
  }

  #take(value: number): void {
    this.#digest = Math.imul(this.#digest ^ (value | 0), FNV_PRIME);
  }
}

function formatEntry({ at, what, node, packet }: LogEntry): string {
  const time = (at / 1000).toFixed(3).padStart(10);
  return [time, node ?? '-', what, ...(packet === undefined ? [] : [describePacket(packet)])].join('  ');
}
