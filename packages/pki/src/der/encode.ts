import { concat, type OwnOctets } from '@espalier/wire';
import { TAG } from './element.ts';

/** One element of DER: identifier, length, and its parts one after the other. */
export function encode(tag: number, ...parts: readonly Uint8Array[]): OwnOctets {
  const content = concat(...parts);
  return concat(Uint8Array.of(tag, ...lengthOctets(content.length)), content);
}

export function encodeObjectIdentifier(dotted: string): OwnOctets {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encode(TAG.objectIdentifier, Uint8Array.from([40 * first + second, ...rest].flatMap(base128)));
}

/** An INTEGER that is not negative, from big-endian octets. */
export function encodeUnsigned(octets: Uint8Array): OwnOctets {
  const start = octets.findIndex((octet) => octet !== 0);
  const value = start === -1 ? Uint8Array.of(0) : octets.subarray(start);
  return encode(TAG.integer, (value[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(), value);
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

function base128(arc: number): readonly number[] {
  const octets = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) octets.unshift(0x80 | (rest % 128));
  return octets;
}
