import type fc from 'fast-check';

/** A class of errors, for `instanceof`. */
export type ErrorClass = abstract new (...args: never[]) => unknown;

/**
 * How a decoder says no. One that throws names the classes of its errors: those of the language themselves (`Error`,
 * `RangeError`, …) stand for exactly that class, since the TypeError of a slip is an `Error` too. One that returns a refusal
 * says which of its results are none.
 */
export type Refusing<Value> =
  | {
      readonly errors: readonly [ErrorClass, ...ErrorClass[]];
      readonly isRefusal?: (result: Value) => boolean;
    }
  | { readonly errors: readonly []; readonly isRefusal: (result: Value) => boolean };

/** Where good octets come from: values that are encoded, or octets as they are. */
export type Source<Value> =
  | { readonly values: fc.Arbitrary<Value>; readonly encode: (value: Value) => Uint8Array }
  | { readonly valid: fc.Arbitrary<Uint8Array>; readonly encode?: (value: Value) => Uint8Array };

/** What tells the time, in milliseconds: `performance` does. */
export interface Clock {
  now(): number;
}

/** Inputs that grow, to see that time and memory grow no faster. */
export interface Growth {
  /** Octets with `count` of something that may be repeated. Asked for 10, 100 and 1,000; a refusal is an answer too. */
  readonly octets: (count: number) => Uint8Array;
  readonly clock: Clock;
  /** Octets of the heap in use, for a decoder that may waste what its result does not hold. */
  readonly memory?: () => number;
}

/** Octets that are good but for one rule, which is told. `almostValid` of `@espalier/testing/arbitraries` makes such. */
export interface AlmostGood {
  readonly octets: Uint8Array;
  readonly rule: { readonly name: string; readonly clause: string };
}

/** What `checkDecoder` is asked of. */
export type DecoderOptions<Value> = Refusing<Value> &
  Source<Value> & {
    /** Stands in front of what is found. */
    readonly name: string;
    readonly decode: (octets: Uint8Array) => Value;
    /** Octets that the decoder must refuse though they are nearly good. */
    readonly almostValid?: fc.Arbitrary<AlmostGood>;
    /** Whether octets of a result are its own (the default), or views of the input, which the caller must not overwrite. */
    readonly aliasing?: 'copies' | 'views';
    /** Whether a proper prefix of good octets is never whole (the default), or may be, for a form without a length. */
    readonly prefixes?: 'refused' | 'may-be-whole';
    /** Whether `encode` gives back the very octets that were decoded (the default), or may write them another way. */
    readonly encoding?: 'canonical' | 'free';
    /** Mends what no mutation would get past, a checksum for example, in place. */
    readonly repair?: (octets: Uint8Array) => void;
    /** Octets that a result may hold for each octet of input, 1,024 more being free; default 256. */
    readonly mostOctetsPerOctet?: number;
    readonly growth?: Growth;
    /** Inputs for each law; default 100. */
    readonly runs?: number;
    /** Of fast-check: the same inputs again. */
    readonly seed?: number;
  };

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  name: ['string'],
  decode: ['function'],
  encode: ['function', 'undefined'],
  errors: ['object'],
  isRefusal: ['function', 'undefined'],
  values: ['object', 'undefined'],
  valid: ['object', 'undefined'],
  almostValid: ['object', 'undefined'],
  aliasing: ['string', 'undefined'],
  prefixes: ['string', 'undefined'],
  encoding: ['string', 'undefined'],
  repair: ['function', 'undefined'],
  mostOctetsPerOctet: ['number', 'undefined'],
  growth: ['object', 'undefined'],
  runs: ['number', 'undefined'],
  seed: ['number', 'undefined'],
};

const CHOICES: readonly (readonly ['aliasing' | 'prefixes' | 'encoding', readonly string[]])[] = [
  ['aliasing', ['copies', 'views']],
  ['prefixes', ['refused', 'may-be-whole']],
  ['encoding', ['canonical', 'free']],
];

/**
 * @throws TypeError for an option that is missing, unknown or of another type.
 * @throws RangeError for one whose value is none of those it may have.
 */
export function checkOptions<Value>(options: DecoderOptions<Value>): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object');
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) throw new TypeError(`options has no ${name}`);
    if (!OPTIONS[name]?.includes(typeof value)) throw new TypeError(`${name} must be a ${OPTIONS[name]?.[0]}`);
  }
  for (const name of ['name', 'decode', 'errors'] as const) {
    if (options[name] === undefined) throw new TypeError(`${name} must be a ${OPTIONS[name]?.[0]}`);
  }
  checkErrors(options);
  checkSource(options);
  for (const [name, values] of CHOICES) {
    const value = options[name];
    if (value !== undefined && !values.includes(value)) throw new RangeError(`${name} must be ${values.join(' or ')}`);
  }
  const { runs = 1, mostOctetsPerOctet = 1, seed = 0, growth } = options;
  if (!Number.isSafeInteger(runs) || runs < 1) throw new RangeError('runs must be a whole number from 1');
  if (!(mostOctetsPerOctet > 0)) throw new RangeError('mostOctetsPerOctet must be more than 0');
  if (!Number.isSafeInteger(seed)) throw new RangeError('seed must be a whole number');
  if (growth !== undefined) checkGrowth(growth);
}

function checkErrors<Value>({ errors, isRefusal }: DecoderOptions<Value>): void {
  if (!Array.isArray(errors) || errors.some((one) => typeof one !== 'function')) {
    throw new TypeError('errors must be a list of classes');
  }
  if (errors.length === 0 && isRefusal === undefined) {
    throw new RangeError('errors must name a class, unless isRefusal says which results are refusals');
  }
}

function checkSource<Value>(options: DecoderOptions<Value>): void {
  const source = 'values' in options ? options.values : options.valid;
  if (typeof source?.generate !== 'function') throw new TypeError('values or valid must be an arbitrary of fast-check');
  if (options.almostValid !== undefined && typeof options.almostValid.generate !== 'function') {
    throw new TypeError('almostValid must be an arbitrary of fast-check');
  }
  if ('values' in options && typeof options.encode !== 'function') throw new TypeError('encode must be a function');
  if ('values' in options && 'valid' in options) throw new RangeError('values and valid must not both be there');
}

function checkGrowth({ octets, clock, memory }: Growth): void {
  if (typeof octets !== 'function') throw new TypeError('growth.octets must be a function');
  if (typeof clock?.now !== 'function') throw new TypeError('growth.clock must tell the time with now()');
  if (memory !== undefined && typeof memory !== 'function') throw new TypeError('growth.memory must be a function');
}
