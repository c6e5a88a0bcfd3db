import type { Instant } from '@espalier/wire';
import { requireArray, requireMethods } from '../arguments.ts';
import type { Chance } from './chance.ts';

/** A packet on a link. */
export interface Transit {
  /** A whole IP packet. Whoever alters it alters a copy. */
  readonly packet: Uint8Array;
  /** Until it is at the other end, so far, in milliseconds. */
  readonly delay: number;
}

/** What an impairment may know and do beside altering what passes. */
export interface LinkContext {
  /** On the network's clock. */
  readonly now: Instant;
  readonly chance: Chance;
  /** Sends a packet back to where the one that passes came from, as a router does. */
  reply(packet: Uint8Array): void;
}

/** Something that a link does to what passes. A link has a list of them, each of which takes what the last one left. */
export interface Impairment {
  /** For logs: `loss 0.1`. */
  readonly name: string;
  /** What is left of a packet: itself, several, or nothing. */
  apply(transit: Transit, context: LinkContext): readonly Transit[];
}

/** @throws TypeError that names the argument, unless it is an impairment. */
export function requireImpairment(argument: string, value: Impairment): void {
  requireMethods(argument, value, 'apply');
}

/** @throws TypeError that names the argument, and the one of them that is no impairment. */
export function requireImpairments(argument: string, values: readonly Impairment[]): void {
  requireArray(argument, values);
  for (const [i, value] of values.entries()) requireImpairment(`${argument}[${i}]`, value);
}
