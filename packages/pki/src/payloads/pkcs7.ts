import type { OwnOctets } from '@espalier/wire';
import { type Certificate, type Reading, reading } from '../certificate/certificate.ts';
import { OID } from '../certificate/object-identifiers.ts';
import { contextTag, type Element, fault, readObjectIdentifier, TAG } from '../der/element.ts';
import { encode, encodeObjectIdentifier } from '../der/encode.ts';
import { CERTIFICATES_MOST, FILE_OCTETS_MOST } from '../limits.ts';

/** Certificates and CRLs of a SignedData (RFC 2315 §9.1, RFC 5652 §5.1), each in DER. Its signers are nobody's business. */
export interface Pkcs7 {
  readonly certificates: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
}

/** @throws TypeError unless `octets` are a Uint8Array; for what they say it never throws. */
export function readPkcs7(octets: Uint8Array): Reading<Pkcs7> {
  return reading(octets, FILE_OCTETS_MOST, parsePkcs7);
}

/** A SignedData with these certificates in this order and no signer, in DER. */
export function writePkcs7(certificates: readonly Certificate[]): OwnOctets {
  const content = encode(
    TAG.sequence,
    encode(TAG.integer, Uint8Array.of(1)),
    encode(TAG.set),
    encode(TAG.sequence, encodeObjectIdentifier(OID.data)),
    // Not sorted as a SET OF would be: the end entity is the first.
    encode(contextTag(0), ...certificates.map((certificate) => certificate.octets)),
    encode(TAG.set),
  );
  return encode(TAG.sequence, encodeObjectIdentifier(OID.signedData), encode(contextTag(0), content));
}

function parsePkcs7(element: Element): Pkcs7 {
  const info = element.fields();
  if (readObjectIdentifier(info.next(TAG.objectIdentifier)) !== OID.signedData) fault('no SignedData');
  const fields = info.next(contextTag(0)).inner().fields();
  info.end();
  fields.next(TAG.integer);
  fields.next(TAG.set);
  fields.next(TAG.sequence);
  // One more than is taken of a peer, so that there it is told that there are too many.
  const certificates = fields.optional(contextTag(0))?.list(contextTag(0), CERTIFICATES_MOST + 1) ?? [];
  const crls = fields.optional(contextTag(1))?.list(contextTag(1), CERTIFICATES_MOST + 1) ?? [];
  return {
    // Others than X.509 certificates, which have context-specific tags, are passed over (RFC 5652 §10.2.2).
    certificates: certificates.filter(({ tag }) => tag === TAG.sequence).map(({ octets }) => octets),
    crls: crls.filter(({ tag }) => tag === TAG.sequence).map(({ octets }) => octets),
  };
}
