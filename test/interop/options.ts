import { parseArgs } from 'node:util';

export interface Options {
  readonly smoke: boolean;
  readonly list: boolean;
  readonly throughput: boolean;
  readonly conformance: boolean;
  readonly help: boolean;
  readonly keep: boolean;
  readonly json: string | undefined;
  /** The folder of transcripts. */
  readonly record: string | undefined;
  /** A folder of transcripts that are to be done again, and written as they go today. */
  readonly renew: string | undefined;
  /** Whole names of cases, or parts of them. */
  readonly names: readonly string[];
}

export const USAGE = `usage: npm run interop [-- OPTIONS] [-- CASE ...]
  CASE          a case's name, or a part of it: every case with it in its name runs
  --list        the names of all cases
  --smoke       a few minutes' choice: strongSwan as initiator and as responder, with traffic
  --throughput  TCP through ours, by sockets of each kind, and through strongSwan's ESP in user land, and the ratios
  --conformance a misbehaving peer against ours, strongSwan, libreswan and vpnc: writes docs/measured/conformance-of-peers.md
  --keep        keep traces and logs of cases that passed, too
  --json FILE   the results as JSON
  --record DIR  what our IKE said and was told in each case that passed, with all keys, as DIR/PEER/ROLE/CASE.jsonl.gz
  --renew DIR   does what was recorded in DIR again, without peers, and writes it as it goes today
  --help`;

/** @throws TypeError for an option that does not exist. */
export function readOptions(words: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      smoke: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      throughput: { type: 'boolean', default: false },
      conformance: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      json: { type: 'string' },
      record: { type: 'string' },
      renew: { type: 'string' },
    },
  });
  const { smoke, list, throughput, conformance, help, keep, json, record, renew } = values;
  return { smoke, list, throughput, conformance, help, keep, json, record, renew, names: positionals };
}
