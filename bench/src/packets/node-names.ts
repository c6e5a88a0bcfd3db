import type { EspSuite } from '@espalier/crypto';

export type AeadName = 'aes-128-gcm' | 'chacha20-poly1305';

/** What node:crypto calls the parts of a suite. */
export type NodeNames =
  | { readonly kind: 'aead'; readonly cipher: AeadName }
  | { readonly kind: 'cbc'; readonly cipher: string; readonly hash: string }
  | { readonly kind: 'null'; readonly hash: string };

const HASHES: Readonly<Record<string, string>> = { 'hmac-sha1-96': 'sha1', 'hmac-sha2-256-128': 'sha256' };

/** @throws RangeError for a suite that is not in the benchmark. */
export function nodeNames(suite: EspSuite): NodeNames {
  const hash = HASHES[suite.integrity] ?? '';
  if (suite.own || suite.aead === (hash !== '')) throw new RangeError(`${suite.name} is not in the benchmark`);
  switch (suite.encryption) {
    case 'aes-gcm':
      return { kind: 'aead', cipher: 'aes-128-gcm' };
    case 'chacha20-poly1305':
      return { kind: 'aead', cipher: 'chacha20-poly1305' };
    case '3des-cbc':
      return { kind: 'cbc', cipher: 'des-ede3-cbc', hash };
    case 'aes-cbc':
      return { kind: 'cbc', cipher: 'aes-128-cbc', hash };
    case 'null':
      return { kind: 'null', hash };
    case 'des-cbc':
    case 'aes-ctr':
    case 'camellia-cbc':
    case 'aes-ccm':
    case 'aes-gmac':
      throw new RangeError(`${suite.name} is not in the benchmark`);
  }
}
