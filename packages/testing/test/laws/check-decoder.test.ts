import { octets, u8 } from '@espalier/testing/arbitraries';
import {
  checkDecoder,
  DECODER_LAWS,
  type DecoderLaw,
  type DecoderOptions,
  decoderLaws,
  examineDecoder,
  formatReport,
  LawError,
} from '@espalier/testing/laws';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

class Malformed extends Error {}

/** A length, a sum of what follows it, and what follows it. */
interface Framed {
  readonly tag: number;
  readonly body: Uint8Array;
}

const values: fc.Arbitrary<Framed> = fc.record({ tag: u8, body: octets(0, 20) });

function encode({ tag, body }: Framed): Uint8Array {
  return Uint8Array.of(body.length, tag, ...body);
}

function decode(input: Uint8Array): Framed {
  const [length, tag] = input;
  if (length === undefined || tag === undefined || input.length !== length + 2) throw new Malformed('length');
  return { tag, body: input.slice(2) };
}

type Options = DecoderOptions<Framed>;
const GOOD = { name: 'framed', values, encode, decode, errors: [Malformed], seed: 1 } as const satisfies Options;

const tooLong = { name: 'length-below-body', clause: '§1' };
const tooShort = { name: 'length-beyond-body', clause: '§1' };
const almostValid = fc
  .tuple(values, fc.integer({ min: 1, max: 5 }), fc.boolean())
  .map(([value, by, isMore]) => ({ octets: encode(value), by, isMore }))
  .map(({ octets: [length = 0, ...rest], by, isMore }) => ({
    octets: Uint8Array.of(isMore ? length + by : (length + 256 - by) % 256, ...rest),
    rule: isMore ? tooShort : tooLong,
  }));

/** A clock that counts steps, so that how time grows is not measured but said. */
function stepClock(): { now(): number; pass(steps: number): void } {
  let at = 0;
  return { now: () => at, pass: (steps) => (at += steps) };
}

function brokenLaws(options: Options): readonly DecoderLaw[] {
  return examineDecoder(options).findings.flatMap(({ law, broken }) => (broken === undefined ? [] : law));
}

describe('a decoder as it should be', () => {
  it('passes every law that it is asked about', () => {
    const clock = stepClock();
    const report = checkDecoder<Framed>({
      ...GOOD,
      decode: (input) => {
        clock.pass(input.length);
        return decode(input);
      },
      almostValid,
      growth: { clock, octets: (count) => new Uint8Array(count), memory: () => 0 },
    });
    expect(report.findings.map(({ law }) => law)).toEqual(DECODER_LAWS);
    for (const { inputs } of report.findings) expect(inputs).toBeGreaterThan(2);
  });

  it('may say no by what it returns', () => {
    const options: DecoderOptions<Framed | undefined> = {
      name: 'framed',
      valid: values.map(encode),
      decode: (input) => (input.length === 2 + (input[0] ?? 0) ? decode(input) : undefined),
      errors: [],
      isRefusal: (result) => result === undefined,
    };
    checkDecoder(options);
  });

  it('is not asked about what it does not claim', () => {
    const { values: _, ...rest } = GOOD;
    const options: Options = {
      ...rest,
      valid: values.map(encode),
      aliasing: 'views',
      prefixes: 'may-be-whole',
      encoding: 'free',
    };
    expect(decoderLaws(options).map(({ law }) => law)).toEqual([
      'takes what is valid',
      'refuses all else with its own errors',
      'reads its octets and nothing else',
      'leaves its input alone',
      'holds no more than its input accounts for',
    ]);
  });
});

/** For each law a decoder that breaks it, and the laws that break with it. */
const SLIPS: Record<DecoderLaw, { readonly options: Partial<Options>; readonly also?: readonly DecoderLaw[] }> = {
  'takes what is valid': {
    options: {
      decode: (input) => {
        if (input.length > 20) throw new Malformed('too long');
        return decode(input);
      },
    },
    also: ['decodes what it encodes', 'keeps no view of its input'],
  },
  'refuses all else with its own errors': {
    options: {
      decode: (input) => {
        if (input.length === 0) throw new TypeError('no octets');
        return decode(input);
      },
    },
  },
  'refuses what is almost valid': {
    options: {
      almostValid,
      encoding: 'free',
      decode: (input) => {
        const [length = 0, tag = 0] = input;
        if (input.length < 2 || input.length < length + 2) throw new Malformed('length');
        return { tag, body: input.slice(2) };
      },
    },
  },
  'decodes what it encodes': {
    options: { decode: (input) => ({ ...decode(input), tag: (input[1] ?? 0) & 0x7f }) },
    also: ['encodes what it decodes'],
  },
  'encodes what it decodes': {
    options: {
      decode: (input) => {
        const length = input[0] ?? 0;
        if (input.length < length + 2) throw new Malformed('length');
        return { tag: input[1] ?? 0, body: input.slice(2, 2 + length) };
      },
    },
  },
  'refuses every proper prefix': {
    options: {
      encoding: 'free',
      decode: (input) => {
        if (input.length < 2) throw new Malformed('length');
        return { tag: input[1] ?? 0, body: input.slice(2) };
      },
    },
  },
  'reads its octets and nothing else': {
    options: {
      decode: (input) => {
        const { tag, body } = decode(input);
        const all = new Uint8Array(input.buffer);
        return { tag, body: all.length > input.length ? all.slice(34, 40) : body };
      },
    },
  },
  'leaves its input alone': {
    options: {
      decode: (input) => {
        const value = decode(input);
        input[1] = 0;
        return value;
      },
    },
    also: ['decodes what it encodes', 'encodes what it decodes', 'reads its octets and nothing else'],
  },
  'keeps no view of its input': {
    options: { decode: (input) => ({ ...decode(input), body: input.subarray(2) }) },
  },
  'holds no more than its input accounts for': {
    options: {
      encoding: 'free',
      decode: (input) => Object.assign(decode(input), { table: new Uint16Array((input[0] ?? 0) << 8) }),
    },
    also: ['decodes what it encodes'],
  },
  'takes time and memory as its input grows': {
    options: (() => {
      const clock = stepClock();
      return {
        decode: (input: Uint8Array) => {
          clock.pass(input.length ** 2);
          return decode(input);
        },
        growth: { clock, octets: (count: number) => new Uint8Array(count) },
      };
    })(),
  },
};

