import { toHex } from '../octets.ts';
import { VENDORS, type VendorMeaning } from './registry/vendors.ts';

/** Vendor IDs that together are an implementation's, though none of them says so: all of these, and none of those. */
interface Fingerprint {
  readonly name: string;
  readonly all: readonly string[];
  readonly none: readonly string[];
}

const [DRAFT_00, DRAFT_02, DRAFT_08] = [
  'draft-ietf-ipsec-nat-t-ike-00',
  'draft-ietf-ipsec-nat-t-ike-02',
  'draft-ietf-ipsec-nat-t-ike-08',
];

const FINGERPRINTS: readonly Fingerprint[] = [
  // macOS and iOS name every draft of NAT traversal up to the eighth.
  { name: 'macOS or iOS', all: [DRAFT_08, 'draft-ietf-ipsec-nat-t-ike', DRAFT_02], none: [] },
  // The racoon of Android names what it can of road warriors, and the drafts 02 and 00.
  { name: 'Android', all: [DRAFT_00, DRAFT_02, 'Cisco fragmentation'], none: [DRAFT_08, 'Cisco Unity', 'GSSAPI'] },
  { name: 'Cisco, or vpnc', all: ['Cisco Unity', 'XAuth'], none: [DRAFT_08] },
  { name: 'Cisco', all: ['Cisco Unity'], none: [DRAFT_08] },
];

/** What a vendor ID tells (RFC 2408 §3.16); undefined for one that is not known. */
export function vendorMeaning(data: Uint8Array): VendorMeaning | undefined {
  const hex = toHex(data);
  return VENDORS.find(({ prefix }) => hex.startsWith(prefix));
}

/** The implementation that sends these vendor IDs, as one of them says or all of them show; undefined where nothing tells. */
export function implementationOf(vendorIds: readonly Uint8Array[]): string | undefined {
  const meanings = vendorIds.flatMap((data) => vendorMeaning(data) ?? []);
  const named = meanings.find(({ isImplementation }) => isImplementation);
  if (named !== undefined) return named.name;
  const names = new Set(meanings.map(({ name }) => name));
  const shown = FINGERPRINTS.find(
    ({ all, none }) => all.every((name) => names.has(name)) && !none.some((name) => names.has(name)),
  );
  return shown?.name;
}
