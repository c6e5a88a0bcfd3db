import { copyOctets } from '@espalier/crypto';
import { equalOctets, fromHex, toHex } from '@espalier/wire';
import { DerFault, type Element, readElement, readObjectIdentifier, TAG } from '../der/element.ts';
import { encode, encodeObjectIdentifier } from '../der/encode.ts';
import { readText, utf8Octets } from '../der/text.ts';
import { NAME_ELEMENTS_MOST } from '../limits.ts';
import { attributeName, attributeType, IA5_TYPES } from './attribute-types.ts';

/** AttributeTypeAndValue (RFC 5280 §4.1.2.4). */
export interface NameAttribute {
  /** Object identifier in dotted form. */
  readonly type: string;
  /** Undefined for what is no string type. */
  readonly text: string | undefined;
  /** The value in DER. */
  readonly value: Uint8Array;
}

/** RelativeDistinguishedName: one attribute or, rarely, several. */
export type RelativeName = readonly NameAttribute[];

/** A Name of X.501, the outermost part first as in the certificate. */
export interface DistinguishedName {
  readonly parts: readonly RelativeName[];
  /** In DER. */
  readonly octets: Uint8Array;
}

/** What may stand for a part of a name in a pattern: `*` is any value. */
export const ANY_VALUE = '*';

export function readName(element: Element): DistinguishedName {
  const parts = element.list(TAG.sequence, NAME_ELEMENTS_MOST).map((part) => readRelativeName(part));
  return { parts, octets: element.octets };
}

/** The name that these octets are, as in ID_DER_ASN1_DN (RFC 2407 §4.6.2.10); undefined where they are none. They are copied. */
export function nameFromOctets(octets: Uint8Array): DistinguishedName | undefined {
  try {
    return readName(readElement(copyOctets('octets', octets)));
  } catch (error) {
    if (error instanceof DerFault) return undefined;
    throw error;
  }
}

/**
 * A name from its text: `C=US, O=Example, CN=router2`, the outermost part first or last as the certificate has it;
 * separated by `,` or `/`, parts of several attributes by `+`; `\` escapes a character, `#` begins a value in hexadecimal.
 * @throws RangeError for a text that is no name.
 */
