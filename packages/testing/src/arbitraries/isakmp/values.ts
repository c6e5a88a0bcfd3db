import type { KeyExchangePayload, NatDiscoveryPayload, NoncePayload, VendorIdPayload } from '@espalier/wire';
import { fromHex, VENDOR_ID } from '@espalier/wire';
import fc from 'fast-check';
import { octets } from '../octets.ts';

/** Eight octets, not all of them zero (RFC 2408 §2.5.3). */
export const cookie: fc.Arbitrary<Uint8Array> = fc
  .tuple(octets(7), fc.integer({ min: 1, max: 0xff }))
  .map(([front, last]) => Uint8Array.of(...front, last));

/** 8 to 256 octets (RFC 2409 §5). */
export const nonce: fc.Arbitrary<NoncePayload> = fc
  .oneof(octets(16), octets(8, 256))
  .map((data) => ({ kind: 'nonce', data }));

/** Octets as long as the public value of a group of RFC 2409 §6, RFC 3526 or RFC 5903; of what they are no more is said. */
export const keyExchange: fc.Arbitrary<KeyExchangePayload> = fc
  .constantFrom(32, 64, 96, 128, 132, 192, 256, 384)
  .chain((length) => octets(length))
  .map((data) => ({ kind: 'ke', data }));

/** Vendor IDs that are known, and others (RFC 2408 §3.16). */
export const vendorId: fc.Arbitrary<VendorIdPayload> = fc
  .oneof(
    fc.constantFrom(...Object.values(VENDOR_ID)).map((hex) => fromHex(hex)),
    octets(1, 24),
  )
  .map((data) => ({ kind: 'vendor-id', data }));

/** The hashes of both ends, as long as the hash makes them (RFC 3947 §3.2). */
export const natDiscovery: fc.Arbitrary<readonly NatDiscoveryPayload[]> = fc
  .record({ type: fc.constantFrom(20 as const, 130 as const), length: fc.constantFrom(16, 20, 32) })
  .chain(({ type, length }) =>
    fc
      .tuple(octets(length), octets(length))
      .map((hashes) => hashes.map((hash) => ({ kind: 'nat-d', type, hash }) as const)),
  );
