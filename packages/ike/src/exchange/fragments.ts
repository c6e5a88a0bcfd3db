import { copyOctets } from '@espalier/crypto';
import { after, concat, decodeFragment, equalOctets, type Fragment, type Instant, toHex } from '@espalier/wire';
import {
  FRAGMENT_LIFETIME,
  FRAGMENTED_IN_ALL,
  FRAGMENTED_OCTETS_IN_ALL,
  FRAGMENTED_PER_IKE_SA,
  FRAGMENTS_PER_MESSAGE,
} from '../limits.ts';
import { refuse } from '../refusals.ts';
import type { Tolerance } from '../tolerances.ts';
import { isEncrypted, type ReceivedMessage } from './message.ts';

/** A message of fragments, and what it took to read them. */
export interface Joined {
  readonly octets: Uint8Array;
  readonly tolerated: readonly Tolerance[];
}

/** A message of which not all fragments have come. */
interface Assembly {
  readonly ikeSa: string;
  readonly until: Instant;
  readonly pieces: Map<number, Uint8Array>;
  /** The number of the last fragment, once that is here. */
  last: number | undefined;
  octets: number;
  tolerated: readonly Tolerance[];
}

/**
 * Messages that come in Cisco's fragments. Nothing protects a fragment: whoever knows the cookies of an IKE SA can send
 * some, so each SA has few such messages, for a short time, and all together so many octets; the oldest gives way.
 */
export class FragmentedMessages {
  /** Oldest first. */
  readonly #assemblies = new Map<string, Assembly>();
  #octets = 0;

  get size(): number {
    return this.#assemblies.size;
  }

  /** Octets of all fragments that wait for others. */
  get octets(): number {
    return this.#octets;
  }

  /**
   * The whole message, once its last missing fragment is here. A fragment that contradicts another is refused, and what came
   * before is forgotten with it: which of them is the peer's, nobody can tell.
   * @throws Refusal or DecodeError
   */
  add(now: Instant, { header, octets, path: { remote }, tolerated }: ReceivedMessage): Joined | undefined {
    const fragment = decodeFragment(octets);
    const ikeSa = toHex(concat(header.initiatorCookie, header.responderCookie));
    const key = `${ikeSa} ${header.exchange} ${header.messageId} ${fragment.id} ${remote.address} ${remote.port}`;
    if (fragment.number > FRAGMENTS_PER_MESSAGE) refuse('bad-fragment');
    this.#expire(now);
    const assembly = this.#assemblies.get(key) ?? this.#begin(now, key, ikeSa);
    if (contradicts(assembly, fragment)) {
      this.#forget(key);
      refuse('bad-fragment');
    }
    this.#take(assembly, fragment);
    const taken: readonly Tolerance[] = isEncrypted(header) ? [...tolerated, 'fragment-said-encrypted'] : tolerated;
    assembly.tolerated = [...new Set([...assembly.tolerated, ...taken])];
    while (this.#octets > FRAGMENTED_OCTETS_IN_ALL) this.#forget(this.#oldest());
    if (assembly.pieces.size !== assembly.last) return undefined;
    this.#forget(key);
    return { octets: join(assembly), tolerated: assembly.tolerated };
  }

  #begin(now: Instant, key: string, ikeSa: string): Assembly {
    const others = [...this.#assemblies].filter(([, other]) => other.ikeSa === ikeSa);
    if (others.length >= FRAGMENTED_PER_IKE_SA) this.#forget(others[0]?.[0]);
    if (this.#assemblies.size >= FRAGMENTED_IN_ALL) this.#forget(this.#oldest());
    const until = after(now, FRAGMENT_LIFETIME);
    const assembly: Assembly = { ikeSa, until, pieces: new Map(), last: undefined, octets: 0, tolerated: [] };
    this.#assemblies.set(key, assembly);
    return assembly;
  }

  #take(assembly: Assembly, { number, isLast, piece }: Fragment): void {
    if (isLast) assembly.last = number;
    if (assembly.pieces.has(number)) return;
    assembly.pieces.set(number, copyOctets('piece', piece));
    assembly.octets += piece.length;
    this.#octets += piece.length;
  }

  /** Those that have waited too long: all have the same time, so they are the first. */
  #expire(now: Instant): void {
    for (const [key, { until }] of this.#assemblies) {
      if (now < until) return;
      this.#forget(key);
    }
  }

  #oldest(): string | undefined {
    for (const key of this.#assemblies.keys()) return key;
    return undefined;
  }

  #forget(key: string | undefined): void {
    const assembly = key === undefined ? undefined : this.#assemblies.get(key);
    if (key === undefined || assembly === undefined) return;
    this.#octets -= assembly.octets;
    this.#assemblies.delete(key);
  }
}

/** Another piece of the same number, another last one, or one behind the last. */
function contradicts({ pieces, last }: Assembly, { number, isLast, piece }: Fragment): boolean {
  const known = pieces.get(number);
  if (known !== undefined && !equalOctets(known, piece)) return true;
  if (last !== undefined) return isLast ? number !== last : number >= last;
  return isLast && [...pieces.keys()].some((other) => other > number);
}

function join({ pieces }: Assembly): Uint8Array {
  const inOrder = [...pieces].sort(([a], [b]) => a - b);
  return concat(...inOrder.map(([, piece]) => piece));
}
