import { COOKIE_OCTETS, requireObject } from '@espalier/wire';
import { oneOf, within } from '../../arguments.ts';
import { FIELDS, type Mutation } from './mutation.ts';
import type { OctetChange } from './octet-change.ts';
import type { PayloadChange } from './payload-change.ts';

/** Says which member of a mutation is none. */
type Check = (argument: string, value: unknown) => void;

/** By the word that tells a change from others: its members. */
type Kinds<Word extends string> = Readonly<Record<Word, Readonly<Record<string, Check>>>>;

const whole: Check = (argument, value) => within(argument, value, 0);
const octet: Check = (argument, value) => within(argument, value, 0, 0xff);
const signed: Check = (argument, value) => within(argument, value, Number.MIN_SAFE_INTEGER);
const hash: Check = (argument, value) => oneOf(argument, value, ['right', 'stale']);
const octets: Check = (argument, value) => requireKind(argument, value, 'change', OCTET_CHANGES);
const payloads: Check = (argument, value) => requireKind(argument, value, 'change', PAYLOAD_CHANGES);
const absentOr =
  (check: Check): Check =>
  (argument, value) => {
    if (value !== undefined) check(argument, value);
  };
const hexadecimal: Check = (argument, value) => {
  if (!isHexadecimal(value)) throw new RangeError(`${argument} must be octets in hexadecimal`);
};
const cookie: Check = (argument, value) => {
  if (!isHexadecimal(value) || value.length !== 2 * COOKIE_OCTETS) {
    throw new RangeError(`${argument} must be ${COOKIE_OCTETS} octets in hexadecimal`);
  }
};

const OCTET_CHANGES: Kinds<OctetChange['change']> = {
  flip: { at: whole, mask: (argument, value) => within(argument, value, 1, 0xff) },
  set: { at: whole, value: octet },
  fill: { value: octet, last: absentOr(octet) },
  replace: { octets: hexadecimal },
  cut: { left: whole },
  insert: { at: whole, octets: hexadecimal },
  append: { octets: hexadecimal },
  remove: { at: whole, count: whole },
};

const PAYLOAD_CHANGES: Kinds<PayloadChange['change']> = {
  drop: { at: whole },
  repeat: { at: whole, times: whole },
  move: { at: whole, to: whole },
  type: { at: whole, type: octet },
  reserved: { at: whole, value: octet },
  length: { at: whole, by: signed },
  'next-payload': { at: whole, type: octet },
  body: { at: whole, octets },
  insert: { at: whole, type: octet, octets: hexadecimal, times: absentOr(whole) },
  within: { at: whole, inner: payloads },
};

const MUTATIONS: Kinds<Mutation['where']> = {
  datagram: { octets },
  header: { field: (argument, value) => oneOf(argument, value, Object.keys(FIELDS)), value: whole },
  cookie: { of: (argument, value) => oneOf(argument, value, ['initiator', 'responder']), octets: cookie },
  payloads: { payloads, hash },
  body: { octets, hash },
  padding: { blocks: whole },
};

/** @throws TypeError or RangeError that names what of it is none, whoever has written it. */
export function requireMutation(argument: string, mutation: Mutation): void {
  requireKind(argument, mutation, 'where', MUTATIONS);
}

function requireKind(argument: string, value: unknown, word: 'change' | 'where', kinds: Kinds<string>): void {
  requireObject(argument, value);
  const kind: unknown = Reflect.get(value, word);
  oneOf(`${argument}.${word}`, kind, Object.keys(kinds));
  for (const [member, check] of Object.entries(kinds[String(kind)] ?? {})) {
    check(`${argument}.${member}`, Reflect.get(value, member));
  }
}

function isHexadecimal(value: unknown): value is string {
  return typeof value === 'string' && /^([0-9a-f]{2})*$/i.test(value);
}
