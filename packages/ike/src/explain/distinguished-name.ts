import { toHex } from '@espalier/wire';

/** An element of DER (X.690 §8.1), and where the next one begins. */
interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly end: number;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const OBJECT_IDENTIFIER = 0x06;
const BMP_STRING = 0x1e;

/** The attribute types that most names have (RFC 4514 §3), by the octets of their object identifiers. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['550403', 'CN'],
  ['550406', 'C'],
  ['550407', 'L'],
  ['550408', 'ST'],
  ['55040a', 'O'],
  ['55040b', 'OU'],
  ['550405', 'serialNumber'],
  ['2a864886f70d010901', 'E'],
  ['0992268993f22c640119', 'DC'],
  ['0992268993f22c640101', 'UID'],
]);

/** `C=NL, O=Example, CN=r3.example.org`, for people; undefined for what is no Name (X.501 §9.2) in DER. */
export function distinguishedName(der: Uint8Array): string | undefined {
  const name = elementsOf(der);
  const [sequence] = name ?? [];
  if (name?.length !== 1 || sequence?.tag !== SEQUENCE) return undefined;
  const parts = elementsOf(sequence.content)?.map((set) => (set.tag === SET ? relativeName(set.content) : undefined));
  return parts === undefined || parts.includes(undefined) ? undefined : parts.join(', ');
}

function relativeName(set: Uint8Array): string | undefined {
  const values = elementsOf(set)?.map(({ tag, content }) => {
    const [type, value] = tag === SEQUENCE ? (elementsOf(content) ?? []) : [];
    if (type?.tag !== OBJECT_IDENTIFIER || value === undefined) return undefined;
    const oid = toHex(type.content);
    return `${TYPES.get(oid) ?? oid}=${textOf(value)}`;
  });
  return values === undefined || values.includes(undefined) ? undefined : values.join('+');
}

/** What is not printable ASCII is escaped. */
function textOf({ tag, content }: Element): string {
  const octets = tag === BMP_STRING ? content.filter((octet, i) => i % 2 === 1 || octet !== 0) : content;
  return Array.from(octets, (octet) =>
    octet > 0x1f && octet < 0x7f && octet !== 0x5c ? String.fromCharCode(octet) : `\\x${toHex(Uint8Array.of(octet))}`,
  ).join('');
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
