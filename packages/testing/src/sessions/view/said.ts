import { phase1Iv, phase2Iv } from '@espalier/ike';
import { equalOctets, type IsakmpHeader, PAYLOAD } from '@espalier/wire';
import type { Side } from '../specification.ts';
import type { IkeSaKeys } from './key-book.ts';
import type { RawChain } from './raw-chain.ts';

/** What one end knows to have been said in one IKE SA: each thing as often as it was said otherwise, the latest last. */
export interface Said extends Record<Phase1Thing, Uint8Array[]> {
  readonly initiator: Side;
  /** Of the encrypted messages of phase 1 the last block of each: what comes next begins with one of them. */
  readonly lastBlocks: Uint8Array[];
  /** Of phase 1. */
  messages: number;
  readonly exchanges: Map<number, Exchange>;
  /** Those that something was proved with. */
  keys: IkeSaKeys | undefined;
}

type Phase1Thing = 'gxi' | 'gxr' | 'saiB' | 'idiiB' | 'idirB';

/** What one exchange of phase 2 has come to. */
export interface Exchange {
  readonly niB: Uint8Array[];
  readonly nrB: Uint8Array[];
  readonly lastBlocks: Uint8Array[];
  messages: number;
}

/** One way to take what was said: an end may hold to any until something proves which. */
export interface Reading extends Record<Phase1Thing | 'niB' | 'nrB', Uint8Array> {
  readonly keys: IkeSaKeys;
  readonly initiator: Side;
  /** Of the message. */
  readonly iv: Uint8Array;
  /** What phase 1 left off with. */
  readonly phase1Block: Uint8Array;
  /** Messages of its exchange that went before. */
  readonly before: number;
}

const NONE = new Uint8Array(0);
/** Of Quick Mode, which has most of those whose HASH depends on it. */
const BEFORE_MOST = 2;

export function newSaid(initiator: Side): Said {
  return {
    ...{ initiator, gxi: [], gxr: [], saiB: [], idiiB: [], idirB: [], lastBlocks: [] },
    ...{ messages: 0, exchanges: new Map<number, Exchange>(), keys: undefined },
  };
}

/** What follows from a first message, which others may follow from too. */
export function saidAfter({ initiator, gxi, gxr, saiB, idiiB, idirB, messages }: Said): Said {
  return {
    ...newSaid(initiator),
    ...{ gxi: [...gxi], gxr: [...gxr], saiB: [...saiB], idiiB: [...idiiB], idirB: [...idirB], messages },
  };
}

export function exchangeIn({ exchanges }: Said, messageId: number): Exchange {
  const known = exchanges.get(messageId);
  if (known !== undefined) return known;
  const exchange: Exchange = { niB: [], nrB: [], lastBlocks: [], messages: 0 };
  exchanges.set(messageId, exchange);
  return exchange;
}

/** @param lastBlock Of a message that is encrypted. */
export function learnPhase1(said: Said, by: Side, chain: RawChain, lastBlock: Uint8Array | undefined): void {
  const isInitiator = by === said.initiator;
  say(isInitiator ? said.gxi : said.gxr, bodyOf(chain, PAYLOAD.ke));
  say(isInitiator ? said.idiiB : said.idirB, bodyOf(chain, PAYLOAD.id));
  if (isInitiator) say(said.saiB, bodyOf(chain, PAYLOAD.sa));
  say(said.lastBlocks, lastBlock);
  said.messages++;
}

export function learnPhase2(exchange: Exchange, chain: RawChain, lastBlock: Uint8Array): void {
  const nonce = bodyOf(chain, PAYLOAD.nonce);
  if (exchange.messages === 0) say(exchange.niB, nonce);
  else if (exchange.messages === 1) say(exchange.nrB, nonce);
  say(exchange.lastBlocks, lastBlock);
  exchange.messages++;
}

/** Something is proved as a reading has it: from then on that is what counts. */
export function prefer(said: Said, messageId: number, reading: Reading): void {
  said.keys = reading.keys;
  for (const thing of ['gxi', 'gxr', 'saiB', 'idiiB', 'idirB'] as const) again(said[thing], reading[thing]);
  again(said.lastBlocks, reading.phase1Block);
  const exchange = said.exchanges.get(messageId);
  if (exchange === undefined) return;
  for (const thing of ['niB', 'nrB'] as const) again(exchange[thing], reading[thing]);
}

