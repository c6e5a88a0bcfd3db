import { nobleEngine, type PrivateKey } from '@espalier/crypto';
import type { Certificate } from '../certificate/certificate.ts';

/** Whether a private key is that of a certificate: what it signs, the certificate verifies. */
export function belongsTo(key: PrivateKey, { subjectKey }: Certificate): boolean {
  if (subjectKey.key === undefined || subjectKey.key.kind !== key.kind) return false;
  const { sign, verify } = nobleEngine().signatures;
  const hash = new Uint8Array(key.kind === 'rsa' ? 32 : HASH_OCTETS[key.curve]).fill(1);
  const signature = sign(key, hash);
  return signature !== undefined && verify(subjectKey.key, hash, signature);
}

/** What belongs to each curve (RFC 4754 §3). */
const HASH_OCTETS = { 'P-256': 32, 'P-384': 48, 'P-521': 64 } as const;
