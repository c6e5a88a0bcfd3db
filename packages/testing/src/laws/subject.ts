import type fc from 'fast-check';
import type { DecoderOptions, ErrorClass } from './options.ts';

/** What became of some octets. */
export type Decoded<Value> =
  | { readonly refused: false; readonly value: Value }
  | { readonly refused: true; readonly error?: unknown };

/** The classes of the language itself: an error of one is refused as it should be only if that very class is named. */
const OWN_CLASSES: readonly unknown[] = [
  Error,
  AggregateError,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
];

/** A decoder, with what it may do, as the laws look at it. */
export class Subject<Value> {
  readonly options: DecoderOptions<Value>;
  /** Good octets. */
  readonly valid: fc.Arbitrary<Uint8Array>;
  readonly encode: ((value: Value) => Uint8Array) | undefined;

  constructor(options: DecoderOptions<Value>) {
    this.options = options;
    this.encode = options.encode;
    this.valid = 'values' in options ? options.values.map((value) => options.encode(value)) : options.valid;
  }

  /** Whatever is thrown is taken for a refusal here: one law asks for more, and the others then tell of nothing else. */
  decode(octets: Uint8Array): Decoded<Value> {
    try {
      const value = this.options.decode(octets);
      return this.options.isRefusal?.(value) === true ? { refused: true } : { refused: false, value };
    } catch (error) {
      return { refused: true, error };
    }
  }

  /** @throws what `decode` throws, unless that is how it refuses. */
  decodeOrRefuse(octets: Uint8Array): void {
    const decoded = this.decode(octets);
    if (!('error' in decoded)) return;
    if (!this.options.errors.some((expected) => isOf(expected, decoded.error))) throw decoded.error;
  }

  /** @throws Error when good octets are refused. */
  decodeValid(octets: Uint8Array): Value {
    const decoded = this.decode(octets);
    if (!decoded.refused) return decoded.value;
    throw 'error' in decoded ? decoded.error : new Error('good octets are refused');
  }
}

function isOf(expected: ErrorClass, error: unknown): boolean {
  if (!OWN_CLASSES.includes(expected)) return error instanceof expected;
  return error instanceof Error && Object.getPrototypeOf(error) === expected.prototype;
}
