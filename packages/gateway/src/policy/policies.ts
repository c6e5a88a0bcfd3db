import type { Instant } from '@espalier/wire';
import type { PolicyConfig, Selectors } from '../config.ts';
import { quotedAt } from '../packets/icmp-error.ts';
import { FragmentMemory } from '../selectors/fragments.ts';
import { PacketFields } from '../selectors/packet-fields.ts';
import type { Rank } from './order.ts';
import { SecurityPolicyDatabase, type SpdAction, type SpdEntry } from './spd.ts';

/** Whose packets an entry is for, and which. */
export type PolicyPlace = Pick<PolicyConfig, 'interface' | 'selectors'>;

/** An entry where it stands: the SPD that it is in, and where it is taken out again. */
export interface PlacedEntry<Target> {
  readonly interface: string | undefined;
  readonly entry: SpdEntry<Target>;
}

/** Which packet goes where: an SPD for each interface that has policies of its own, and one for all others. */
export class Policies<Target> {
  readonly #byInterface = new Map<string, SecurityPolicyDatabase<Target>>();
  /** By how many, entries aside, each interface is kept: it has an SPD of its own even while that is empty. */
  readonly #kept = new Map<string, number>();
  /** The interface that has had policies for longest. */
  #firstInterface: string | undefined;
  #common: SecurityPolicyDatabase<Target> | undefined;
  /** Of what comes in the clear to the gateway itself: what is to be protected, though nothing is there yet that does. */
  readonly #guards = new SecurityPolicyDatabase<Target>([], DISCARD);
  readonly #fields = new PacketFields();
  /** Of packets from the inside, and of those that come in the clear: their addresses tell them apart. */
  readonly #fragments = new FragmentMemory();

  /** Puts an entry in its place among the others. */
  add({ interface: name, selectors = {} }: PolicyPlace, action: SpdAction<Target>, rank: Rank): PlacedEntry<Target> {
    const entry = { selectors, action };
    this.#of(name).add(entry, rank);
    return { interface: name, entry };
  }

  /** Takes an entry out. An interface without any is as if it had never had one. */
  delete({ interface: name, entry }: PlacedEntry<Target>): void {
    if (name === undefined) {
      this.#common?.delete(entry);
      if (this.#common?.size === 0) this.#common = undefined;
      return;
    }
    this.#byInterface.get(name)?.delete(entry);
    this.#forgetIfEmpty(name);
  }

  /** From now on packets of this interface are judged by an SPD of its own, even if it is empty. */
  keep(name: string): void {
    this.#kept.set(name, (this.#kept.get(name) ?? 0) + 1);
    this.#of(name);
  }

  /** Ends what one `keep` began. */
  release(name: string): void {
    const left = (this.#kept.get(name) ?? 0) - 1;
    if (left > 0) this.#kept.set(name, left);
    else this.#kept.delete(name);
    this.#forgetIfEmpty(name);
  }

  /** Whether nothing is done with packets of this interface. */
  isFree(name: string): boolean {
    return (this.#byInterface.get(name)?.size ?? 0) === 0;
  }

  /** The entries for packets of an interface that take some packet which `selectors` take too. */
  overlapping(name: string | undefined, selectors: Selectors): readonly SpdEntry<Target>[] {
    const spd = name === undefined ? this.#common : this.#byInterface.get(name);
    return spd?.overlapping(selectors) ?? [];
  }

  /**
   * What to do with a packet from the inside; undefined when there is no policy for packets of `insideInterface`.
   * Without an interface a packet is judged as one of the first interface that has policies, or if there is none by the
   * SPD of all.
   */
  lookUpOutbound(now: Instant, packet: Uint8Array, insideInterface: string | undefined): SpdAction<Target> | undefined {
    return this.#lookUp(now, this.#outbound(insideInterface), this.#fields.outbound(packet, 0, packet.length));
  }

  /** What was read of the packet that was looked up last. */
  get fields(): PacketFields {
    return this.#fields;
  }

  /** Takes a place among the policies for what comes in the clear to the gateway itself, and for nothing else. */
  guard({ selectors = {} }: Pick<PolicyPlace, 'selectors'>, action: SpdAction<Target>, rank: Rank): SpdEntry<Target> {
    const entry = { selectors, action };
    this.#guards.add(entry, rank);
    return entry;
  }

  unguard(entry: SpdEntry<Target>): void {
    this.#guards.delete(entry);
  }

  /** What to do with a whole packet that came in the clear to the gateway itself. */
  lookUpOwn(packet: Uint8Array): SpdAction<Target> {
    const fields = this.#fields.inbound(packet, 0, packet.length);
    return this.#common?.lookUp(fields, this.#guards) ?? this.#guards.lookUp(fields);
  }

  /** What to do with a packet that came in the clear; undefined when there is no SPD of all interfaces. */
  lookUpInbound(now: Instant, packet: Uint8Array): SpdAction<Target> | undefined {
    return this.#lookUp(now, this.#common, this.#fields.inbound(packet, 0, packet.length));
  }

  /** What to do with the packets that an ICMP error from the inside quotes, which came from the outside (RFC 4301 §6). */
  lookUpQuoted(error: Uint8Array, insideInterface: string | undefined): SpdAction<Target> | undefined {
    const quoted = quotedAt(error, 0, error.length);
    return quoted < 0
      ? undefined
      : this.#outbound(insideInterface)?.lookUp(this.#fields.inbound(error, quoted, error.length));
  }

  #lookUp(
    now: Instant,
    spd: SecurityPolicyDatabase<Target> | undefined,
    fields: PacketFields,
  ): SpdAction<Target> | undefined {
    if (spd?.asksUpper && fields.isFragment) this.#fragments.apply(now, fields, spd);
    return spd?.lookUp(fields);
  }

  #outbound(insideInterface: string | undefined): SecurityPolicyDatabase<Target> | undefined {
    const name = insideInterface ?? this.#firstInterface;
    const own = name === undefined ? undefined : this.#byInterface.get(name);
    return own ?? this.#common;
  }

  #of(name: string | undefined): SecurityPolicyDatabase<Target> {
    if (name === undefined) {
      this.#common ??= new SecurityPolicyDatabase<Target>([], DISCARD);
      return this.#common;
    }
    const spd = this.#byInterface.get(name) ?? new SecurityPolicyDatabase<Target>([], DISCARD);
    this.#byInterface.set(name, spd);
    this.#firstInterface ??= name;
    return spd;
  }

  #forgetIfEmpty(name: string): void {
    if (this.#kept.has(name) || this.#byInterface.get(name)?.size !== 0) return;
    this.#byInterface.delete(name);
    if (this.#firstInterface === name) [this.#firstInterface] = this.#byInterface.keys();
  }
}

/** What nothing takes is discarded (RFC 4301 §4.4.1). */
export const DISCARD = { kind: 'discard' } as const;
