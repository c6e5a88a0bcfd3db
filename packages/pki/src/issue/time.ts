import { fromAscii } from '@espalier/wire';
import { TAG } from '../der/element.ts';
import { encode } from '../der/encode.ts';

/** UTCTime up to 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5). */
export function encodeTime(at: number): Uint8Array {
  const isLate = new Date(at).getUTCFullYear() >= 2050;
  return isLate ? encodeGeneralizedTime(at) : encode(TAG.utcTime, fromAscii(digitsOf(at).slice(2)));
}

export function encodeGeneralizedTime(at: number): Uint8Array {
  return encode(TAG.generalizedTime, fromAscii(digitsOf(at)));
}

function digitsOf(at: number): string {
  return `${new Date(at)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/[-:T]/g, '')}Z`;
}
