import { toHex } from '@espalier/wire';
import type { Field } from './field.ts';

/** How a number is shown. */
export type Show = (value: number) => string;

export const decimal: Show = String;
export const hex8: Show = (value) => hex(value, 2);
export const hex16: Show = (value) => hex(value, 4);
export const hex32: Show = (value) => hex(value, 8);

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** The names of a registry, with the number behind. */
export function named(registry: Readonly<Record<string, number>>): Show {
  return (value) => {
    const name = Object.entries(registry).find(([, known]) => known === value)?.[0];
    return name === undefined ? String(value) : `${name} (${value})`;
  };
}

const MOST_SHOWN = 24;

/** Lower-case hexadecimal; the beginning of what is long. */
export function shownOctets(octets: Uint8Array): string {
  const digits = toHex(octets.subarray(0, MOST_SHOWN));
  return octets.length > MOST_SHOWN ? `${digits}… (${octets.length} octets)` : digits;
}

/** Reads fields one behind the other, up to an end; what is not there whole is shown as what is left. */
export class Cursor {
  readonly octets: Uint8Array;
  readonly fields: Field[] = [];
  readonly end: number;
  at: number;

  constructor(octets: Uint8Array, at: number, end: number = octets.length) {
    this.octets = octets;
    this.at = Math.min(at, octets.length);
    this.end = Math.min(end, octets.length);
  }

  get left(): number {
    return Math.max(0, this.end - this.at);
  }

  /** A number in network order; undefined where it is not there. */
  number(name: string, octets: 1 | 2 | 3 | 4, show: Show = decimal): number | undefined {
    if (this.left < octets) return undefined;
    let value = 0;
    for (let i = 0; i < octets; i++) value = value * 256 + (this.octets[this.at + i] ?? 0);
    this.add(name, show(value), octets);
    return value;
  }

  /** So many octets, or those that are left. */
  some(name: string, octets: number, show: (value: Uint8Array) => string = shownOctets): Uint8Array {
    const taken = this.octets.subarray(this.at, Math.min(this.end, this.at + Math.max(0, octets)));
    if (taken.length > 0) this.add(name, show(taken), taken.length);
    return taken;
  }

  rest(name: string, show?: (value: Uint8Array) => string): Uint8Array {
    return this.some(name, this.left, show);
  }

  add(name: string, value: string, octets: number, fields?: readonly Field[]): void {
    const from = this.at;
    this.at += octets;
    this.fields.push({ name, value, from, to: this.at, ...(fields === undefined ? {} : { fields }) });
  }

  /** Fields of something with an own beginning and end. */
  group(name: string, octets: number, value: string, read: (inner: Cursor) => void): void {
    const inner = new Cursor(this.octets, this.at, Math.min(this.end, this.at + octets));
    read(inner);
    inner.rest('What is left');
    this.add(name, value, inner.end - this.at, inner.fields);
  }
}
