import type { PublicKey, SignatureCurve } from '@espalier/crypto';
import { concat } from '@espalier/wire';
import { OID } from '../certificate/object-identifiers.ts';
import {
  type Element,
  fault,
  readElement,
  readObjectIdentifier,
  readUnsigned,
  readWholeBits,
  TAG,
} from '../der/element.ts';
import { encode, encodeObjectIdentifier, encodeUnsigned } from '../der/encode.ts';

interface Curve {
  readonly name: SignatureCurve;
  readonly type: string;
  readonly fieldOctets: number;
}

const CURVES: readonly Curve[] = [
  { name: 'P-256', type: '1.2.840.10045.3.1.7', fieldOctets: 32 },
  { name: 'P-384', type: '1.3.132.0.34', fieldOctets: 48 },
  { name: 'P-521', type: '1.3.132.0.35', fieldOctets: 66 },
];

export function curveOfType(type: string): Curve | undefined {
  return CURVES.find((curve) => curve.type === type);
}

export function curveNamed(name: SignatureCurve): Curve {
  return CURVES.find((curve) => curve.name === name) ?? fault('a curve that is none');
}

/** A SubjectPublicKeyInfo (RFC 5280 §4.1.2.7); `key` is undefined for an algorithm or a curve that is not spoken here. */
export interface SubjectKey {
  readonly algorithm: string;
  readonly key: PublicKey | undefined;
  /** The contents of subjectPublicKey: what key identifiers and OCSP hash. */
  readonly bits: Uint8Array;
  /** In DER. */
  readonly octets: Uint8Array;
}

export function readSubjectKey(element: Element): SubjectKey {
  const fields = element.fields();
  const algorithmFields = fields.next(TAG.sequence).fields();
  const bits = readWholeBits(fields.next(TAG.bitString));
  fields.end();
  const algorithm = readObjectIdentifier(algorithmFields.next(TAG.objectIdentifier));
  const parameters = algorithmFields.isAtEnd ? undefined : algorithmFields.any();
  algorithmFields.end();
  return { algorithm, key: readKey(algorithm, parameters, bits), bits, octets: element.octets };
}

/** RSAPublicKey (RFC 8017 Appendix A.1.1). */
export function readRsaPublicKey(octets: Uint8Array): PublicKey {
  const fields = readElement(octets).fields();
  const modulus = readUnsigned(fields.next(TAG.integer));
  const exponent = readUnsigned(fields.next(TAG.integer));
  fields.end();
  return { kind: 'rsa', modulus, exponent };
}

/** The SubjectPublicKeyInfo of a key, in DER. */
export function encodeSubjectKey(key: PublicKey): Uint8Array {
  if (key.kind === 'rsa') {
    const bits = encode(TAG.sequence, encodeUnsigned(key.modulus), encodeUnsigned(key.exponent));
    return subjectKeyInfo(concat(encodeObjectIdentifier(OID.rsaEncryption), encode(TAG.null)), bits);
  }
  const { type } = curveNamed(key.curve);
  return subjectKeyInfo(concat(encodeObjectIdentifier(OID.ecPublicKey), encodeObjectIdentifier(type)), key.point);
}

function subjectKeyInfo(algorithm: Uint8Array, bits: Uint8Array): Uint8Array {
  return encode(TAG.sequence, encode(TAG.sequence, algorithm), encode(TAG.bitString, Uint8Array.of(0), bits));
}

function readKey(algorithm: string, parameters: Element | undefined, bits: Uint8Array): PublicKey | undefined {
  if (algorithm === OID.rsaEncryption) return readRsaPublicKey(bits);
  if (algorithm !== OID.ecPublicKey || parameters?.tag !== TAG.objectIdentifier) return undefined;
  const curve = curveOfType(readObjectIdentifier(parameters));
  // Compressed points (RFC 5480 §2.2) are optional, and in no certificate that IKE peers have.
  if (curve === undefined || bits[0] !== 4) return undefined;
  if (bits.length !== 1 + 2 * curve.fieldOctets) fault('a point of another length');
  return { kind: 'ecdsa', curve: curve.name, point: bits };
}
