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
  /** What we are. */
  readonly role: 'initiator' | 'responder';
  /** Of a responder: what has the target call, for the shell. It is ended when the session is over. */
  readonly call: string;
  /** The target is a user on the road: of this group, by this name and password. */
  readonly road: Road | undefined;
  readonly ownsThis: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

/** Aggressive Mode, XAuth and Mode Config, as Cisco's clients have them. */
export interface Road {
  readonly group: string;
  readonly user: string;
  readonly password: string;
}

export const USAGE = `usage: node packages/conformance/dist/main.js --target ADDRESS --local ADDRESS [OPTIONS] [NAME ...]
  NAME            of a misbehaviour, or a part of it: those alone
  --target        the peer: an address of loopback, or any from within a network namespace
  --local         our own address; ports 500 and 4500 of it have to be free
  --psk KEY       Default: juniper
  --near, --far   prefixes behind us and behind the peer. Default: 10.1.12.0/24, 10.1.56.0/24
  --key-bits, --hash, --group   AES-CBC of phase 1. Default: 128, sha1, 14
  --mode          main or aggressive, where a misbehaviour does not say. Default: main
  --role          what we are: initiator or responder. Default: initiator
  --call COMMAND  of a responder: has the target call us, by sh; it is ended when the session is over
  --road GROUP:USER:PASSWORD   the target is a user on the road, with XAuth and Mode Config
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
      role: { type: 'string', default: 'initiator' },
      call: { type: 'string', default: '' },
      road: { type: 'string' },
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
    role,
    call,
    road,
    help,
  } = values;
  if (!list && !help && (target === '' || local === '')) throw new TypeError('--target and --local must be given');
  const bits = Number(values['key-bits']);
  if (bits !== 128 && bits !== 192 && bits !== 256) throw new RangeError('--key-bits must be 128, 192 or 256');
  if (mode !== 'main' && mode !== 'aggressive') throw new RangeError('--mode must be main or aggressive');
  if (role !== 'initiator' && role !== 'responder') throw new RangeError('--role must be initiator or responder');
  if (!list && !help && (role === 'responder') !== (call !== '')) {
    throw new TypeError('--call must be given of a responder, and of no other');
  }
  return {
    ...{ mode, help, role, call, road: road === undefined ? undefined : readRoad(road) },
    ...{ target, local, near, far, hash, suite, after, json, markdown, list, preSharedKey: psk, keyBits: bits },
    ...{ name: name ?? target, group: Number(group), only: positionals, ownsThis: values['i-own-this'] },
  };
}

function readRoad(words: string): Road {
  const [group = '', user = '', password = ''] = words.split(':');
  if ([group, user, password].includes('')) throw new TypeError('--road must be GROUP:USER:PASSWORD');
  return { group, user, password };
}
