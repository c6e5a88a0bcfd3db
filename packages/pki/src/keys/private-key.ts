import type { PrivateKey } from '@espalier/crypto';
import { copySecret, wipe } from '@espalier/crypto';
import { type Reading, reading } from '../certificate/certificate.ts';
import { OID } from '../certificate/object-identifiers.ts';
import {
  contextTag,
  type Element,
  fault,
  readElement,
  readObjectIdentifier,
  readOctetString,
  readSmall,
  readUnsigned,
  TAG,
} from '../der/element.ts';
import { CERTIFICATE_OCTETS_MOST } from '../limits.ts';
import { curveOfType } from '../signature/public-key.ts';

/** PrivateKeyInfo of PKCS#8 (RFC 5208 §5, RFC 5958), RSAPrivateKey of PKCS#1 (RFC 8017 A.1.2) or ECPrivateKey of SEC 1 (RFC 5915), in DER. */
export function readPrivateKey(octets: Uint8Array): Reading<PrivateKey> {
  return reading(octets, CERTIFICATE_OCTETS_MOST, (element) => {
    try {
      return parseKey(element);
    } finally {
      // The reader's own copy of the file.
      wipe(element.octets);
    }
  });
}

function parseKey(element: Element): PrivateKey {
  const fields = element.fields();
  const version = readSmall(fields.next(TAG.integer));
  const second = fields.any();
  if (second.tag === TAG.sequence) return readPkcs8(second, fields.next(TAG.octetString));
  if (second.tag === TAG.octetString && version === 1) return readEc(element, undefined);
  return readRsa(element);
}

function readPkcs8(algorithm: Element, key: Element): PrivateKey {
  const fields = algorithm.fields();
  const type = readObjectIdentifier(fields.next(TAG.objectIdentifier));
  const inner = readElement(readOctetString(key));
  if (type === OID.rsaEncryption) return readRsa(inner);
  if (type === OID.ecPublicKey) return readEc(inner, readObjectIdentifier(fields.next(TAG.objectIdentifier)));
  return fault(`a key of algorithm ${type}`);
}

function readRsa(element: Element): PrivateKey {
  const fields = element.fields();
  if (readSmall(fields.next(TAG.integer)) !== 0) fault('an RSA key of more than two primes');
  const next = () => copySecret('key', readUnsigned(fields.next(TAG.integer)));
  const [modulus, exponent, privateExponent, prime1, prime2] = [next(), next(), next(), next(), next()];
  const [exponent1, exponent2, coefficient] = [next(), next(), next()];
  fields.end();
  return { kind: 'rsa', modulus, exponent, privateExponent, prime1, prime2, exponent1, exponent2, coefficient };
}

/** The curve stands in the key itself, or in the PKCS#8 around it. */
function readEc(element: Element, type: string | undefined): PrivateKey {
  const fields = element.fields();
  if (readSmall(fields.next(TAG.integer)) !== 1) fault('no ECPrivateKey');
  const scalar = readOctetString(fields.next(TAG.octetString));
  const parameters = fields.optional(contextTag(0));
  const curveType = type ?? (parameters === undefined ? '' : readObjectIdentifier(parameters.inner()));
  const curve = curveOfType(curveType) ?? fault(`a key on curve ${curveType || 'of no name'}`);
  if (scalar.length !== curve.fieldOctets) fault('a private key of another length than its curve has');
  return { kind: 'ecdsa', curve: curve.name, scalar: copySecret('key', scalar) };
}
