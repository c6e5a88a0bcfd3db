export { type LeanParts, leanEngine } from './engine.ts';
export { aesCbc, aesGcm, chaCha20Poly1305, hmacSha1, hmacSha256 } from './parts.ts';
