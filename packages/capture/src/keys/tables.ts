import { fromAscii, fromHex } from '@espalier/wire';
import { suitesOf } from './algorithms.ts';
import type { EspSaKeys, IkeSaKeys } from './key-ring.ts';

/** What one line of a key file is. */
export type TableLine =
  | { readonly kind: 'ike'; readonly keys: IkeSaKeys }
  | { readonly kind: 'esp'; readonly keys: EspSaKeys }
  | { readonly kind: 'passed'; readonly note: string }
  | { readonly kind: 'wrong'; readonly reason: string };

const COOKIE = /^[0-9a-f]{16}$/i;
const HEX = /^(?:[0-9a-f]{2})*$/i;
const FAMILY = /^(IPv4|IPv6|ANY)$/i;
const SPI = /^(?:0x([0-9a-f]{1,8})|(\d{1,10}))$/i;

/**
 * A line of Wireshark's `ikev1_decryption_table` or `esp_sa`, as it writes them itself, or strongSwan's save-keys does. Of
 * `ikev2_decryption_table` nothing is of use here.
 */
export function tableLine(line: string): TableLine {
  const fields = fieldsOf(line);
  const [first = ''] = fields;
  if (FAMILY.test(first) && fields.length >= 8) return espLine(fields);
  if (COOKIE.test(first) && fields.length === 2) return ikeLine(first, fields[1] ?? '');
  if (COOKIE.test(first) && fields.length >= 8 && COOKIE.test(fields[1] ?? '')) {
    return { kind: 'passed', note: 'a line of ikev2_decryption_table: IKEv2 is not decrypted' };
  }
  return { kind: 'wrong', reason: 'neither ikev1_decryption_table nor esp_sa' };
}

function ikeLine(cookie: string, key: string): TableLine {
  const encryption = octetsOf(key);
  if (encryption === undefined)
    return { kind: 'wrong', reason: 'a key has an odd number of digits, or other characters' };
  return { kind: 'ike', keys: { initiatorCookie: cookie.toLowerCase(), encryption } };
}

/** Family, source, destination, SPI, cipher, key, MAC, key; since 4.2 how long sequence numbers are, and their high half. */
function espLine(fields: readonly string[]): TableLine {
  const [, source = '*', destination = '*', index = '*', cipher = '', key = '', mac = '', macKey = '', length, high] =
    fields;
  const spi = SPI.exec(index);
  if (spi === null && index !== '*')
    return { kind: 'wrong', reason: `the SPI '${index.substring(0, 16)}' is neither a number nor *` };
  const [material, integrity] = [keyOf(key), keyOf(macKey)];
  if (material === undefined || integrity === undefined) {
    return { kind: 'wrong', reason: 'a key has an odd number of digits' };
  }
  return {
    kind: 'esp',
    keys: {
      spi: spi === null ? undefined : spi[1] === undefined ? Number(spi[2]) : Number.parseInt(spi[1], 16),
      source,
      destination,
      algorithms: [cipher, mac].filter((part) => part !== '').join(' / '),
      ...suitesOf(cipher, mac, material, integrity),
      esn: length === undefined || length === '' ? undefined : /64/.test(length),
      sequenceHigh: high === undefined || !SPI.test(high) ? undefined : Number(high),
    },
  };
}

/** Hexadecimal behind 0x; without it, hexadecimal too if it can be, else text, as Wireshark takes it. */
function keyOf(text: string): Uint8Array | undefined {
  if (/^0x/i.test(text)) return octetsOf(text);
  return octetsOf(text) ?? (/^[0-9a-f]+$/i.test(text) ? undefined : asciiOf(text));
}

function octetsOf(text: string): Uint8Array | undefined {
  const digits = text.replace(/^0x/i, '');
  return HEX.test(digits) ? fromHex(digits) : undefined;
}

function asciiOf(text: string): Uint8Array | undefined {
  return /^[\x20-\x7e]*$/.test(text) ? fromAscii(text) : undefined;
}

/** Separated by commas, each in quotes or not; a quote in one is doubled. */
function fieldsOf(line: string): readonly string[] {
  const fields: string[] = [];
  const pattern = /\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(,|$)/y;
  for (let at = 0; at <= line.length; ) {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (match === null) return [];
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2]?.trimEnd() ?? '');
    if (match[3] === '') break;
    at = pattern.lastIndex;
  }
  return fields;
}
