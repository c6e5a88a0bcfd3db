import { nobleEngine, type PrivateKey, type Signatures } from '@espalier/crypto';
import { fromHex } from '@espalier/wire';
import type { Certificate } from '../certificate/certificate.ts';
import { TAG } from '../der/element.ts';
import { encode } from '../der/encode.ts';
import { nameFromText } from '../name/distinguished-name.ts';
import { encodeSignatureAlgorithm, type SignatureAlgorithmName } from '../signature/algorithm.ts';
import { signatureNameFor, signWith } from '../signature/sign.ts';

/** Who issues: a certificate of an authority, or the name of one that has none yet; and its private key. */
export interface Authority {
  readonly name: Certificate | string;
  readonly key: PrivateKey;
  /** Makes the signatures. Default: `nobleEngine()`. */
  readonly signatures?: Signatures;
  /** Default: SHA-256 with RSA, the hash of its curve with ECDSA. */
  readonly algorithm?: SignatureAlgorithmName;
}

/** Its name in DER. @throws RangeError for a text that is no name. */
export function authorityName({ name }: Authority): Uint8Array {
  return typeof name === 'string' ? nameFromText(name).octets : name.subject.octets;
}

/** The AlgorithmIdentifier of what it signs. */
export function authorityAlgorithm({ key, algorithm }: Authority): Uint8Array {
  return encodeSignatureAlgorithm(algorithm ?? signatureNameFor(key));
}

/** What is signed, the algorithm and the signature, in one SEQUENCE, and what comes behind. @throws RangeError for a key with a fault. */
export function seal(authority: Authority, tbs: Uint8Array, ...behind: readonly Uint8Array[]): Uint8Array {
  const { key, signatures = nobleEngine().signatures, algorithm = signatureNameFor(key) } = authority;
  const signature = signWith(algorithm, tbs, key, signatures);
  if (signature === undefined) throw new RangeError('authority.key: signs nothing');
  const bits = encode(TAG.bitString, Uint8Array.of(0), signature);
  return encode(TAG.sequence, tbs, authorityAlgorithm(authority), bits, ...behind);
}

/** A serial number in hexadecimal, two's complement, as an INTEGER. */
export function encodeSerial(serial: string): Uint8Array {
  return encode(TAG.integer, fromHex(serial));
}
