import { type Element, fault, TAG } from './element.ts';

const LATIN: ReadonlySet<number> = new Set<number>([
  TAG.numericString,
  TAG.printableString,
  TAG.teletexString,
  TAG.ia5String,
  TAG.visibleString,
]);

/** The text of a string type (X.690 §8.23); undefined for another type. TeletexString is read as ISO 8859-1. */
export function readText({ tag, content }: Element): string | undefined {
  if (tag === TAG.utf8String) return utf8Text(content);
  if (tag === TAG.bmpString) return wideText(content, 2);
  if (tag === TAG.universalString) return wideText(content, 4);
  return LATIN.has(tag) ? latinText(content) : undefined;
}

/** One character an octet. */
export function latinText(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}

/** Text of ASCII; another octet is a fault. */
export function asciiText(octets: Uint8Array): string {
  if (octets.some((octet) => octet > 0x7f)) fault('an IA5String with an octet that is no ASCII');
  return latinText(octets);
}

function utf8Text(octets: Uint8Array): string {
  let escaped = '';
  for (const octet of octets) escaped += `%${octet.toString(16).padStart(2, '0')}`;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return fault('a UTF8String that is none');
  }
}

/** The octets of a text in UTF-8. */
export function utf8Octets(text: string): Uint8Array {
  const octets: number[] = [];
  for (const character of text.replace(/\p{Surrogate}/gu, '\ufffd')) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) octets.push(code);
    else if (code < 0x800) octets.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    else if (code < 0x10000) octets.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    else
      octets.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  return Uint8Array.from(octets);
}

function wideText(octets: Uint8Array, width: 2 | 4): string {
  if (octets.length % width !== 0) fault('a wide string with a part of a character');
  let text = '';
  for (let i = 0; i < octets.length; i += width) {
    let code = 0;
    for (let j = 0; j < width; j++) code = code * 256 + (octets[i + j] ?? 0);
    if (code > 0x10ffff) fault('a character that is none');
    text += String.fromCodePoint(code);
  }
  return text;
}
