import { equalNames, formatName, nameFromOctets, nameFromText } from '@espalier/pki';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDecoder } from '../../../../test/support/decoders.ts';

const types = fc.constantFrom('CN', 'O', 'OU', 'C', 'L', 'ST', 'E', 'DC', 'serialNumber', '1.2.3.4');
const ascii = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.trim() === text && !/^#|^"/.test(text));
const anyText = fc.oneof(ascii, fc.constantFrom('Größe, München', 'a+b', 'back\\slash', '"quoted"x', 'Ünï=cödé'));
const names = fc.array(fc.tuple(types, fc.oneof(ascii)), { minLength: 1, maxLength: 6 });
const escaped = (text: string) => text.replace(/[\\,+"]/g, '\\$&');

describeDecoder({
  name: 'a distinguished name in DER',
  valid: names.map(
    (attributes) => nameFromText(attributes.map(([type, text]) => `${type}=${escaped(text)}`).join(', ')).octets,
  ),
  decode: nameFromOctets,
  errors: [],
  isRefusal: (name) => name === undefined,
});

describe('a distinguished name', () => {
  it('is written, and read again, as it was', () => {
    fc.assert(
      fc.property(names, (attributes) => {
        const name = nameFromText(attributes.map(([type, text]) => `${type}=${escaped(text)}`).join(', '));
        const read = nameFromOctets(name.octets);
        expect(read && equalNames(read, name)).toBe(true);
        expect(equalNames(nameFromText(formatName(name)), name)).toBe(true);
      }),
    );
  });

  it('keeps all characters', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = nameFromText(`O=${escaped(text)}`);
        expect(nameFromOctets(name.octets)?.parts[0]?.[0]?.text).toBe(text);
      }),
    );
  });

  it('may have parts of several attributes, in any order', () => {
    const [one, other] = [nameFromText('O=x, CN=a + OU=b'), nameFromText('O=x, OU=b + CN=a')];
    expect(equalNames(one, other)).toBe(true);
    expect(equalNames(one, nameFromText('O=x, CN=a, OU=b'))).toBe(false);
  });

  it('shows no character that moves a terminal', () => {
    expect(formatName(nameFromText('CN=a\u001b[2J\u202eb'))).toBe('CN=a\ufffd[2J\ufffdb');
  });
});
