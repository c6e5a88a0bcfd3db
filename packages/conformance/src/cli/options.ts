import { parseArgs } from 'node:util';
import { espSuite } from '@espalier/crypto';
import type { Endpoint } from '@espalier/ike';
import { MISBEHAVIOURS, type Misbehaviour, RESPONDER_MISBEHAVIOURS } from '@espalier/testing/peer';
import { type Duration, fromAscii, seconds } from '@espalier/wire';
import { readAddress, readChoice, readPort, readPrefix } from '../arguments.ts';
import { placeRefusal } from '../place.ts';
import { DEFAULT_SUITE, GROUPS, HASHES, IKE_PORT, MODES, type Road, type Target } from '../target.ts';

/** What the words ask for. */
export type Options =
  | { readonly asks: 'help' }
  | { readonly asks: 'list'; readonly misbehaviours: readonly Misbehaviour[] }
  | TrialsOptions;

export interface TrialsOptions {
  readonly asks: 'trials';
  readonly target: Target;
  readonly misbehaviours: readonly Misbehaviour[];
  readonly wait: Duration;
  readonly patience: Duration;
  /** What the target is called in tables. */
  readonly name: string;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
}

export const USAGE: string = `\
usage: espalier-conformance --target ADDRESS[:PORT] --local ADDRESS[:PORT] --psk KEY --near PREFIX --far PREFIX [OPTIONS] [NAME ...]

  NAME                of a misbehaviour: that alone; or a part of names: those alone
  --target            the daemon: an address of loopback, or any from within a network namespace (ip netns). Port: 500
  --local             our own address, as the daemon knows its peer. Port: 500, and 4500 with it; at another, or where the daemon
                      has another, there is no NAT traversal; 0 is any that is free, and needs no privileges
  --psk KEY           the key that both have
  --near, --far       prefixes behind us and behind the daemon
  --key-bits, --hash, --group   AES-CBC of phase 1. Default: 128, sha1, 14
  --suite             ESP of phase 2. Default: ${DEFAULT_SUITE}
  --mode              main or aggressive, where a misbehaviour does not say. Default: main
  --call COMMAND      has the daemon call us, by sh: responders that misbehave. It is ended when each session is over
  --road GROUP:USER:PASSWORD   the daemon is a user on the road, with XAuth and Mode Config; without --near and --far
  --wait SECONDS      for what must not come. Default: 2.5
  --patience SECONDS  for what has to come. Default: 12
  --name              what the daemon is called in tables. Default: its address
  --after NAME        begin behind the one of this name
  --json FILE, --markdown FILE   where the table goes, after each trial
  --list              names, clauses and what is expected; with --call COMMAND those of a responder
  --i-own-this        the daemon is mine, wherever it is
  --help              print this

exit status: 0 all as expected; 1 not all; 2 the words are wrong, or the daemon cannot be reached; 3 it serves nobody any more;
130 interrupted`;

const BITS = [128, 192, 256] as const;
const KEY_OCTETS = { 128: 16, 192: 24, 256: 32 } as const;