describe('a decoder with a slip', () => {
  it.each(DECODER_LAWS)('is found where it breaks "%s"', (law) => {
    const { options, also = [] } = SLIPS[law];
    const broken = brokenLaws(Object.assign({ ...GOOD }, options));
    expect(broken).toContain(law);
    for (const other of broken) expect([law, ...also]).toContain(other);
  });

  it('is found where it wastes memory that its result does not hold', () => {
    let heap = 0;
    const options: Options = {
      ...GOOD,
      decode: (input) => {
        heap += 100 * input.length ** 2;
        return decode(input);
      },
      growth: { clock: { now: () => 0 }, memory: () => heap, octets: (count) => new Uint8Array(count) },
    };
    expect(() => checkDecoder(options)).toThrow(/memory grows faster than the input: \d+ octets of heap for 100, /);
  });

  it('is found where it lets a slip of its own pass for a refusal, if errors are Errors', () => {
    const slip: Options = {
      ...GOOD,
      errors: [Error],
      decode: (input) => {
        if (input.length < 2) throw new RangeError('Offset is outside the bounds of the DataView');
        if (input.length !== 2 + (input[0] ?? 0)) throw new Error('length');
        return decode(input);
      },
    };
    expect(brokenLaws(slip)).toContain('refuses all else with its own errors');
  });

  it('is told which rules of the format it does not hold', () => {
    const { options } = SLIPS['refuses what is almost valid'];
    expect(() => checkDecoder(Object.assign({ ...GOOD }, options))).toThrow(
      /refuses what is almost valid: these are taken:\n {10}length-below-body \(§1\)\n/,
    );
  });

  it('is told with the smallest octets that show it, and found again by the seed', () => {
    const options: Options = { ...GOOD, ...SLIPS['keeps no view of its input'].options, seed: 7 } as Options;
    expect(() => checkDecoder(options)).toThrow(
      'framed\n  FAIL  keeps no view of its input: what was decoded changes when they are overwritten\n          of 010000',
    );
    expect(formatReport(examineDecoder(options))).toBe(formatReport(examineDecoder(options)));
    expect(decoderLaws(options).flatMap(({ law, check }) => (holds(check) ? [] : law))).toEqual([
      'keeps no view of its input',
    ]);
  });

  function holds(check: () => number): boolean {
    try {
      return check() > 0;
    } catch (error) {
      if (error instanceof LawError) return false;
      throw error;
    }
  }
});

describe('options', () => {
  it.each([
    ['name', { name: undefined }, TypeError, /name must be a string/],
    ['decode', { decode: 'decode' }, TypeError, /decode must be a function/],
    ['errors', { errors: undefined }, TypeError, /errors must be/],
    ['no errors', { errors: [] }, RangeError, /errors must name a class, unless isRefusal/],
    ['errors of no class', { errors: ['Error'] }, TypeError, /errors must be a list of classes/],
    ['no source', { values: undefined }, TypeError, /values or valid must be an arbitrary/],
    ['two sources', { valid: fc.constant(new Uint8Array(2)) }, RangeError, /values and valid must not both/],
    ['no encoder', { encode: undefined }, TypeError, /encode must be a function/],
    ['aliasing', { aliasing: 'view' }, RangeError, /aliasing must be copies or views/],
    ['prefixes', { prefixes: 'taken' }, RangeError, /prefixes must be refused or may-be-whole/],
    ['encoding', { encoding: 'other' }, RangeError, /encoding must be canonical or free/],
    ['runs', { runs: 0 }, RangeError, /runs must be a whole number from 1/],
    ['seed', { seed: 0.5 }, RangeError, /seed must be a whole number/],
    ['mostOctetsPerOctet', { mostOctetsPerOctet: 0 }, RangeError, /mostOctetsPerOctet must be more than 0/],
    ['almostValid', { almostValid: {} }, TypeError, /almostValid must be an arbitrary/],
    ['growth', { growth: {} }, TypeError, /growth.octets must be a function/],
    ['growth.clock', { growth: { octets: () => new Uint8Array(1) } }, TypeError, /growth.clock must tell the time/],
    ['an unknown one', { erors: [Malformed] }, TypeError, /options has no erors/],
  ])('are named when they are bad: %s', (_, change, error, message) => {
    const options = { ...GOOD, ...change };
    for (const door of [checkDecoder, examineDecoder, decoderLaws]) {
      expect(() => Reflect.apply(door, undefined, [options])).toThrow(error);
      expect(() => Reflect.apply(door, undefined, [options])).toThrow(message);
    }
  });

  it('cannot be such that nothing is asserted: without errors or octets they are of no type', () => {
    // @ts-expect-error There must be errors.
    const noErrors: Options = { name: 'framed', decode, values, encode };
    // @ts-expect-error There must be good octets.
    const noOctets: Options = { name: 'framed', decode, errors: [Malformed] };
    // @ts-expect-error Who never throws says what a refusal is.
    const noRefusals: Options = { name: 'framed', decode, values, encode, errors: [] };
    for (const options of [noErrors, noOctets, noRefusals]) expect(() => checkDecoder(options)).toThrow();
  });
});
