import { equalOctets } from '@espalier/wire';

/** Tags of X.690 §8 that certificates use, as identifier octets. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier octet of a context-specific tag. */
export function contextTag(number: number, isConstructed = true): number {
  return 0x80 | (isConstructed ? 0x20 : 0) | number;
}

/** Octets that are no DER of what is read. Thrown and caught within this package. */
export class DerFault extends Error {}

export function fault(what: string): never {
  throw new DerFault(what);
}

/**
 * One element of DER (X.690 §10): a view, whose parts are read when they are asked for. So how deep it is nested, and how
 * many elements it has, costs nothing: only what a certificate's syntax has is ever looked at.
 */
export class Element {
  readonly tag: number;
  /** The whole, identifier and length included. */
  readonly octets: Uint8Array;
  readonly content: Uint8Array;

  constructor(tag: number, octets: Uint8Array, content: Uint8Array) {
    this.tag = tag;
    this.octets = octets;
    this.content = content;
  }

  /** What it consists of, to be read in order. */
  fields(tag: number = TAG.sequence): Fields {
    if (this.tag !== tag || (tag & 0x20) === 0) fault(`tag ${this.tag} where ${tag} belongs`);
    return new Fields(this.content);
  }

  /** The elements of a SEQUENCE OF or SET OF; at most `most` of them. */
  list(tag: number, most: number): readonly Element[] {
    const fields = this.fields(tag);
    const elements: Element[] = [];
    while (!fields.isAtEnd) {
      if (elements.length === most) fault(`more than ${most} elements`);
      elements.push(fields.any());
    }
    return elements;
  }

  /** The same under another tag: of a type with an implicit one. */
  as(tag: number): Element {
    return new Element(tag, this.octets, this.content);
  }

  /** What is within an explicit tag. */
  inner(): Element {
    const fields = this.fields(this.tag);
    const element = fields.any();
    fields.end();
    return element;
  }
}

/** Elements one after the other. */
export class Fields {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#octets.length;
  }

  any(): Element {
    const element = readAt(this.#octets, this.#at);
    this.#at += element.octets.length;
    return element;
  }

  next(tag: number): Element {
    const element = this.any();
    if (element.tag !== tag) fault(`tag ${element.tag} where ${tag} belongs`);
    return element;
  }

  optional(tag: number): Element | undefined {
    return this.#octets[this.#at] === tag ? this.any() : undefined;
  }

  end(): void {
    if (!this.isAtEnd) fault('octets behind the last element');
  }
}

/** The one element that these octets are. */
export function readElement(octets: Uint8Array): Element {
  const element = readAt(octets, 0);
  if (element.octets.length !== octets.length) fault('octets behind the element');
  return element;
}

function readAt(octets: Uint8Array, at: number): Element {
  const tag = octets[at];
  const first = octets[at + 1];
  if (tag === undefined || first === undefined) fault('cut short');
  if ((tag & 0x1f) === 0x1f) fault('a tag of several octets');
  const lengthOctets = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthOctets > 4) fault('a length that is indefinite or too long');
  const start = at + 2 + lengthOctets;
  let length = first;
  if (lengthOctets > 0) {
    length = 0;
    for (let i = at + 2; i < start; i++) length = length * 256 + (octets[i] ?? fault('cut short'));
    if (length < 0x80 || length < 256 ** (lengthOctets - 1)) fault('a length that is longer than need be');
  }
  if (start + length > octets.length) fault('longer than what it lies in');
  return new Element(tag, octets.subarray(at, start + length), octets.subarray(start, start + length));
}

/** DEFAULT values are left out in DER (X.690 §11.5), and yet are written by many. */
export function readBoolean(element: Element): boolean {
  if (element.tag !== TAG.boolean || element.content.length !== 1) fault('no BOOLEAN');
  return element.content[0] !== 0;
}

/** An INTEGER's octets, two's complement, in the shortest form (X.690 §8.3). */
export function readInteger(element: Element): Uint8Array {
  const { tag, content } = element;
  const [first, second = 0] = content;
  if (tag !== TAG.integer || first === undefined) fault('no INTEGER');
  if (content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    fault('an INTEGER that is longer than need be');
  }
  return content;
}

/** Big-endian, without leading zeros; a negative one is a fault. */
export function readUnsigned(element: Element): Uint8Array {
  const octets = readInteger(element);
  if ((octets[0] ?? 0) >= 0x80) fault('a negative INTEGER');
  return octets[0] === 0 ? octets.subarray(1) : octets;
}

/** An INTEGER of 0 to 2^31 - 1. */
export function readSmall(element: Element): number {
  const octets = readUnsigned(element);
  if (octets.length > 4 || (octets.length === 4 && (octets[0] ?? 0) >= 0x80)) fault('an INTEGER that is too large');
  return octets.reduce((value, octet) => value * 256 + octet, 0);
}

export function readOctetString(element: Element): Uint8Array {
  if (element.tag !== TAG.octetString) fault('no OCTET STRING');
  return element.content;
}

/** A BIT STRING of whole octets. */
export function readWholeBits(element: Element): Uint8Array {
  const { octets, unused } = readBits(element);
  if (unused !== 0) fault('a BIT STRING with a part of an octet');
  return octets;
}

/** The numbers of the bits that are set: bit 0 is the first. */
export function readBitNumbers(element: Element): ReadonlySet<number> {
  const { octets } = readBits(element);
  const numbers = new Set<number>();
  for (let i = 0; i < Math.min(octets.length, 4) * 8; i++) {
    if ((((octets[i >> 3] ?? 0) << (i & 7)) & 0x80) !== 0) numbers.add(i);
  }
  return numbers;
}

function readBits({ tag, content }: Element): { readonly octets: Uint8Array; readonly unused: number } {
  const unused = content[0] ?? fault('no BIT STRING');
  if (tag !== TAG.bitString) fault('no BIT STRING');
  if (unused > 7 || (content.length === 1 && unused > 0)) fault('unused bits of a BIT STRING');
  return { octets: content.subarray(1), unused };
}

/** In dotted form (X.690 §8.19). */
export function readObjectIdentifier({ tag, content }: Element): string {
  if (tag !== TAG.objectIdentifier) fault('no OBJECT IDENTIFIER');
  if (content.length === 0 || content.length > 64 || (content[content.length - 1] ?? 0) >= 0x80) {
    fault('no OBJECT IDENTIFIER');
  }
  const arcs: number[] = [];
  let value = 0;
  for (const octet of content) {
    value = value * 128 + (octet & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) fault('an arc of an OBJECT IDENTIFIER that is too large');
    if (octet >= 0x80) continue;
    if (arcs.length === 0)
      arcs.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else arcs.push(value);
    value = 0;
  }
  return arcs.join('.');
}

/** Milliseconds since 1970 of a UTCTime or GeneralizedTime, in the forms of RFC 5280 §4.1.2.5. */
export function readTime(element: Element): number {
  const text = String.fromCharCode(...element.content.subarray(0, 32));
  const isUtc = element.tag === TAG.utcTime;
  if (!isUtc && element.tag !== TAG.generalizedTime) fault('no time');
  const parts = (isUtc ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(
    text,
  );
  if (parts === null) fault('a time in another form than RFC 5280 has');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  const at = Date.UTC(isUtc ? (year < 50 ? 2000 : 1900) + year : year, month - 1, day, hour, minute, second);
  const date = new Date(at);
  // Date.UTC takes the 31st of June for the 1st of July, and years below 100 for those of the 20th century.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    fault('a time that is none');
  }
  return at;
}

export function equalElements(a: Element, b: Element): boolean {
  return equalOctets(a.octets, b.octets);
}
