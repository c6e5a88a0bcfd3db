import { formatAddress } from '@espalier/wire';
import type { AlternativeName, NameFacts } from '../../certificate-facts.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Attribute types in the words of Junos, by object identifier, and their short names. */
const TYPES: ReadonlyMap<string, { readonly long: string; readonly short: string }> = new Map([
  ['2.5.4.10', { long: 'Organization', short: 'O' }],
  ['2.5.4.11', { long: 'Organizational unit', short: 'OU' }],
  ['2.5.4.6', { long: 'Country', short: 'C' }],
  ['2.5.4.8', { long: 'State', short: 'ST' }],
  ['2.5.4.7', { long: 'Locality', short: 'L' }],
  ['2.5.4.3', { long: 'Common name', short: 'CN' }],
  ['2.5.4.5', { long: 'Serial number', short: 'serialNumber' }],
  ['1.2.840.113549.1.9.1', { long: 'Email address', short: 'E' }],
  ['0.9.2342.19200300.100.1.25', { long: 'Domain component', short: 'DC' }],
]);

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';

/** `2005 Oct 18th, 23:54:22 GMT` */
export function formatDate(at: number): string {
  const date = new Date(at);
  const day = date.getUTCDate();
  const time = date.toISOString().slice(11, 19);
  return `${date.getUTCFullYear()} ${MONTHS[date.getUTCMonth()] ?? ''} ${day}${ordinal(day)}, ${time} GMT`;
}

/** `Organization: juniper, Country: us`, in the order in which Junos has them. */
export function formatLongName(name: NameFacts): string {
  const attributes = name.parts.flat();
  return [...TYPES]
    .flatMap(([type, { long }]) =>
      attributes.filter((one) => one.type === type).map(({ text }) => `${long}: ${plain(text)}`),
    )
    .join(', ');
}

/** `C=us, O=juniper`, in the order of the certificate. */
export function formatShortName(name: NameFacts): string {
  return name.parts
    .flat()
    .map(({ type, text }) => `${TYPES.get(type)?.short ?? type}=${plain(text)}`)
    .join(', ');
}

/** Who it is in a word: the common name, else the organization. */
export function shortestName(name: NameFacts): string {
  const attributes = name.parts.flat();
  const named =
    attributes.findLast(({ type }) => type === COMMON_NAME) ?? attributes.findLast(({ type }) => type === ORGANIZATION);
  return named === undefined ? formatShortName(name) : plain(named.text);
}

/** Hexadecimal in groups of four digits: `4355 9235`. */
export function formatSerial(serial: string): string {
  const digits = serial.replace(/^(00)+(?=.)/, '');
  const padded =
    digits.length % 4 === 0 || digits.length < 4
      ? digits
      : digits.padStart(digits.length + 4 - (digits.length % 4), '0');
  return (padded.match(/.{1,4}/g) ?? []).join(' ');
}

export function formatAlternativeName(name: AlternativeName): string {
  switch (name.kind) {
    case 'address':
      return formatAddress(name.octets);
    case 'directory':
      return formatShortName(name.name);
    case 'other':
      return 'other';
    default:
      return plain(name.text);
  }
}

/** A stranger's text, without what moves a terminal. */
function plain(text: string | undefined): string {
  return (text ?? '').replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '\ufffd');
}

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][day % 10] ?? 'th';
}
