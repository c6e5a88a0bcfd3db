import type { GatewayEvent, Outcome } from '@espalier/gateway';
import type { NetworkObserver, Passage } from '@espalier/testing/network';
import { ip, PROTOCOL } from '@espalier/wire';
import { innerId, markerOf } from './inner-packet.ts';
import { belongsOutside, isForIpsec, protectedIn } from './outer-packet.ts';
import { Uses } from './uses.ts';
import type { Law, Violation } from './violation.ts';

/** A packet from the inside of a site. */
export interface Sent {
  readonly id: number;
  readonly at: number;
  /** Numbers of sites. */
  readonly from: number;
  readonly to: number;
  /** The name of the policy, and of whose SAs nobody has agreed on: those have no window. */
  readonly policy: string;
  readonly byHand: boolean;
  readonly window: number;
  readonly esn: boolean;
  delivered: number;
}

/** One life of a site, as far as laws are concerned. */
export interface Observed {
  readonly name: string;
  readonly index: number;
  /** Counts how often it was switched on. */
  readonly life: number;
}

/** A packet of an SA on its way. */
interface Carried {
  readonly passage: Passage;
  readonly spi: number;
  readonly sequence: number;
  /** What it carries, where one packet carries one. */
  readonly sent: Sent | undefined;
}

/** What one life of a site has of SAs, as seen from outside. */
interface Known {
  readonly keyedAt: Map<number, number>;
  readonly deletedAt: Map<number, number>;
  /** SPIs that are being negotiated. */
  readonly halfOpen: Set<number>;
  /** The numbers that were taken, and the highest of them, by SPI. */
  readonly taken: Map<number, { readonly numbers: Set<number>; top: number }>;
}

/** How long a copy of a packet may still come, in milliseconds. */
const MEMORY = 5 * 60_000;

/** Holds what happens in a world against its laws. It sees what anybody sees, and the keys' SPIs. */
export class Oracle {
  readonly violations: Violation[] = [];
  /** What was handed in and sealed, by number; what waited for an SA is not among them. */
  readonly sent: Map<number, Sent> = new Map();
  /** Packets whose receiver had no SA for them any more, though they were sent when it had none already. */
  blackHoled: number = 0;
  /** IKE SAs that were established, and pairs of SAs, at either end. */
  handshakes: number = 0;
  pairs: number = 0;
  readonly observer: NetworkObserver;
  readonly marker: Buffer;
  /** From when on nothing may be refused at all. */
  calmAt: number = Number.POSITIVE_INFINITY;
  readonly #now: () => number;
  readonly #note: (node: string, event: GatewayEvent) => void;
  readonly #known = new WeakMap<Observed, Known>();
  readonly #uses = new Uses();
  /** Who is on the network now, by name. */
  readonly #sites = new Map<string, Observed>();
  #carried = new Map<number, Carried>();
  #old = new Map<number, Carried>();
  #turnedAt = 0;
  /** What is being handed in. */
  #sending: Sent | undefined;
  /** What is being handed out. */
  #arriving: { readonly carried: Carried; readonly isIntact: boolean } | undefined;

  constructor(seed: number, now: () => number, note: (what: string, node: string) => void) {
    this.#note = (node, event) => note(describe(event), node);
    this.marker = Buffer.from(markerOf(seed));
    this.#now = now;
    this.observer = {
      sent: (passage) => this.#leaves(passage),
      arrives: (_, passage, isIntact) => this.#arrives(passage, isIntact),
    };
  }

  /** A site is on the network, in the place of the one of its name before. */
  joined(site: Observed): void {
    this.#sites.set(site.name, site);
  }

