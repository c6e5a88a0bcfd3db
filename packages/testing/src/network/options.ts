import { type Instant, instant, requireMembers, requireObject } from '@espalier/wire';
import { addressText } from '../addresses.ts';
import { requireArray, requireMethods, requireNumber, within } from '../arguments.ts';
import { type ChoiceSource, seededChoices } from './chance.ts';
import type { ClockOptions } from './clock.ts';
import { type Impairment, requireImpairments } from './impairment.ts';
import { Nat } from './nat.ts';

/** How a node is connected. */
export interface AttachmentOptions {
  /** In text. Behind a NAT those inside; else each is one node's alone. */
  readonly addresses: readonly string[];
  /** What becomes of what it sends, in this order. Default: nothing. */
  readonly outwards?: readonly Impairment[];
  /** What becomes of what comes to it. Default: nothing. */
  readonly inwards?: readonly Impairment[];
  /** What it is behind; several nodes may be behind the same one. */
  readonly nat?: Nat;
  readonly clock?: ClockOptions;
}

/** A packet since it was sent: its copies and fragments are the same passage. */
export interface Passage {
  /** Counts from 0. */
  readonly id: number;
  /** Who sent it; undefined of what a router says. */
  readonly from: string | undefined;
  readonly sentAt: Instant;
  /** As it was sent. */
  readonly packet: Uint8Array;
}

/** Is told what happens, when it happens, and changes nothing. */
export interface NetworkObserver {
  sent?(passage: Passage): void;
  /**
   * Before the node is given it. `isIntact`: no octet is other than as it was sent, but for what a NAT writes, and it is no
   * fragment of it.
   */
  arrives?(to: string, passage: Passage, isIntact: boolean): void;
  /** `by`: the impairment, the NAT, a partition, or that nobody has the address. One copy or fragment, not all of them. */
  lost?(passage: Passage, by: string): void;
}

export interface NetworkOptions {
  /** Decides what chance has to decide. Default: 1. */
  readonly seed?: number;
  /** In the place of `seed`: choices that are written down, or were. */
  readonly choices?: ChoiceSource;
  /** How long any packet takes beside what impairments say, in milliseconds. Default 1. */
  readonly latency?: number;
  readonly observer?: NetworkObserver;
  /** Entries of the log that are kept. Default 1024. */
  readonly logEntries?: number;
  readonly startsAt?: Instant;
}

const OPTIONS = { seed: true, choices: true, latency: true, observer: true, logEntries: true, startsAt: true } as const;
const ATTACHMENT = { addresses: true, outwards: true, inwards: true, nat: true, clock: true } as const;

/** All of them; the seed as its choices. @throws TypeError or RangeError that names the one which is bad. */
export function checkedOptions(options: NetworkOptions): Required<Omit<NetworkOptions, 'seed'>> {
  requireObject('options', options);
  requireMembers('options', options, OPTIONS);
  const { seed = 1, choices, latency = 1, observer = {}, logEntries = 1024, startsAt = instant(0) } = options;
  within('options.seed', seed, Number.MIN_SAFE_INTEGER);
  if (choices !== undefined) requireMethods('options.choices', choices, 'next');
  requireNumber('options.latency', latency, 0);
  requireObject('options.observer', observer);
  within('options.logEntries', logEntries, 1);
  requireNumber('options.startsAt', startsAt);
  return { choices: choices ?? seededChoices(seed), latency, observer, logEntries, startsAt };
}

/** All of them, addresses as packets have them. @throws TypeError or RangeError that names the one which is bad. */
export function checkedAttachment(
  options: AttachmentOptions,
): Required<Omit<AttachmentOptions, 'nat'>> & { readonly nat: Nat | undefined } {
  requireObject('options', options);
  requireMembers('options', options, ATTACHMENT);
  const { addresses, outwards = [], inwards = [], nat, clock = {} } = options;
  requireArray('options.addresses', addresses);
  if (addresses.length === 0) throw new RangeError('options.addresses must not be empty');
  requireImpairments('options.outwards', outwards);
  requireImpairments('options.inwards', inwards);
  if (nat !== undefined && !(nat instanceof Nat)) throw new TypeError('options.nat must be a Nat');
  const texts = addresses.map((address, i) => addressText(`options.addresses[${i}]`, address));
  return { addresses: texts, outwards, inwards, nat, clock };
}
