import {
  type Engine,
  type EspJobs,
  type EspKeys,
  type EspTransform,
  JOB_LENGTH,
  JOB_OFFSET,
  JOB_STATUS,
  JOB_WORDS,
} from './engine.ts';
import { openMany, sealMany } from './many.ts';
import { type EspSuite, espSuite } from './suites/suites.ts';

/** Suites that run every kernel between them, and the sum of what packets sealed with them are, as OpenSSL has it. */
export const KNOWN_ANSWERS: Readonly<Record<string, number>> = {
  '3des-cbc/hmac-md5-96': 0x0a94ba5f,
  'aes-192-cbc/hmac-sha1-96': 0x12618703,
  'aes-256-ctr/hmac-sha2-256-128': 0xb52b61b5,
  'null/hmac-sha2-512-256': 0x10b4138b,
  'aes-256-gcm-16': 0x478bb302,
  'aes-128-gmac': 0x0f982c65,
  'aes-128-ccm-8': 0x30dac518,
  'null/aes-cmac-96': 0x416b4b60,
  'chacha20-poly1305': 0x08271a70,
};

/** SPI and sequence number (RFC 4303 §2). */
const HEADER_OCTETS = 8;

/** Octets of text: a whole group of packets alike for each kernel, and enough that differ for what is left of them. */
const TEXTS: readonly number[] = [32, 32, 32, 32, 32, 32, 32, 32, 64, 16, 48, 0, 16, 48, 32, 16, 64, 48, 32, 16];

/** Kinds of engines that were right: what computes is the same for all of a kind. */
const proven = new Set<string>();

/** The engine, proved unless one of its kind was before. @throws TypeError as `proveEngine`. */
export function provenEngine(kind: string, engine: Engine): Engine {
  if (!proven.has(kind)) proveEngine(engine);
  proven.add(kind);
  return engine;
}

/**
 * Seals and opens what is known, many packets at once, two alone, and those of two SAs together, so that every kernel has
 * run.
 * @throws TypeError naming the suite that an engine computes wrongly on this platform.
 */
export function proveEngine(engine: Engine): void {
  for (const [name, answer] of Object.entries(KNOWN_ANSWERS)) {
    const suite = espSuite(name);
    if (answerOf(engine, suite) !== answer || (engine.sealMany !== undefined && !takesManyAsOne(engine, suite))) {
      throw new TypeError(`the ${engine.name} engine computes ${name} wrongly on this platform`);
    }
  }
}

/** The sum of what an engine seals; undefined where it does not open it again. */
function answerOf(engine: Engine, suite: EspSuite): number | undefined {
  const options = { suite, keys: keysOf(suite), esn: false, rng: { fill: count } } as const;
  const seal = engine.createEspTransform({ ...options, direction: 'seal' });
  const open = engine.createEspTransform({ ...options, direction: 'open' });
  const { memory, jobs } = packetsOf(suite);
  const before = memory.slice();
  seal.seal(memory, jobs, 'fresh');
  open.open(memory, jobs);
  const isOpened = isSame(before, memory, jobs, suite);
  memory.set(before);
  const two = { words: jobs.words.slice(-2 * JOB_WORDS), count: 2 };
  seal.seal(memory, jobs, 'given');
  seal.seal(memory, two, 'given');
  const sum = sumOf(memory);
  open.open(memory, two);
  const areOpened = two.words[JOB_STATUS] === 1 && two.words[JOB_WORDS + JOB_STATUS] === 1;
  seal.wipe();
  open.wipe();
  return isOpened && areOpened ? sum : undefined;
}

/** Whether an engine that takes packets of two SAs together gives what it gives for each, and opens it again. */
function takesManyAsOne(engine: Engine, suite: EspSuite): boolean {
  const { memory, jobs } = packetsOf(suite);
  const options = { suite, esn: false, rng: { fill: count } } as const;
  const keys = [keysOf(suite), keysOf(suite, 1)];
  const seal = keys.map((its) => engine.createEspTransform({ ...options, keys: its, direction: 'seal' }));
  const open = keys.map((its) => engine.createEspTransform({ ...options, keys: its, direction: 'open' }));
  const inTurns = (transforms: readonly EspTransform[]): EspTransform[] =>
    TEXTS.flatMap((_, i) => transforms.slice(i & 1, (i & 1) + 1));
  const together = memory.slice();
  sealMany(engine, together, jobs, inTurns(seal), 'given');
  const apart = memory.slice();
  for (let job = 0; job < jobs.count; job++) {
    const one = { words: jobs.words.slice(job * JOB_WORDS, (job + 1) * JOB_WORDS), count: 1 };
    seal[job & 1]?.seal(apart, one, 'given');
  }
  const isSealed = sumOf(together) === sumOf(apart);
  openMany(engine, together, jobs, inTurns(open));
  for (const transform of [...seal, ...open]) transform.wipe();
  return isSealed && isSame(memory, together, jobs, suite);
}

/** Whether all packets were opened to the texts that they had. */
function isSame(before: Uint8Array, after: Uint8Array, { words, count }: EspJobs, suite: EspSuite): boolean {
  for (let job = 0; job < count * JOB_WORDS; job += JOB_WORDS) {
    if (words[job + JOB_STATUS] !== 1) return false;
    const packet = words[job + JOB_OFFSET] ?? 0;
    const end = packet + (words[job + JOB_LENGTH] ?? 0) - suite.icvOctets;
    for (let at = packet + HEADER_OCTETS + suite.ivOctets; at < end; at++) if (after[at] !== before[at]) return false;
  }
  return true;
}

/** FNV-1a: a fault changes it, and it costs little before anything is compiled. */
export function sumOf(octets: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (const octet of octets) sum = Math.imul(sum ^ octet, 0x01000193);
  return sum >>> 0;
}

/** Octets that count up: no secret, no chance. */
function count(out: Uint8Array): void {
  for (let i = 0; i < out.length; i++) out[i] = i * 7 + 3;
}

function counted(octets: number, more = 0): Uint8Array {
  const out = new Uint8Array(octets);
  count(out);
  for (let i = 0; i < octets; i++) out[i] = (out[i] ?? 0) + more;
  return out;
}

/** The keys of an SA, or of another one. */
export function keysOf(suite: EspSuite, more = 0): EspKeys {
  return {
    encryption: counted(suite.encryptionKeyOctets, more),
    salt: counted(suite.saltOctets, more),
    integrity: counted(suite.integrityKeyOctets, more),
  };
}

export function packetsOf(suite: EspSuite): { memory: Uint8Array; jobs: EspJobs } {
  const words = new Int32Array(JOB_WORDS * TEXTS.length);
  let end = 0;
  TEXTS.forEach((text, i) => {
    // Of a stream the last block need not be whole.
    const octets = text + (suite.alignmentOctets === 4 ? 4 * (i & 3) : 0);
    words[JOB_WORDS * i + JOB_OFFSET] = end;
    words[JOB_WORDS * i + JOB_LENGTH] = HEADER_OCTETS + suite.ivOctets + octets + suite.icvOctets;
    end += HEADER_OCTETS + suite.ivOctets + octets + suite.icvOctets;
  });
  return { memory: counted(end), jobs: { words, count: TEXTS.length } };
}