  violated(law: Law, detail: string): void {
    this.violations.push({ law, at: this.#now(), detail });
  }

  /** What is on the network until `done` is what became of this one. */
  sending(sent: Sent): void {
    this.#sending = sent;
    this.sent.set(sent.id, sent);
  }

  done(): void {
    this.#sending = undefined;
  }

  keyed(site: Observed, spi: number): void {
    const { keyedAt, deletedAt, halfOpen, taken } = this.#of(site);
    keyedAt.set(spi, this.#now());
    halfOpen.add(spi);
    this.#uses.keyed(site.index, spi);
    deletedAt.delete(spi);
    taken.delete(spi);
  }

  happened(site: Observed, event: GatewayEvent): void {
    this.#note(site.name, event);
    if (event.kind === 'ike-established') this.handshakes += 1;
    const { deletedAt, halfOpen } = this.#of(site);
    if (event.kind === 'ipsec-established') {
      this.pairs += 1;
      halfOpen.delete(event.sa.inbound);
    }
    if (event.kind === 'ipsec-deleted') deletedAt.set(event.sa.inbound, this.#now());
    // Nobody is told of a pair that ends before it is established: with the negotiation, or with the IKE SA.
    if (event.kind === 'ipsec-failed' || event.kind === 'ike-deleted') {
      for (const spi of halfOpen) deletedAt.set(spi, this.#now());
      halfOpen.clear();
    }
  }

  #of(site: Observed): Known {
    const known = this.#known.get(site) ?? {
      keyedAt: new Map(),
      deletedAt: new Map(),
      halfOpen: new Set(),
      taken: new Map(),
    };
    this.#known.set(site, known);
    return known;
  }

  #leaves(passage: Passage): void {
    const { packet } = passage;
    if (!belongsOutside(packet)) this.violated('in-clear', `${passage.from} sends what does not belong outside`);
    if (Buffer.from(packet.buffer, packet.byteOffset, packet.length).includes(this.marker)) {
      this.violated('in-clear', `${passage.from} sends octets of a packet of the inside`);
    }
    const site = this.#sites.get(passage.from ?? '');
    const again = site && this.#uses.leaves(site.index, site.life, packet);
    if (again !== undefined) this.violated('used-twice', `${passage.from} uses ${again} again`);
    const found = protectedIn(packet);
    if (found === undefined) return;
    this.#turn();
    this.#carried.set(passage.id, { passage, ...found, sent: this.#sending });
  }

  #arrives(passage: Passage, isIntact: boolean): void {
    const carried = this.#carried.get(passage.id) ?? this.#old.get(passage.id);
    this.#arriving = carried && { carried, isIntact };
  }

  /** Forgets what nothing can come of any more. */
  #turn(): void {
    if (this.#now() - this.#turnedAt < MEMORY) return;
    this.#turnedAt = this.#now();
    this.#old = this.#carried;
    this.#carried = new Map();
  }

  /** What a site made of what has just arrived. */
  judged(site: Observed, packet: Uint8Array, outcome: Outcome): void {
    const arriving = this.#arriving;
    this.#arriving = undefined;
    const known = this.#of(site);
    if (outcome.ok) take(known, packet);
    if (outcome.ok || arriving === undefined || !arriving.isIntact) return;
    const { carried } = arriving;
    if (this.#excuse(outcome.reason, carried, known)) return;
    // A source port that was altered before a NAT is where the answers go until the next packet: nobody is there.
    if (!isForIpsec(packet) && this.#now() < this.calmAt) return;
    const age = this.#now() - carried.passage.sentAt;
    this.violated(
      'refused',
      `${site.name} refuses (${outcome.by}: ${outcome.reason}) SPI ${carried.spi.toString(16)} #${carried.sequence} of ${carried.passage.from}, ${age} ms old`,
    );
  }

  /** Whether there may be a reason. */
  #excuse(reason: string, { spi, sequence, sent, passage }: Carried, { keyedAt, deletedAt, taken }: Known): boolean {
    if (reason === 'replayed') return taken.get(spi)?.numbers.has(sequence) === true;
    // With extended numbers what is too old looks like what is far ahead (RFC 4303 Appendix A2.2).
    const isOld = sequence <= (taken.get(spi)?.top ?? 0) - (sent?.window ?? 32);
    if (reason === 'too-old' || (reason === 'bad-icv' && sent?.esn !== false)) return isOld;
    if (reason === 'unknown-spi') {
      // Where the site had an SA of this SPI and has it no more, or was switched on since.
      const isGone = deletedAt.has(spi) || !keyedAt.has(spi);
      if (isGone && passage.sentAt > (deletedAt.get(spi) ?? 0)) this.blackHoled += 1;
      return isGone && this.#now() < this.calmAt;
    }
    return reason === 'expired' && this.#now() < this.calmAt;
  }

  delivered(site: Observed, packet: Uint8Array): void {
    if (isTold(packet)) return;
    const id = innerId(this.marker, packet);
    const sent = id === undefined ? undefined : this.sent.get(id);
    if (sent === undefined) {
      this.violated('never-sent', `${site.name} delivers ${packet.length} octets that nobody sent`);
      return;
    }
    if (sent.to !== site.index) this.violated('never-sent', `${site.name} delivers packet ${sent.id} of another site`);
    sent.delivered += 1;
    if (sent.delivered > 1 && !sent.byHand) {
      this.violated('delivered-twice', `${site.name} delivers packet ${sent.id} of s${sent.from} again`);
    }
  }

  deliveredBroken(site: Observed, reason: string): void {
    this.violated('never-sent', `${site.name} delivers what is no packet: ${reason}`);
  }
}

function take({ taken }: Known, packet: Uint8Array): void {
  const found = protectedIn(packet);
  if (found === undefined) return;
  const { spi, sequence } = found;
  const known = taken.get(spi) ?? { numbers: new Set(), top: 0 };
  known.numbers.add(sequence);
  known.top = Math.max(known.top, sequence);
  taken.set(spi, known);
}

/** Whether a gateway itself tells a sender inside that its packet is too large. */
function isTold(packet: Uint8Array): boolean {
  const protocol = ip.protocol(packet, 0, packet.length);
  return protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6;
}

/** An event in a line of the log. */
function describe(event: GatewayEvent): string {
  switch (event.kind) {
    case 'ipsec-established':
      return `${event.kind} ${event.sa.policy} ${hex(event.sa.inbound)} in, ${hex(event.sa.outbound)} out, ${event.role}`;
    case 'ipsec-deleted':
      return `${event.kind} ${event.sa.policy} ${hex(event.sa.inbound)} in, ${hex(event.sa.outbound)} out: ${event.reason}`;
    case 'ipsec-failed':
      return `${event.kind} ${event.policy}: ${event.reason}`;
    case 'ike-established':
      return `${event.kind} ${event.ikeSa.peer} ${event.ikeSa.initiatorCookie} ${event.ikeSa.role}`;
    case 'ike-deleted':
      return `${event.kind} ${event.ikeSa.peer} ${event.ikeSa.initiatorCookie}: ${event.reason}`;
    case 'ike-failed':
    case 'negotiation-refused':
      return `${event.kind} ${event.peer}: ${event.reason}`;
    default:
      return event.kind;
  }
}

function hex(spi: number): string {
  return spi.toString(16).padStart(8, '0');
}
