import { type DecodedPayload, equalOctets, fromHex, type VendorIdPayload } from '@espalier/wire';
import { all } from '../exchange/rules.ts';

/** `hex` is one of `VENDOR_ID`. */
export function vendorIdPayload(hex: string): VendorIdPayload {
  return { kind: 'vendor-id', data: fromHex(hex) };
}

export function hasVendorId(payloads: readonly DecodedPayload[], hex: string): boolean {
  const wanted = fromHex(hex);
  return all(payloads, 'vendor-id').some(({ data }) => equalOctets(data, wanted));
}
