import { hash, type PublicKey, type Signatures } from '@espalier/crypto';
import { concat } from '@espalier/wire';
import type { Signed } from '../certificate/certificate.ts';
import { DerFault, readElement, readUnsigned, TAG } from '../der/element.ts';
import { digestForCurve, digestInfo } from './digest.ts';
import { curveNamed } from './public-key.ts';

/** Whether `key` made the signature of a certificate, a CRL or an OCSP response. False for an algorithm of other keys. */
export function verifySigned({ data, algorithm, signature }: Signed, key: PublicKey, signatures: Signatures): boolean {
  const { parts } = algorithm;
  if (parts === undefined || parts.kind !== key.kind) return false;
  const digest = hash(parts.hash, data);
  if (key.kind === 'ecdsa') {
    const fixed = fixedWidth(signature, curveNamed(key.curve).fieldOctets);
    return fixed !== undefined && signatures.verify(key, digestForCurve(digest, key.curve), fixed);
  }
  return (['null', 'absent'] as const).some((parameters) =>
    signatures.verify(key, digestInfo(parts.hash, digest, parameters), signature),
  );
}

/** r | s, each as long as the order of the curve, of a Dss-Sig-Value (RFC 3279 §2.2.3). */
function fixedWidth(signature: Uint8Array, octets: number): Uint8Array | undefined {
  try {
    const fields = readElement(signature).fields();
    const numbers = [readUnsigned(fields.next(TAG.integer)), readUnsigned(fields.next(TAG.integer))];
    fields.end();
    if (numbers.some((number) => number.length > octets)) return undefined;
    return concat(...numbers.flatMap((number) => [new Uint8Array(octets - number.length), number]));
  } catch (error) {
    if (error instanceof DerFault) return undefined;
    throw error;
  }
}
