import { Pki } from '@espalier/pki';
import { fqdnId } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AT, BY_ISSUING, issue, KEYS, NAME, ROOT } from './support/authorities.ts';

const leaf = issue(BY_ISSUING);
const CONFIG = {
  trustAnchors: [ROOT],
  certificates: [leaf],
  crls: [],
  ocspResponses: [],
  credentials: [{ certificate: leaf, key: KEYS.leaf, issuers: [] }],
  policy: {
    revocation: 'off',
    freshHours: 24,
    leastRsaBits: 2048,
    allowSha1: false,
    extendedKeyUsages: ['1.2.3'],
    certificatePolicies: ['1.2.3'],
  },
  expected: [fqdnId(NAME)],
  chainEncoding: 'x509',
};
const QUESTION = { identity: fqdnId(NAME), certificates: [{ encoding: 4, data: leaf.octets }] };

/** What stands for nothing that any member is; undefined may be left out. */
const wrong = fc.constantFrom<unknown>(1, Number.NaN, '24', 'text', true, null, Symbol('none'), () => 1, 5n);

/** Every member of something as a path, those within too. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || 'signed' in value) return [path];
  if ('kind' in value && 'curve' in value) return [path];
  return [path, ...Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const own = Object.entries(Object(value)).map(([name, one]) => [name, name === key ? replaced(one, rest, by) : one]);
  return Array.isArray(value) ? own.map(([, one]) => one) : Object.fromEntries(own);
}

/** As errors name it. */
const named = (path: readonly string[]) => path.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`)).join('');
const make = (config?: unknown): unknown => Reflect.construct(Pki, [config]);
const ask = (question?: unknown): unknown => {
  const pki = new Pki({ trustAnchors: [ROOT] });
  return Reflect.apply(pki.verifyChain, pki, [AT, question]);
};

/** Passes, or is refused by an error of the caller's that names where; what it says then. */
function refusalOf(use: () => unknown): string | undefined {
  try {
    use();
    return undefined;
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    return error.message;
  }
}

describe('the doors of Pki', () => {
  it('name what is missing (regression: "Cannot destructure property")', () => {
    for (const nothing of [undefined, null, 1, 'text']) {
      expect(() => make(nothing)).toThrow(new TypeError('config must be an object'));
      expect(() => ask(nothing)).toThrow(new TypeError('question must be an object'));
    }
  });

  it('take no text for a number, and no null for a policy (regression)', () => {
    const policy = (freshHours: unknown) => make({ trustAnchors: [ROOT], policy: { freshHours } });
    expect(() => policy('24')).toThrow(new TypeError('policy.freshHours must be a number'));
    expect(() => policy(0)).toThrow(new RangeError('policy.freshHours must be more than 0'));
    expect(() => policy(Number.NaN)).toThrow(RangeError);
    expect(() => make({ trustAnchors: [ROOT], policy: null })).toThrow(new TypeError('policy must be an object'));
  });

  it('refuse what no member is, by the name of the member', () => {
    expect(make(CONFIG)).toBeInstanceOf(Pki);
    const paths = pathsOf(CONFIG).filter(
      (path) => path.length > 0 && !['kind', 'type', 'protocol', 'port'].includes(path.at(-1) ?? ''),
    );
    fc.assert(
      fc.property(fc.constantFrom(...paths), wrong, (path, value) => {
        const message = refusalOf(() => make(replaced(CONFIG, path, value)));
        if (message === undefined) return;
        const [first = ''] = path;
        expect(message).toMatch(new RegExp(`^${first}\\b`));
        expect(message).not.toMatch(/destructure|undefined|is not a function|not iterable/);
      }),
    );
    const symbol = Symbol('none');
    for (const path of paths.filter((one) => one[0] !== 'expected')) {
      expect(
        refusalOf(() => make(replaced(CONFIG, path, symbol))),
        named(path),
      ).toBeDefined();
    }
  });

  it('refuse a question that is none, by the name of what is wrong', () => {
    expect(ask(QUESTION)).toMatchObject({ ok: false });
    const paths = [
      ['identity'],
      ['identity', 'data'],
      ['certificates'],
      ['certificates', '0'],
      ['certificates', '0', 'data'],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), wrong, (path, value) => {
        const message = refusalOf(() => ask(replaced(QUESTION, path, value)));
        expect(message?.startsWith(`question${named(path)} must be`)).toBe(true);
      }),
    );
  });
});
