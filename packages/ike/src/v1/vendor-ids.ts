import { type DecodedPayload, equalOctets, fromHex, VENDOR_ID, type VendorIdPayload } from '@espalier/wire';
import { all } from '../exchange/rules.ts';

/** `hex` is one of `VENDOR_ID`. */
export function vendorIdPayload(hex: string): VendorIdPayload {
  return { kind: 'vendor-id', data: fromHex(hex) };
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
