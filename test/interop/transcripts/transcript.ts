import type { Engine } from '@espalier/crypto';
import { type IkeEndpointConfig, RecordedEndpoint } from '@espalier/ike';
import { fromHex, milliseconds } from '@espalier/wire';

/** One call of an endpoint's method, and the lines of the recording that came of it. */
export interface Step {
  readonly input: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly lines: readonly Line[];
}

/** A line of a recording: of these members it has one, or several. */
export interface Line {
  readonly random?: string | readonly string[];
  readonly keyPair?: number;
  readonly softLifetime?: number;
  readonly event?: { readonly kind: string };
  readonly transmit?: { readonly octets: Uint8Array };
  readonly question?: object;
  readonly returned?: { readonly reason?: string } | null;
  readonly drained?: Output;
}

const OUTPUTS = ['event', 'transmit', 'question'] as const;
type Output = (typeof OUTPUTS)[number];

/**
 * What an endpoint records today when it is given what `text` says that one was given: the calls of its caller, the
 * datagrams of its peer, chance. Where nothing has changed that is `text` itself.
 * @throws ChanceError where it draws otherwise than was drawn then: such a transcript has to be made anew, with the peer.
 */
export function again(text: string, engine: Engine): string {
  return record(stepsOf(text), engine);
}

/** What a session came to, without the octets of it, nor what is only said of the peer's manners: the kinds of its events. */
export function outcomesOf(text: string): readonly string[] {
  return linesOf(text).flatMap(({ event }) => (event === undefined || event.kind === 'tolerated' ? [] : event.kind));
}

export function record(steps: readonly Step[], engine: Engine): string {
  const written: string[] = [];
  const write = (line: string): void => void written.push(line);
  let chance: Chance = chanceOf([]);
  const rng = { fill: (out: Uint8Array): void => chance.fill(out) };
  let endpoint: RecordedEndpoint | undefined;
  for (const { input, fields, lines } of steps) {
    chance = chanceOf(lines);
    if (endpoint === undefined) {
      const { ownSoftLifetime, ...config } = fields;
      const softLifetime = () => milliseconds(chance.softLifetime());
      const own = ownSoftLifetime === true ? { softLifetime } : {};
      const whole: Partial<IkeEndpointConfig> = { ...config, ...own };
      endpoint = new RecordedEndpoint({ peers: [], ...whole, engine, rng }, { write, secrets: true });
    } else {
      call(endpoint, input, fields);
    }
    for (const line of lines) poll(endpoint, line);
  }
  return `${written.join('\n')}\n`;
}

/** What it throws is in the recording, as it was then. */
function call(endpoint: RecordedEndpoint, input: string, fields: Readonly<Record<string, unknown>>): void {
  const method: unknown = Reflect.get(endpoint, input);
  if (typeof method !== 'function') throw new Error(`an endpoint has no ${input}`);
  try {
    Reflect.apply(method, endpoint, Object.values(fields));
  } catch (error) {
    if (error instanceof ChanceError) throw error;
  }
}

/** Fetches what was fetched then; where there was no more of a kind, all that there is now. */
function poll(endpoint: RecordedEndpoint, line: Line): void {
  const kind = OUTPUTS.find((output) => line[output] !== undefined) ?? line.drained;
  if (kind === undefined) return;
  while (POLLS[kind](endpoint) !== undefined && line.drained !== undefined);
}

const POLLS: Readonly<Record<Output, (endpoint: RecordedEndpoint) => object | undefined>> = {
  event: (endpoint) => endpoint.pollEvent(),
  transmit: (endpoint) => endpoint.pollTransmit(),
  question: (endpoint) => endpoint.pollQuestion(),
};

/** That a session draws otherwise than it did. */
class ChanceError extends Error {}

/** What is recorded; undefined where that would have to draw otherwise. */
export function unlessOtherwise(recorded: () => string): string | undefined {
  try {
    return recorded();
  } catch (error) {
    if (error instanceof ChanceError) return undefined;
    throw error;
  }
}

interface Chance {
  fill(out: Uint8Array): void;
  softLifetime(): number;
}

/** Gives what was drawn in one step, in its order. */
function chanceOf(lines: readonly Line[]): Chance {
  const octets = lines.flatMap(({ random = [] }) => random);
  const lifetimes = lines.flatMap(({ softLifetime = [] }) => softLifetime);
  return {
    fill(out) {
      const drawn = octets.shift();
      if (drawn?.length !== out.length * 2) throw new ChanceError(`${out.length} octets are drawn that were not`);
      out.set(fromHex(drawn));
    },
    softLifetime() {
      const drawn = lifetimes.shift();
      if (drawn === undefined) throw new ChanceError('a soft lifetime is asked for that was not');
      return drawn;
    },
  };
}

export function stepsOf(text: string): readonly Step[] {
  const steps: { input: string; fields: Record<string, unknown>; lines: Line[] }[] = [];
  for (const value of linesOf(text)) {
    if ('input' in value) {
      const { input, ...fields } = value;
      steps.push({ input: String(input), fields, lines: [] });
    } else {
      steps.at(-1)?.lines.push(value);
    }
  }
  return steps;
}

export function linesOf(text: string): readonly Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line, asOctets));
}

/** Octets are `{"hex": "…"}` in a recording. */
function asOctets(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('hex' in value)) return value;
  return typeof value.hex === 'string' ? fromHex(value.hex) : value;
}