/** By what was said last. */
export function latestReading(said: Said, keys: IkeSaKeys, { messageId }: IsakmpHeader, blockOctets: number): Reading {
  const { initiator, gxi, gxr, saiB, idiiB, idirB, lastBlocks, exchanges } = said;
  const phase1 = {
    ...{ initiator, keys, gxi: latest(gxi), gxr: latest(gxr), saiB: latest(saiB) },
    ...{ idiiB: latest(idiiB), idirB: latest(idirB) },
  };
  const { hash } = keys.proposal;
  const phase1Block = lastBlocks.at(-1) ?? phase1Iv(hash, phase1.gxi, phase1.gxr, blockOctets);
  if (messageId === 0) {
    return { ...phase1, ...{ phase1Block, iv: phase1Block, niB: NONE, nrB: NONE, before: said.messages } };
  }
  const exchange = exchanges.get(messageId);
  const iv = exchange?.lastBlocks.at(-1) ?? phase2Iv(hash, phase1Block, messageId, blockOctets);
  const { niB = [], nrB = [], messages = 0 } = exchange ?? {};
  return { ...phase1, ...{ phase1Block, iv, niB: latest(niB), nrB: latest(nrB), before: messages } };
}

/** By anything that was said, the latest first; those that open a message in the same way one after the other. */
export function* readingsOf(
  said: Said,
  keys: IkeSaKeys,
  header: IsakmpHeader,
  blockOctets: number,
): Generator<Reading> {
  const latest = latestReading(said, keys, header, blockOctets);
  for (const [gxi, gxr] of pairs(said.gxi, said.gxr)) {
    const first = phase1Iv(keys.proposal.hash, gxi, gxr, blockOctets);
    for (const phase1Block of [...said.lastBlocks.toReversed(), first]) {
      const reading = { ...latest, gxi, gxr, phase1Block, iv: phase1Block };
      if (header.messageId === 0) yield* readingsOfPhase1(said, reading);
      else yield* readingsOfPhase2(said.exchanges.get(header.messageId), header, reading);
    }
  }
}

function* readingsOfPhase1({ saiB: offers, idiiB: ids, idirB: answers }: Said, reading: Reading): Generator<Reading> {
  for (const [idiiB, idirB] of pairs(ids, answers)) {
    for (const saiB of all(offers)) yield { ...reading, saiB, idiiB, idirB };
  }
}

function* readingsOfPhase2(
  exchange: Exchange | undefined,
  { messageId }: IsakmpHeader,
  reading: Reading,
): Generator<Reading> {
  const { lastBlocks = [], niB: ours = [], nrB: theirs = [] } = exchange ?? {};
  const { keys, phase1Block } = reading;
  const begins = phase2Iv(keys.proposal.hash, phase1Block, messageId, phase1Block.length);
  for (const iv of [...lastBlocks.toReversed(), begins]) {
    for (const [niB, nrB] of pairs(ours, theirs)) {
      for (let before = 0; before <= BEFORE_MOST; before++) yield { ...reading, iv, niB, nrB, before };
    }
  }
}

/** What was said before is said last. */
function say(values: Uint8Array[], value: Uint8Array | undefined): void {
  if (value === undefined) return;
  const at = values.findIndex((one) => equalOctets(one, value));
  if (at >= 0) values.splice(at, 1);
  values.push(value);
}

function again(values: Uint8Array[], value: Uint8Array): void {
  if (values.some((one) => equalOctets(one, value))) say(values, value);
}

function* pairs(
  ones: readonly Uint8Array[],
  others: readonly Uint8Array[],
): Generator<readonly [one: Uint8Array, other: Uint8Array]> {
  for (const one of all(ones)) for (const other of all(others)) yield [one, other];
}

function all(values: readonly Uint8Array[]): readonly Uint8Array[] {
  return values.length === 0 ? [NONE] : values.toReversed();
}

function latest(values: readonly Uint8Array[]): Uint8Array {
  return values.at(-1) ?? NONE;
}

function bodyOf({ payloads }: RawChain, type: number): Uint8Array | undefined {
  return payloads.find((payload) => payload.type === type)?.body;
}