/** @throws TypeError or RangeError that names what is bad. */
export function readOptions(words: readonly string[]): Options {
  const { values, positionals: only } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      target: { type: 'string' },
      local: { type: 'string' },
      psk: { type: 'string' },
      near: { type: 'string' },
      far: { type: 'string' },
      'key-bits': { type: 'string', default: '128' },
      hash: { type: 'string', default: 'sha1' },
      group: { type: 'string', default: '14' },
      suite: { type: 'string', default: DEFAULT_SUITE },
      mode: { type: 'string', default: 'main' },
      call: { type: 'string' },
      road: { type: 'string' },
      wait: { type: 'string', default: '2.5' },
      patience: { type: 'string', default: '12' },
      name: { type: 'string' },
      after: { type: 'string' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      list: { type: 'boolean', default: false },
      'i-own-this': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { call, after, help, list } = values;
  if (help) return { asks: 'help' };
  const misbehaviours = chosen(call === undefined ? MISBEHAVIOURS : RESPONDER_MISBEHAVIOURS, only, after);
  if (list) return { asks: 'list', misbehaviours };
  const { mode, hash, json, markdown, 'i-own-this': iOwnThis } = values;
  const remote = readPlace('--target', given('--target', values.target));
  const refusal = placeRefusal(remote.address);
  if (refusal !== undefined && !iOwnThis) throw new RangeError(`--target: ${refusal}: --i-own-this, if it is yours`);
  const road = values.road === undefined ? undefined : readRoad(values.road);
  if (road !== undefined && (values.near ?? values.far) !== undefined)
    throw new TypeError('--near and --far are not of --road, who asks for everything');
  const target: Target = {
    ...{ remote, local: readPlace('--local', given('--local', values.local), 0), iOwnThis },
    preSharedKey: named('--psk', 'of ASCII', () => fromAscii(given('--psk', values.psk))),
    ...(road === undefined ? { near: readNet('--near', values.near), far: readNet('--far', values.far) } : { road }),
    phase1: {
      keyOctets: KEY_OCTETS[readChoice('--key-bits', Number(values['key-bits']), BITS)],
      hash: readChoice('--hash', hash, HASHES),
      group: readChoice('--group', Number(values.group), GROUPS),
    },
    suite: named('--suite', 'a suite of ESP', () => espSuite(values.suite)),
    mode: readChoice('--mode', mode, MODES),
    ...(call === undefined ? {} : { call }),
  };
  return {
    ...{ asks: 'trials', target, misbehaviours, name: values.name ?? remote.address, json, markdown },
    ...{ wait: readSeconds('--wait', values.wait), patience: readSeconds('--patience', values.patience) },
  };
}

function chosen(
  all: readonly Misbehaviour[],
  only: readonly string[],
  after: string | undefined,
): readonly Misbehaviour[] {
  for (const part of only) {
    if (!all.some(({ name }) => name.includes(part)))
      throw new RangeError(`no misbehaviour has ${part} in its name: see --list`);
  }
  // A whole name means that one alone.
  const isMeant = (name: string, part: string): boolean =>
    all.some((one) => one.name === part) ? name === part : name.includes(part);
  const some = all.filter(({ name }) => only.length === 0 || only.some((part) => isMeant(name, part)));
  if (after === undefined) return some;
  const at = some.findIndex(({ name }) => name === after);
  if (at < 0) throw new RangeError(`--after: there is none of the name ${after} among those that are to be tried`);
  return some.slice(at + 1);
}

function given(option: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new TypeError(`${option} must be given`);
  return value;
}

/** `192.0.2.1`, `192.0.2.1:500`, `2001:db8::1`, `[2001:db8::1]:500`. */
function readPlace(option: string, text: string, least: 0 | 1 = 1): Endpoint {
  const [, bracketed, plain, port = `${IKE_PORT}`] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  return {
    address: readAddress(option, bracketed ?? plain ?? text),
    port: readPort(option, Number(port), least),
  };
}

function readNet(option: string, prefix: string | undefined): string {
  return readPrefix(option, given(option, prefix));
}

function readRoad(words: string): Road {
  const [group = '', user = '', password = ''] = words.split(':');
  if ([group, user, password].includes('')) throw new TypeError('--road must be GROUP:USER:PASSWORD');
  return { group, user, password };
}

function readSeconds(option: string, text: string): Duration {
  const count = Number(text);
  if (!(count > 0 && count <= 3600)) throw new RangeError(`${option} must be a number of seconds: ${text}`);
  return seconds(count);
}

function named<T>(option: string, kind: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    // That it is not given at all says so itself.
    if (error instanceof TypeError) throw error;
    throw new RangeError(`${option} must be ${kind}`);
  }
}
