import { toHex } from '@espalier/wire';

/** An attribute of a distinguished name. */
export interface NameAttribute {
  /** The octets of its object identifier, in hexadecimal. */
  readonly type: string;
  /** Of its value, as an identifier octet. */
  readonly tag: number;
  readonly value: Uint8Array;
}

/** The parts of a Name (X.501 §9.2) in DER, each with its attributes; undefined for what is none. */
export function namePartsIn(der: Uint8Array): readonly (readonly NameAttribute[])[] | undefined {
  const name = elementsOf(der);
  const [sequence] = name ?? [];
  if (name?.length !== 1 || sequence?.tag !== SEQUENCE) return undefined;
  return allOf(elementsOf(sequence.content), ({ tag, content }) =>
    tag === SET ? allOf(elementsOf(content), attributeIn) : undefined,
  );
}

/**
 * What names that say the same have in common: their strings are compared by what they say, without case and with runs of
 * spaces as one, of whatever string type they are; everything else octet for octet (RFC 5280 §7.1). Undefined for no Name.
 */
export function nameKey(der: Uint8Array): string | undefined {
  const parts = namePartsIn(der);
  return parts && JSON.stringify(parts.map((part) => part.map(attributeKey).sort()));
}

/** The text of a value of a string type; undefined for any other, and where it is none. */
function stringIn({ tag, value }: NameAttribute): string | undefined {
  if (tag === TAG.utf8String) return utf8In(value);
  if (tag === TAG.bmpString) return value.length % 2 === 0 ? unitsIn(value) : undefined;
  return LATIN.includes(tag) ? Array.from(value, (octet) => String.fromCharCode(octet)).join('') : undefined;
}

/** An element of DER (X.690 §8.1), and where the next one begins. */
interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly end: number;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const OBJECT_IDENTIFIER = 0x06;
const TAG = { utf8String: 0x0c, bmpString: 0x1e };
/** NumericString, PrintableString, TeletexString, IA5String, VisibleString. */
const LATIN: readonly number[] = [0x12, 0x13, 0x14, 0x16, 0x1a];

function attributeIn({ tag, content }: Element): NameAttribute | undefined {
  const [type, value] = tag === SEQUENCE ? (elementsOf(content) ?? []) : [];
  if (type?.tag !== OBJECT_IDENTIFIER || value === undefined) return undefined;
  return { type: toHex(type.content), tag: value.tag, value: value.content };
}

function attributeKey(attribute: NameAttribute): string {
  const text = stringIn(attribute);
  const folded = text?.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
  return `${attribute.type}=${folded ?? `#${attribute.tag}:${toHex(attribute.value)}`}`;
}

function utf8In(octets: Uint8Array): string | undefined {
  try {
    return decodeURIComponent(toHex(octets).replace(/../g, '%$&'));
  } catch {
    return undefined;
  }
}

function unitsIn(octets: Uint8Array): string {
  return Array.from({ length: octets.length / 2 }, (_, i) =>
    String.fromCharCode(((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0)),
  ).join('');
}

/** What each gives, where all give something. */
function allOf<T, R>(list: readonly T[] | undefined, read: (one: T) => R | undefined): readonly R[] | undefined {
  if (list === undefined) return undefined;
  const found: R[] = [];
  for (const one of list) {
    const value = read(one);
    if (value === undefined) return undefined;
    found.push(value);
  }
  return found;
}

function elementsOf(octets: Uint8Array): readonly Element[] | undefined {
  const elements: Element[] = [];
  for (let at = 0; at < octets.length; ) {
    const element = elementAt(octets, at);
    if (element === undefined) return undefined;
    elements.push(element);
    at = element.end;
  }
  return elements;
}

function elementAt(octets: Uint8Array, at: number): Element | undefined {
  const [tag, first] = [octets[at], octets[at + 1]];
  if (tag === undefined || first === undefined) return undefined;
  const longOctets = first < 0x80 ? 0 : first & 0x7f;
  if (longOctets > 2 || first === 0x80) return undefined;
  const from = at + 2 + longOctets;
  const length = longOctets === 0 ? first : octets.subarray(at + 2, from).reduce((sum, octet) => sum * 256 + octet, 0);
  const end = from + length;
  return end > octets.length ? undefined : { tag, content: octets.subarray(from, end), end };
}
