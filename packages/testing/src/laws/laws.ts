import fc from 'fast-check';
import { mutated, octets } from '../arbitraries/octets.ts';
import { equalValues } from './equal.ts';
import { superlinear } from './growth.ts';
import { octetsHeld } from './held.ts';
import type { Decoded, Subject } from './subject.ts';

/** What holds for every decoder, in the order in which it is looked at. */
export const DECODER_LAWS = [
  /** Good octets are taken. */
  'takes what is valid',
  /** Whatever the octets, they are decoded, or refused in the way that was said; nothing else comes of it. */
  'refuses all else with its own errors',
  /** Octets that break one rule of the format are refused. */
  'refuses what is almost valid',
  /** `decode(encode(value))` is the value. */
  'decodes what it encodes',
  /** `encode(decode(octets))` are the octets. */
  'encodes what it decodes',
  /** Good octets with the end cut off are refused, wherever they are cut. */
  'refuses every proper prefix',
  /** Twice the same is twice the same; and what lies around a view in its buffer is not read. */
  'reads its octets and nothing else',
  /** The input is as it was. */
  'leaves its input alone',
  /** A result does not change when its input is overwritten. */
  'keeps no view of its input',
  /** No result holds more than its input can account for: a length field allocates nothing. */
  'holds no more than its input accounts for',
  /** Ten times the input takes ten times as long, or less; and as much memory. */
  'takes time and memory as its input grows',
] as const;

/** One of `DECODER_LAWS`. */
export type DecoderLaw = (typeof DECODER_LAWS)[number];

/** What was found: `inputs` were looked at, and in the last one, if any, the law does not hold. */
export interface Finding {
  readonly inputs: number;
  readonly broken?: Violation;
}

/** The smallest input that was found to break a law. */
export interface Violation {
  /** In words: an error of the decoder, or of the law. */
  readonly what: string;
  /** Absent where no one input does it. */
  readonly octets?: Uint8Array;
}

const FREE_OCTETS = 1024;
const LONGEST_NOISE = 80;
/** Each input makes as many as it has octets: a fourth of the runs looks at more than the others do. */
const PREFIXED_RUNS = 1 / 4;
/** There are many rules, and each is to be broken several times. */
const ALMOST_VALID_RUNS = 10;

type Check = <Value>(subject: Subject<Value>) => Finding;

/** Each law, for a decoder of which it is asked. */
export const CHECKS: Readonly<Record<DecoderLaw, Check>> = {
  'takes what is valid': (subject) => forAll(subject, subject.valid, (input) => void subject.decodeValid(input)),

  'refuses all else with its own errors': (subject) =>
    forAll(subject, anyOctets(subject), (input) => subject.decodeOrRefuse(input)),

  'refuses what is almost valid': (subject) => {
    const { almostValid, runs = 100, seed } = subject.options;
    if (almostValid === undefined) return { inputs: 0 };
    const samples = fc.sample(almostValid, {
      numRuns: ALMOST_VALID_RUNS * runs,
      ...(seed === undefined ? {} : { seed }),
    });
    const taken = samples.filter(({ octets }) => !subject.decode(octets).refused);
    const [first] = taken;
    if (first === undefined) return { inputs: samples.length };
    const rules = new Set(taken.map(({ rule: { name, clause } }) => `${name} (${clause})`));
    return {
      inputs: samples.length,
      broken: { what: ['these are taken:', ...[...rules].sort()].join('\n'), octets: first.octets },
    };
  },

  'decodes what it encodes': (subject) => {
    const { options } = subject;
    if (!('values' in options)) return { inputs: 0 };
    const { values, encode } = options;
    return forAll(subject, values, (value) => {
      const decoded = subject.decodeValid(encode(value));
      if (!equalValues(decoded, value))
        throw new Error(`${fc.stringify(value)} comes back as ${fc.stringify(decoded)}`);
    });
  },

  'encodes what it decodes': (subject) =>
    forAll(subject, anyOctets(subject), (input) => {
      const decoded = subject.decode(input);
      if (decoded.refused || subject.encode === undefined) return;
      const again = subject.encode(decoded.value);
      if (!equalValues(plain(again), input)) throw new Error(`they are encoded as ${hex(again)}`);
    }),

  'refuses every proper prefix': (subject) => {
    const check = (input: Uint8Array) => {
      for (let length = 0; length < input.length; length++) {
        if (!subject.decode(input.slice(0, length)).refused) throw new Error(`the first ${length} of them are taken`);
      }
    };
    return forAll(subject, subject.valid, check, PREFIXED_RUNS);
  },

  'reads its octets and nothing else': (subject) =>
    forAll(subject, anyOctets(subject), (input) => {
      const alone = subject.decode(new Uint8Array(input));
      for (const around of [0x00, 0xff]) {
        if (equalDecoded(subject.decode(within(input, around)), alone)) continue;
        throw new Error(`they are decoded in another way with ${hex(Uint8Array.of(around))} around them`);
      }
    }),

  'leaves its input alone': (subject) =>
    forAll(subject, anyOctets(subject), (input) => {
      const copy = new Uint8Array(input);
      subject.decode(copy);
      if (!equalValues(copy, input)) throw new Error(`they are ${hex(copy)} afterwards`);
    }),

  'keeps no view of its input': (subject) =>
    forAll(subject, subject.valid, (input) => {
      const copy = new Uint8Array(input);
      const value = subject.decodeValid(copy);
      for (const [i, octet] of copy.entries()) copy[i] = ~octet;
      if (!equalValues(value, subject.decodeValid(new Uint8Array(input)))) {
        throw new Error('what was decoded changes when they are overwritten');
      }
    }),

  'holds no more than its input accounts for': (subject) =>
    forAll(subject, anyOctets(subject), (input) => {
      const decoded = subject.decode(input);
      if (decoded.refused) return;
      const held = octetsHeld(decoded.value, input.buffer);
      const most = FREE_OCTETS + (subject.options.mostOctetsPerOctet ?? 256) * input.length;
      if (held > most) throw new Error(`${input.length} octets make ${held}, more than ${most}`);
    }),

  'takes time and memory as its input grows': (subject) => {
    const { growth } = subject.options;
    if (growth === undefined) return { inputs: 0 };
    const what = superlinear(growth, (input) => subject.decode(input));
    return what === undefined ? { inputs: 3 } : { inputs: 3, broken: { what } };
  },
};

