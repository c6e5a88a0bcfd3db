import type { Engine } from '@espalier/crypto';
import { toHex } from '@espalier/wire';
import { ChanceError, linesOf, record, type Step, stepsOf } from './transcript.ts';

/** How often at most the same is told: as seldom as leaves all that is sent and said as it is. */
const PAUSES_MS = [1000, 200, 50];

/**
 * A recording without what repeats: of the packets of an SA, each of which says that the peer lives, few are told, and few of
 * the datagrams that were refused for the same reason and had no answer.
 */
export function compact(text: string, engine: Engine): string {
  const came = outputsOf(text);
  for (const pause of PAUSES_MS) {
    const thinned = thin(stepsOf(text), pause, engine);
    if (thinned !== undefined && outputsOf(thinned) === came) return thinned;
  }
  return text;
}

/** Undefined where chance would have to be otherwise. */
function thin(steps: readonly Step[], pause: number, engine: Engine): string | undefined {
  const told = new Map<string, number>();
  const kept = steps.filter((step) => {
    const same = repeatable(step);
    const { now } = step.fields;
    if (same === undefined || typeof now !== 'number') return true;
    if (now < (told.get(same) ?? Number.NEGATIVE_INFINITY) + pause) return false;
    told.set(same, now);
    return true;
  });
  try {
    return record(kept, engine);
  } catch (error) {
    if (error instanceof ChanceError) return undefined;
    throw error;
  }
}

/** What a step has in common with others that may stand for it; undefined where none may. */
function repeatable({ input, fields: { inbound }, lines }: Step): string | undefined {
  if (input === 'noteTraffic') return `${input} ${inbound}`;
  if (lines.some(({ event, transmit, question }) => event ?? transmit ?? question)) return undefined;
  return lines.find(({ returned }) => returned?.reason)?.returned?.reason;
}

/** What was sent, and what was said by kind. */
function outputsOf(text: string): string {
  return linesOf(text)
    .flatMap(({ event, transmit }) => event?.kind ?? (transmit === undefined ? [] : toHex(transmit.octets)))
    .join(' ');
}
