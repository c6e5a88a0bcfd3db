import { parseArgs } from 'node:util';

/** What the runner is told. */
export interface Options {
  /** What the peer is called in tables. */
  readonly name: string;
  /** The peer's address, and ours. */
  readonly target: string;
  readonly local: string;
  readonly preSharedKey: string;
  /** Prefixes behind us, and behind the peer. */
  readonly near: string;
  readonly far: string;
  readonly keyBits: 128 | 192 | 256;
  readonly hash: string;
  readonly group: number;
  readonly suite: string;
  /** Names, or parts of them; none: all. */
  readonly only: readonly string[];
  /** Begin behind the one of this name. */
  readonly after: string | undefined;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
  /** What a session is where a misbehaviour does not say. */
  readonly mode: 'main' | 'aggressive';
  readonly ownsThis: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

export const USAGE = `usage: node conformance/dist/main.js --target ADDRESS --local ADDRESS [OPTIONS] [NAME ...]
  NAME            of a misbehaviour, or a part of it: those alone
  --target        the peer: an address of loopback, or any from within a network namespace
  --local         our own address; ports 500 and 4500 of it have to be free
  --psk KEY       Default: juniper
  --near, --far   prefixes behind us and behind the peer. Default: 10.1.12.0/24, 10.1.56.0/24
  --key-bits, --hash, --group   AES-CBC of phase 1. Default: 128, sha1, 14
  --mode          main or aggressive, where a misbehaviour does not say. Default: main
  --suite         of the child. Default: aes-128-cbc/hmac-sha1-96
  --name          what the peer is called. Default: its address
  --after NAME    begin behind the one of this name
  --json FILE, --markdown FILE   where the table goes
  --list          names, clauses and what is expected
  --i-own-this    the target is mine, wherever it is
  --help
exit status: 0 all as expected, 1 not all, 2 the peer cannot be reached, or the words are wrong, 3 the peer serves nobody any more`;

/** @throws TypeError or RangeError for words that are wrong. */
export function readOptions(words: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      target: { type: 'string' },
      local: { type: 'string' },
      psk: { type: 'string', default: 'juniper' },
      near: { type: 'string', default: '10.1.12.0/24' },
      far: { type: 'string', default: '10.1.56.0/24' },
      'key-bits': { type: 'string', default: '128' },
      hash: { type: 'string', default: 'sha1' },
      group: { type: 'string', default: '14' },
      suite: { type: 'string', default: 'aes-128-cbc/hmac-sha1-96' },
      mode: { type: 'string', default: 'main' },
      name: { type: 'string' },
      after: { type: 'string' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      list: { type: 'boolean', default: false },
      'i-own-this': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const {
    target = '',
    local = '',
    psk,
    near,
    far,
    hash,
    group,
    suite,
    name,
    after,
    json,
    markdown,
    list,
    mode,
    help,
  } = values;
  if (!list && !help && (target === '' || local === '')) throw new TypeError('--target and --local must be given');
  const bits = Number(values['key-bits']);
  if (bits !== 128 && bits !== 192 && bits !== 256) throw new RangeError('--key-bits must be 128, 192 or 256');
  if (mode !== 'main' && mode !== 'aggressive') throw new RangeError('--mode must be main or aggressive');
  return {
    mode,
    help,
    ...{ target, local, near, far, hash, suite, after, json, markdown, list, preSharedKey: psk, keyBits: bits },
    ...{ name: name ?? target, group: Number(group), only: positionals, ownsThis: values['i-own-this'] },
  };
}
