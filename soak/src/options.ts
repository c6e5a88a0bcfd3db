import { parseArgs } from 'node:util';

export interface Options {
  readonly help: boolean;
  /** Of the first world; each next one has the next number. */
  readonly seed: number;
  readonly minutes: number;
  /** At most so many worlds, whatever the time. */
  readonly worlds: number;
  /** Parts of one world that are left out: `s3` storm 3, `d0` disaster 0, `t2` tunnel 2. */
  readonly without: readonly string[];
  /** Of one world: when it ends, in milliseconds. */
  readonly until: number | undefined;
  /** For how many seconds to look for a smaller world in which a law does not hold either. */
  readonly shrink: number;
  /** Write docs/measured/soak.md. */
  readonly writeDocs: boolean;
  /** Where to write what the worlds came to, so that it can be added to other runs. */
  readonly out: string | undefined;
  /** With `writeDocs`: what earlier runs came to, in the place of worlds. */
  readonly pieces: readonly string[];
  /** Cut the power at every step of a session, in place of worlds; with `writeDocs` write docs/measured/power-cuts.md. */
  readonly powerCuts: boolean;
  /** In the place of worlds: so many datagrams of each kind of flood, and docs/measured/floods.md. */
  readonly floods: number | undefined;
  /** In the place of worlds: one IKE endpoint under siege, with at most so many datagrams of each kind. */
  readonly sieges: boolean;
  readonly datagrams: number;
  /** Print what happens in each world. */
  readonly verbose: boolean;
}

export const USAGE: string = `npm run soak [-- options [FILE …]]

  --seed N         the first world (default 1); each next one has the next number
  --minutes M      for how long (default 1)
  --worlds N       at most so many worlds
  --without PARTS  of one world leave out storms, disasters and tunnels: s3,d0,t2
  --until MS       of one world: when it ends, in milliseconds of its own clock
  --shrink S       look for so many seconds for a smaller world in which a law does not hold either (default 30)
  --write-docs     write docs/measured/soak.md from this run; or, with files of --out behind it, from those, and no world happens
  --out FILE       write what the worlds came to, every minute and in the end: a long run can be cut in pieces that way
  --power-cuts     in the place of worlds cut the power at every step of a session;
                   with --write-docs write docs/measured/power-cuts.md
  --floods N       in the place of worlds flood a gateway with N datagrams of each kind, and write docs/measured/floods.md
  --sieges         in the place of worlds lay siege to one IKE endpoint, by spoofers and by who has the key;
                   with --write-docs write docs/measured/sieges.md
  --datagrams N    of each siege at most so many
  --verbose        a line for each world, and the log of one
  --help
`;

/** @throws TypeError for an option that is not known; RangeError for a number that is none. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '1' },
      worlds: { type: 'string' },
      without: { type: 'string', default: '' },
      until: { type: 'string' },
      shrink: { type: 'string', default: '30' },
      'write-docs': { type: 'boolean', default: false },
      out: { type: 'string' },
      'power-cuts': { type: 'boolean', default: false },
      floods: { type: 'string' },
      sieges: { type: 'boolean', default: false },
      datagrams: { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const [stray] = positionals;
  if (stray !== undefined && !values['write-docs']) throw new TypeError(`${stray}: files come with --write-docs alone`);
  const most = (option: '--worlds' | '--datagrams', text: string | undefined): number =>
    text === undefined ? Number.POSITIVE_INFINITY : countOf(option, text);
  return {
    help: values.help,
    seed: wholeOf('--seed', values.seed),
    minutes: minutesOf(values.minutes),
    worlds: most('--worlds', values.worlds),
    without: values.without.split(',').filter((part) => part !== ''),
    until: values.until === undefined ? undefined : numberOf('--until', values.until),
    shrink: numberOf('--shrink', values.shrink),
    writeDocs: values['write-docs'],
    out: values.out,
    pieces: positionals,
    powerCuts: values['power-cuts'],
    floods: values.floods === undefined ? undefined : countOf('--floods', values.floods),
    sieges: values.sieges,
    datagrams: most('--datagrams', values.datagrams),
    verbose: values.verbose,
  };
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new RangeError(`${option}: ${text} is no number`);
  return value;
}

function wholeOf(option: string, text: string): number {
  const value = numberOf(option, text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${option}: ${text} is no whole number`);
  return value;
}

/** Of what there must be one at least: a run of none has found nothing, which says nothing. */
function countOf(option: string, text: string): number {
  const value = wholeOf(option, text);
  if (value === 0) throw new RangeError(`${option}: there must be one at least`);
  return value;
}

function minutesOf(text: string): number {
  const value = numberOf('--minutes', text);
  if (value === 0) throw new RangeError('--minutes: must be more than 0');
  return value;
}