export function nameFromText(text: string): DistinguishedName {
  const separator = text.startsWith('/') ? '/' : ',';
  const parts = splitUnescaped(text.replace(/^\//, ''), separator)
    .map((part) => splitUnescaped(part, '+').map((attribute) => attributeFromText(attribute.trim())))
    .filter((part) => part.length > 0);
  return nameFromParts(parts);
}

export function nameFromParts(parts: readonly RelativeName[]): DistinguishedName {
  const sets = parts.map((part) =>
    encode(TAG.set, ...part.map(({ type, value }) => encode(TAG.sequence, encodeObjectIdentifier(type), value))),
  );
  return { parts, octets: encode(TAG.sequence, ...sets) };
}

/** `C=US, O=Example, CN=router2`: in the order of the certificate. */
export function formatName({ parts }: DistinguishedName): string {
  return parts.map((part) => part.map(formatAttribute).join(' + ')).join(', ');
}

/** Values of an attribute type, in order. */
export function nameValues({ parts }: DistinguishedName, type: string): readonly string[] {
  return parts
    .flat()
    .flatMap((attribute) => (attribute.type === type && attribute.text !== undefined ? [attribute.text] : []));
}

/**
 * Part by part, in order: string types are compared by what they say, without case and with runs of spaces as one
 * (RFC 5280 §7.1, RFC 4518); other types octet for octet.
 */
export function equalNames(a: DistinguishedName, b: DistinguishedName): boolean {
  return equalOctets(a.octets, b.octets) || nameKey(a) === nameKey(b);
}

/** Whether the parts of `outer` are the first ones of `name`: of a subtree (RFC 5280 §4.2.1.10). */
export function nameWithin(name: DistinguishedName, outer: DistinguishedName): boolean {
  return outer.parts.length <= name.parts.length && isPrefix(outer, name);
}

/** A key that equal names have in common, and different names do not; computed once for each, since a stranger's may be long. */
export function nameKey(name: DistinguishedName): string {
  const known = KEYS.get(name);
  if (known !== undefined) return known;
  const key = JSON.stringify(name.parts.map((part) => part.map(attributeKey).sort()));
  KEYS.set(name, key);
  return key;
}

const KEYS = new WeakMap<DistinguishedName, string>();

/**
 * As many parts with the same types in the same order, each value equal or `*` in the pattern (libreswan, strongSwan,
 * and Junos' `distinguished-name wildcard`).
 */
export function nameMatches(name: DistinguishedName, pattern: DistinguishedName): boolean {
  return (
    name.parts.length === pattern.parts.length &&
    pattern.parts.every((part, i) => {
      const own = name.parts[i] ?? [];
      return part.length === own.length && part.every((wanted) => own.some((has) => attributeMatches(has, wanted)));
    })
  );
}

/** Whether all attributes of the pattern are somewhere in the name (Junos' `distinguished-name container`). */
export function nameContains(name: DistinguishedName, pattern: DistinguishedName): boolean {
  const own = name.parts.flat();
  return pattern.parts.flat().every((wanted) => own.some((has) => attributeMatches(has, wanted)));
}

function attributeMatches(has: NameAttribute, wanted: NameAttribute): boolean {
  if (has.type !== wanted.type) return false;
  return wanted.text === ANY_VALUE || attributeKey(has) === attributeKey(wanted);
}

function isPrefix(short: DistinguishedName, long: DistinguishedName): boolean {
  return short.parts.every((part, i) => {
    const other = long.parts[i] ?? [];
    if (part.length !== other.length) return false;
    if (part.length === 1) return attributeKey(part[0]) === attributeKey(other[0]);
    const keys = other.map(attributeKey);
    return part.every((attribute) => keys.includes(attributeKey(attribute)));
  });
}

function attributeKey(attribute: NameAttribute | undefined): string {
  if (attribute === undefined) return '';
  const { type, text, value } = attribute;
  return `${type}=${text === undefined ? `#${toHex(value)}` : foldText(text)}`;
}

/** RFC 4518 in short: one form of each character, no case, spaces at the ends and doubled ones do not count. */
function foldText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}

export function readRelativeName(element: Element, tag: number = TAG.set): RelativeName {
  const attributes = element.list(tag, NAME_ELEMENTS_MOST).map((one) => {
    const fields = one.fields();
    const type = readObjectIdentifier(fields.next(TAG.objectIdentifier));
    const value = fields.any();
    fields.end();
    return { type, text: readText(value), value: value.octets };
  });
  if (attributes.length === 0) throw new DerFault('a part of a name without attributes');
  return attributes;
}

function attributeFromText(text: string): NameAttribute {
  const [, name = '', written = ''] = /^([^=]+?)\s*=\s*([\s\S]*)$/.exec(text) ?? [];
  const type = attributeType(name);
  if (type === undefined) throw new RangeError(`name: '${text}' begins with no attribute type that is known`);
  if (/^#([0-9a-f]{2})+$/i.test(written)) {
    const value = fromHex(written.slice(1));
    const element = nameValue(value);
    if (element === undefined) throw new RangeError(`name: '${text}' has a value that is no DER`);
    return { type, text: readText(element), value };
  }
  const plain = written.replace(/^"([\s\S]*)"$/, '$1').replace(/\\(.)/g, '$1');
  if (plain === '') throw new RangeError(`name: '${text}' has no value`);
  return { type, text: plain, value: encode(stringTag(type, plain), utf8Octets(plain)) };
}

function nameValue(octets: Uint8Array): Element | undefined {
  try {
    return readElement(octets);
  } catch (error) {
    if (error instanceof DerFault) return undefined;
    throw error;
  }
}

/** PrintableString or UTF8String (RFC 5280 §4.1.2.4), IA5String where the type has that. */
function stringTag(type: string, text: string): number {
  if (IA5_TYPES.has(type)) return TAG.ia5String;
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text) ? TAG.printableString : TAG.utf8String;
}

function formatAttribute({ type, text, value }: NameAttribute): string {
  const shown = text === undefined ? `#${toHex(value)}` : escapeText(text);
  return `${attributeName(type)}=${shown}`;
}

/** So that `nameFromText` reads the same again, and no character of a stranger's name moves a terminal. */
function escapeText(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '\ufffd').replace(/[\\,+"]/g, '\\$&');
  return plain.startsWith('#') || plain.startsWith(' ') ? `\\${plain}` : plain;
}

function splitUnescaped(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? '';
    if (character === '\\') part += character + (text[++i] ?? '');
    else if (character === separator && !isQuoted) {
      parts.push(part);
      part = '';
    } else {
      if (character === '"') isQuoted = !isQuoted;
      part += character;
    }
  }
  parts.push(part);
  return parts.filter((one) => one.trim() !== '');
}
