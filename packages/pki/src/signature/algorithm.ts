import type { HashName } from '@espalier/crypto';
import { type Element, readObjectIdentifier, TAG } from '../der/element.ts';
import { encode, encodeObjectIdentifier } from '../der/encode.ts';

/** How something is signed (RFC 3279 §2.2, RFC 4055, RFC 5758). */
export interface SignatureAlgorithm {
  /** As OpenSSL and Junos name it; the object identifier for what is not known. */
  readonly name: string;
  /** Undefined for an algorithm that is not spoken here. */
  readonly parts: SignatureParts | undefined;
}

interface SignatureParts {
  readonly kind: 'rsa' | 'ecdsa';
  readonly hash: HashName;
}

/** What certificates, CRLs and OCSP responses may be signed with. */
export type SignatureAlgorithmName =
  | 'md5WithRSAEncryption'
  | 'sha1WithRSAEncryption'
  | 'sha256WithRSAEncryption'
  | 'sha384WithRSAEncryption'
  | 'sha512WithRSAEncryption'
  | 'ecdsa-with-SHA1'
  | 'ecdsa-with-SHA256'
  | 'ecdsa-with-SHA384'
  | 'ecdsa-with-SHA512';

const RSA = '1.2.840.113549.1.1';
const ECDSA = '1.2.840.10045.4';

const PARTS: Readonly<Record<SignatureAlgorithmName, SignatureParts & { readonly type: string }>> = {
  md5WithRSAEncryption: { type: `${RSA}.4`, kind: 'rsa', hash: 'md5' },
  sha1WithRSAEncryption: { type: `${RSA}.5`, kind: 'rsa', hash: 'sha1' },
  sha256WithRSAEncryption: { type: `${RSA}.11`, kind: 'rsa', hash: 'sha2-256' },
  sha384WithRSAEncryption: { type: `${RSA}.12`, kind: 'rsa', hash: 'sha2-384' },
  sha512WithRSAEncryption: { type: `${RSA}.13`, kind: 'rsa', hash: 'sha2-512' },
  'ecdsa-with-SHA1': { type: `${ECDSA}.1`, kind: 'ecdsa', hash: 'sha1' },
  'ecdsa-with-SHA256': { type: `${ECDSA}.3.2`, kind: 'ecdsa', hash: 'sha2-256' },
  'ecdsa-with-SHA384': { type: `${ECDSA}.3.3`, kind: 'ecdsa', hash: 'sha2-384' },
  'ecdsa-with-SHA512': { type: `${ECDSA}.3.4`, kind: 'ecdsa', hash: 'sha2-512' },
};
const BY_TYPE: ReadonlyMap<string, SignatureAlgorithm> = new Map(
  Object.entries(PARTS).map(([name, parts]) => [parts.type, { name, parts }]),
);

export function readSignatureAlgorithm(element: Element): SignatureAlgorithm {
  const fields = element.fields();
  const type = readObjectIdentifier(fields.next(TAG.objectIdentifier));
  if (!fields.isAtEnd) fields.any();
  fields.end();
  return BY_TYPE.get(type) ?? { name: type, parts: undefined };
}

/** As it stands in what is signed with it (RFC 4055 §5: with parameters NULL for RSA, without for ECDSA). */
export function encodeSignatureAlgorithm(name: SignatureAlgorithmName): Uint8Array {
  const { type, kind } = PARTS[name];
  return encode(TAG.sequence, encodeObjectIdentifier(type), kind === 'rsa' ? encode(TAG.null) : new Uint8Array());
}

/** The hash function of an algorithm. */
export function signatureHash(name: SignatureAlgorithmName): HashName {
  return PARTS[name].hash;
}
