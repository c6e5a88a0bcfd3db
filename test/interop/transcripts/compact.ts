import type { Engine } from '@espalier/crypto';
import { toHex } from '@espalier/wire';
import { linesOf, record, type Step, stepsOf, unlessOtherwise } from './transcript.ts';

/** How often at most the same is told: as seldom as leaves all that is sent and said as it is. */
const PAUSES_MS = [1000, 200, 50, 0];

/**
 * A recording without what repeats: of the packets of an SA, each of which says that the peer lives, few are told, and few of
 * the datagrams that were refused for the same reason and had no answer.
 * @throws Error where it does not replay.
 */
export function compact(text: string, engine: Engine): string {
  const came = outputsOf(text);
  for (const pause of PAUSES_MS) {
    const thinned = unlessOtherwise(() => record(thin(stepsOf(text), pause), engine));
    if (thinned !== undefined && outputsOf(thinned) === came) return thinned;
  }
  throw new Error('what was recorded does not replay');
}

function thin(steps: readonly Step[], pause: number): readonly Step[] {
  const packets = new Seldom(pause);
  const refusals = new Seldom(pause);
  return steps.filter((step) => {
    const {
      input,
      fields: { inbound, now },
    } = step;
    const reason = reasonOf(step);
    if (input === 'noteTraffic') return packets.tells(inbound, now);
    if (reason !== undefined) return refusals.tells(reason, now);
    // After anything else the next packet may mean more.
    packets.clear();
    return true;
  });
}

/** Why a datagram was refused that nothing else came of. */
function reasonOf({ lines }: Step): string | undefined {
  if (lines.some(({ event, transmit, question }) => event ?? transmit ?? question)) return undefined;
  return lines.find(({ returned }) => returned?.reason !== undefined)?.returned?.reason;
}

/** What was sent, and what was said by kind. */
function outputsOf(text: string): string {
  return linesOf(text)
    .flatMap(({ event, transmit }) => event?.kind ?? (transmit === undefined ? [] : toHex(transmit.octets)))
    .join(' ');
}

/** Tells the same once in a pause. */
class Seldom {
  readonly #pause: number;
  readonly #told = new Map<unknown, number>();

  constructor(pause: number) {
    this.#pause = pause;
  }

  tells(what: unknown, now: unknown): boolean {
    if (typeof now !== 'number') return true;
    if (now < (this.#told.get(what) ?? Number.NEGATIVE_INFINITY) + this.#pause) return false;
    this.#told.set(what, now);
    return true;
  }

  clear(): void {
    this.#told.clear();
  }
}
