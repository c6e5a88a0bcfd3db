import type { Spi } from '@espalier/wire';
import { requireObject } from '@espalier/wire';
import type { Mode } from '../modes/mode.ts';
import { within } from './arguments.ts';
import type { Carried } from './lifetime.ts';

/**
 * What is to be written down of an SA that outlives its program: plain values, which go through JSON. There are no keys in
 * it, nor anything that comes of them: who keeps an SA keeps its keys elsewhere.
 */
export interface SaSnapshot {
  readonly direction: 'outbound' | 'inbound';
  readonly spi: Spi;
  /** Name of the suite. */
  readonly suite: string;
  readonly mode: Mode;
  readonly esn: boolean;
  /** In decimal digits, the highest sequence number that the SA may have used by the time that this matters. */
  readonly sequence: string;
  /** Packets, and octets of inner packets, that it may have carried by then: at least as many as it has. */
  readonly packets: number;
  readonly octets: number;
}

/** What an SA must have in common with its snapshot. */
export type SnapshotSubject = Pick<SaSnapshot, 'direction' | 'spi' | 'suite' | 'mode' | 'esn'>;

const WORD = 32n;

/** The highest sequence number that there is (RFC 4303 §2.2). */
export function lastSequence(esn: boolean): bigint {
  return 2n ** (esn ? 2n * WORD : WORD) - 1n;
}

/** Octets that packets have at most. */
const MOST_OCTETS = 0xffff;

/** The snapshot that covers an SA up to the number `wanted`, if there is one, where it stands at the number `current`. */
export function snapshotOf(subject: SnapshotSubject, wanted: bigint, current: bigint, carried: Carried): SaSnapshot {
  const { direction, spi, suite, mode, esn } = subject;
  const sequence = BigInt.asUintN(esn ? 64 : 32, wanted) === wanted ? wanted : lastSequence(esn);
  const ahead = Number(sequence - current);
  const packets = atMostSafe(carried.packets + ahead);
  const octets = atMostSafe(carried.octets + ahead * MOST_OCTETS);
  return { direction, spi, suite, mode, esn, sequence: String(sequence), packets, octets };
}

/**
 * The sequence number of a snapshot.
 * @throws TypeError for what is no snapshot; RangeError that names the argument for one of another SA.
 */
export function readSnapshot(argument: string, snapshot: SaSnapshot, subject: SnapshotSubject): bigint {
  requireObject(argument, snapshot);
  for (const field of ['direction', 'spi', 'suite', 'mode', 'esn'] as const) {
    if (snapshot[field] !== subject[field]) throw new RangeError(`${argument}.${field} must be ${subject[field]}`);
  }
  within(`${argument}.packets`, snapshot.packets, 0, Number.MAX_SAFE_INTEGER);
  within(`${argument}.octets`, snapshot.octets, 0, Number.MAX_SAFE_INTEGER);
  const { sequence } = snapshot;
  if (typeof sequence !== 'string') throw new TypeError(`${argument}.sequence must be a string`);
  if (!/^\d{1,20}$/.test(sequence) || BigInt(sequence) > lastSequence(subject.esn)) {
    throw new RangeError(`${argument}.sequence must be a sequence number in decimal digits`);
  }
  return BigInt(sequence);
}

/** How many packets a snapshot is to be ahead. @throws RangeError unless it is a whole number to 2^32. */
export function readAhead(ahead: number): bigint {
  within('ahead', ahead, 0, 2 ** 32);
  return BigInt(ahead);
}

function atMostSafe(value: number): number {
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}