/** The laws that a decoder is asked about. */
export function lawsOf<Value>({ options, encode }: Subject<Value>): readonly DecoderLaw[] {
  const { aliasing, prefixes, encoding, growth, almostValid } = options;
  const notAsked = new Set<DecoderLaw>([
    ...(almostValid === undefined ? (['refuses what is almost valid'] as const) : []),
    ...('values' in options ? [] : (['decodes what it encodes'] as const)),
    ...(encode === undefined || encoding === 'free' ? (['encodes what it decodes'] as const) : []),
    ...(prefixes === 'may-be-whole' ? (['refuses every proper prefix'] as const) : []),
    ...(aliasing === 'views' ? (['keeps no view of its input'] as const) : []),
    ...(growth === undefined ? (['takes time and memory as its input grows'] as const) : []),
  ]);
  return DECODER_LAWS.filter((law) => !notAsked.has(law));
}

/** Good octets, good ones mutated, and noise. */
function anyOctets<Value>({ valid, options: { repair } }: Subject<Value>): fc.Arbitrary<Uint8Array> {
  const repaired = mutated(valid).map((input) => {
    repair?.(input);
    return input;
  });
  return fc.oneof(
    { weight: 1, arbitrary: valid },
    { weight: 6, arbitrary: repaired },
    { weight: 1, arbitrary: octets(0, LONGEST_NOISE) },
  );
}

function forAll<Value, Input>(
  { options: { runs = 100, seed } }: Subject<Value>,
  inputs: fc.Arbitrary<Input>,
  check: (input: Input) => void,
  share = 1,
): Finding {
  const property = fc.property(inputs, check);
  const details = fc.check(property, { numRuns: Math.ceil(runs * share), ...(seed === undefined ? {} : { seed }) });
  if (!details.failed) return { inputs: details.numRuns };
  const [input] = details.counterexample ?? [];
  const what = messageOf(details.errorInstance);
  return { inputs: details.numRuns, broken: input instanceof Uint8Array ? { what, octets: input } : { what } };
}

/** The words of a refusal may tell of its place; what counts is that there is one. */
function equalDecoded<Value>(a: Decoded<Value>, b: Decoded<Value>): boolean {
  return a.refused || b.refused ? a.refused === b.refused : equalValues(a.value, b.value);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}` : String(error);
}

/** The same octets as a view into the middle of others. */
function within(input: Uint8Array, around: number): Uint8Array {
  const arena = new Uint8Array(input.length + 64).fill(around);
  arena.set(input, 32);
  return arena.subarray(32, 32 + input.length);
}

/** Without the class of what may be a Buffer. */
function plain(octets: Uint8Array): Uint8Array {
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** At most 64 octets are shown. */
export function hex(octets: Uint8Array): string {
  const shown = [...octets.subarray(0, 64)].map((octet) => octet.toString(16).padStart(2, '0')).join('');
  return octets.length > 64 ? `${shown}… (${octets.length} octets)` : shown;
}
