import { type DecodedPayload, equalOctets, fromHex, VENDOR_ID, type VendorIdPayload } from '@espalier/wire';
import { all } from '../exchange/rules.ts';

const FRAGMENTATION = fromHex(VENDOR_ID.ciscoFragmentation);

/** Says that fragments are taken, as most say it: with flags. */
export const TAKES_FRAGMENTS: string = `${VENDOR_ID.ciscoFragmentation}80000000`;

/** `hex` is one of `VENDOR_ID`. */
export function vendorIdPayload(hex: string): VendorIdPayload {
  return { kind: 'vendor-id', data: fromHex(hex) };
}

/** Whether a vendor ID says that fragments are taken: alone, or with flags of which the highest is set. */
export function takesFragments(vendorId: Uint8Array): boolean {
  const [name, flags] = [vendorId.subarray(0, FRAGMENTATION.length), vendorId.subarray(FRAGMENTATION.length)];
  const isSaid = flags.length === 0 || (flags.length === 4 && ((flags[0] ?? 0) & 0x80) !== 0);
  return isSaid && equalOctets(name, FRAGMENTATION);
}

export function hasVendorId(payloads: readonly DecodedPayload[], hex: string): boolean {
  const wanted = fromHex(hex);
  return all(payloads, 'vendor-id').some(({ data }) => equalOctets(data, wanted));
}

/** Two octets of version follow what says that it is Cisco's Unity. */
const UNITY: Uint8Array = fromHex(VENDOR_ID.ciscoUnity).subarray(0, 14);

/** Whether the peer speaks of Cisco's Unity, of whatever version. */
export function hasUnity(payloads: readonly DecodedPayload[]): boolean {
  return all(payloads, 'vendor-id').some(({ data }) => data.length === 16 && equalOctets(data.subarray(0, 14), UNITY));
}
