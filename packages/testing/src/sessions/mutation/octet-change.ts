import { concat, fromHex } from '@espalier/wire';

/** One change of octets. Places count from 0 and come round at the end, so that each fits any length. */
export type OctetChange =
  | { readonly change: 'flip'; readonly at: number /** 1 to 255. */; readonly mask: number }
  | { readonly change: 'set'; readonly at: number; readonly value: number }
  /** All become `value`; the last one `last`, where that is given. */
  | { readonly change: 'fill'; readonly value: number; readonly last?: number }
  /** All are others. `octets`: in hexadecimal. */
  | { readonly change: 'replace'; readonly octets: string }
  /** So many of the first are left. */
  | { readonly change: 'cut'; readonly left: number }
  /** `octets`: in hexadecimal. */
  | { readonly change: 'insert'; readonly at: number; readonly octets: string }
  | { readonly change: 'append'; readonly octets: string }
  | { readonly change: 'remove'; readonly at: number; readonly count: number };

/** The octets with the change. */
export function changeOctets(octets: Uint8Array, change: OctetChange): Uint8Array {
  const place = (at: number): number => (octets.length === 0 ? 0 : at % octets.length);
  switch (change.change) {
    case 'flip':
      return octets.map((octet, at) => (at === place(change.at) ? octet ^ change.mask : octet));
    case 'set':
      return octets.map((octet, at) => (at === place(change.at) ? change.value : octet));
    case 'fill':
      return octets.map((_, at) => (at === octets.length - 1 ? (change.last ?? change.value) : change.value));
    case 'replace':
      return fromHex(change.octets);
    case 'cut':
      return octets.slice(0, place(change.left));
    case 'insert':
      return spliced(octets, place(change.at), 0, fromHex(change.octets));
    case 'append':
      return concat(octets, fromHex(change.octets));
    case 'remove':
      return spliced(octets, place(change.at), change.count, new Uint8Array(0));
  }
}

function spliced(octets: Uint8Array, at: number, count: number, put: Uint8Array): Uint8Array {
  return concat(octets.subarray(0, at), put, octets.subarray(Math.min(octets.length, at + count)));
}
