import type { Observation } from '@espalier/capture';
import type { PlacedPayload } from '../fields/payloads.ts';

const MOST_OCTETS = 64 << 20;
/** What an entry costs beside its octets, roughly. */
const ENTRY_OCTETS = 512;

/** What cannot be decoded again from its frame alone: messages of IKE, whose IVs follow from each other, and fragments. */
export interface KeptObservation {
  readonly octets: Uint8Array;
  readonly plain: Uint8Array | undefined;
  readonly payloads: readonly PlacedPayload[];
  readonly facts: readonly (readonly [string, string])[];
}

/** Kept octets, up to a limit: of what comes behind it only the headers are shown. */
export class Kept {
  readonly #byRow = new Map<number, KeptObservation>();
  #octets = 0;

  at(row: number): KeptObservation | undefined {
    return this.#byRow.get(row);
  }

  add(row: number, observation: Observation): void {
    const isNeeded = observation.kind === 'isakmp' || observation.at === undefined;
    if (row < 0 || !isNeeded || observation.kind === 'keepalive' || this.#octets > MOST_OCTETS) return;
    const isIsakmp = observation.kind === 'isakmp';
    const kept: KeptObservation = {
      octets: observation.octets.slice(),
      plain: isIsakmp ? observation.plain?.slice() : undefined,
      payloads: isIsakmp
        ? observation.payloads.map(({ type, summary, at, raw, kind }) => ({
            type,
            summary,
            at,
            kind,
            raw: { length: raw.length },
          }))
        : [],
      facts: isIsakmp ? observation.payloads.map(({ summary }) => split(summary)) : [],
    };
    this.#octets += kept.octets.length + (kept.plain?.length ?? 0) + ENTRY_OCTETS * (1 + kept.payloads.length);
    this.#byRow.set(row, kept);
  }
}

function split(summary: string): readonly [string, string] {
  const [name = '', ...rest] = summary.split(': ');
  return [name, rest.join(': ')];
}
