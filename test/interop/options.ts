import { parseArgs } from 'node:util';

export interface Options {
  readonly smoke: boolean;
  readonly list: boolean;
  readonly throughput: boolean;
  readonly keep: boolean;
  readonly json: string | undefined;
  /** Whole names of cases, or parts of them. */
  readonly names: readonly string[];
}

export const USAGE = `usage: npm run interop [-- OPTIONS] [-- CASE ...]
  CASE          a case's name, or a part of it: every case with it in its name runs
  --list        the names of all cases
  --smoke       a few minutes' choice: strongSwan as initiator and as responder, with traffic
  --throughput  TCP through ours and through strongSwan's ESP in user land, and the ratio
  --keep        keep traces and logs of cases that passed, too
  --json FILE   the results as JSON`;

/** @throws TypeError for an option that does not exist. */
export function readOptions(words: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      smoke: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      throughput: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const { smoke, list, throughput, keep, json } = values;
  return { smoke, list, throughput, keep, json, names: positionals };
}
