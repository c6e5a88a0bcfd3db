import type { AhGmac, AhSuite, EspAead, EspCipher, EspMac, EspSuite, OwnSuite } from '@espalier/crypto';
import { AH_TRANSFORM, AUTH_ALGORITHM, ESP_TRANSFORM, IPCOMP_TRANSFORM } from '@espalier/wire';
import type { IpcompSuite } from '../../sa/protections.ts';

/** How a suite is written as a transform (RFC 2407 §4.4.4 and §4.5). */
export interface TransformForm {
  readonly transform: number;
  /** In bits; for ciphers of variable key length only. */
  readonly keyLength: number | undefined;
  readonly authentication: number | undefined;
}

interface Cipher {
  readonly transform: number;
  readonly variableKey: boolean;
}

const CIPHERS: Readonly<Record<EspCipher, Cipher>> = {
  null: { transform: ESP_TRANSFORM.null, variableKey: false },
  'des-cbc': { transform: ESP_TRANSFORM.des, variableKey: false },
  '3des-cbc': { transform: ESP_TRANSFORM.tripleDes, variableKey: false },
  'aes-cbc': { transform: ESP_TRANSFORM.aesCbc, variableKey: true },
  'aes-ctr': { transform: ESP_TRANSFORM.aesCtr, variableKey: true },
  // RFC 4312 §4
  'camellia-cbc': { transform: ESP_TRANSFORM.camellia, variableKey: true },
};

/** By the octets of the ICV, which the transform says (RFC 4106 §8.2). ChaCha20-Poly1305 came with IKEv2 (RFC 7634 §5). */
const AEADS: Readonly<Record<EspAead, Readonly<Record<number, Cipher>>>> = {
  'aes-gcm': {
    8: { transform: ESP_TRANSFORM.aesGcm8, variableKey: true },
    12: { transform: ESP_TRANSFORM.aesGcm12, variableKey: true },
    16: { transform: ESP_TRANSFORM.aesGcm16, variableKey: true },
  },
  // RFC 4309 §7.2
  'aes-ccm': {
    8: { transform: ESP_TRANSFORM.aesCcm8, variableKey: true },
    12: { transform: ESP_TRANSFORM.aesCcm12, variableKey: true },
    16: { transform: ESP_TRANSFORM.aesCcm16, variableKey: true },
  },
  // RFC 4543 §9
  'aes-gmac': { 16: { transform: ESP_TRANSFORM.nullAuthAesGmac, variableKey: true } },
  'chacha20-poly1305': {},
};

const AUTHENTICATIONS: Readonly<Record<EspMac, number | undefined>> = {
  'hmac-md5-96': AUTH_ALGORITHM.hmacMd5,
  'hmac-sha1-96': AUTH_ALGORITHM.hmacSha1,
  'hmac-sha2-256-128': AUTH_ALGORITHM.hmacSha2_256,
  'hmac-sha2-384-192': AUTH_ALGORITHM.hmacSha2_384,
  'hmac-sha2-512-256': AUTH_ALGORITHM.hmacSha2_512,
  // Peers that truncate to 96 bits say no other number.
  'hmac-sha2-256-96': AUTH_ALGORITHM.hmacSha2_256,
  'aes-xcbc-96': AUTH_ALGORITHM.aesXcbcMac,
  // It came with IKEv2 (RFC 4494 §4).
  'aes-cmac-96': undefined,
};

/** The same as transforms and as attributes (RFC 4543 §9). */
const GMACS: Readonly<Record<AhGmac, number>> = { 'aes-128-gmac': 11, 'aes-192-gmac': 12, 'aes-256-gmac': 13 };

const AH_AUTHENTICATIONS: Readonly<Record<AhSuite['name'], number | undefined>> = { ...AUTHENTICATIONS, ...GMACS };

/** The transform and the attribute must say the same (RFC 2407 §4.4.3). CMAC came with IKEv2 (RFC 4494 §4). */
const AH_TRANSFORMS: Readonly<Record<AhSuite['name'], number | undefined>> = {
  'hmac-md5-96': AH_TRANSFORM.md5,
  'hmac-sha1-96': AH_TRANSFORM.sha1,
  'hmac-sha2-256-128': AH_TRANSFORM.sha2_256,
  'hmac-sha2-384-192': AH_TRANSFORM.sha2_384,
  'hmac-sha2-512-256': AH_TRANSFORM.sha2_512,
  'hmac-sha2-256-96': AH_TRANSFORM.sha2_256,
  'aes-xcbc-96': AH_TRANSFORM.aesXcbcMac,
  'aes-cmac-96': undefined,
  ...GMACS,
};

const COMPRESSIONS: Readonly<Record<IpcompSuite['name'], number>> = { deflate: IPCOMP_TRANSFORM.deflate };

/** Undefined for a suite that IKEv1 has no number for. */
export function ahTransformForm({ name }: AhSuite): TransformForm | undefined {
  const [transform, authentication] = [AH_TRANSFORMS[name], AH_AUTHENTICATIONS[name]];
  return transform === undefined ? undefined : { transform, keyLength: undefined, authentication };
}

export function ipcompTransformForm({ name }: IpcompSuite): TransformForm {
  return { transform: COMPRESSIONS[name], keyLength: undefined, authentication: undefined };
}

/** Undefined for a suite that IKEv1 has no number for. */
export function espTransformForm(suite: EspSuite): TransformForm | undefined {
  if (suite.own) return ownTransformForm(suite);
  // RFC 8750 is IKEv2's.
  if (suite.iv === 'implicit') return undefined;
  const cipher = suite.aead ? AEADS[suite.encryption][suite.icvOctets] : CIPHERS[suite.encryption];
  const authentication = suite.integrity === 'none' ? undefined : AUTHENTICATIONS[suite.integrity];
  // What has no MAC says so by leaving the attribute out (RFC 2407 §4.5).
  if (cipher === undefined || (suite.integrity !== 'none' && authentication === undefined)) return undefined;
  return {
    transform: cipher.transform,
    keyLength: cipher.variableKey ? suite.encryptionKeyOctets * 8 : undefined,
    authentication,
  };
}

/** By the numbers that whoever brought it gives it; a MAC of ours has its own. */
function ownTransformForm({ ikev1, aead, integrity, encryptionKeyOctets }: OwnSuite): TransformForm | undefined {
  if (ikev1 === undefined) return undefined;
  const authentication = ikev1.authentication ?? new Map(Object.entries(AUTHENTICATIONS)).get(integrity);
  if (!aead && authentication === undefined) return undefined;
  const { transform, keyLength = false } = ikev1;
  return { transform, keyLength: keyLength ? encryptionKeyOctets * 8 : undefined, authentication };
}
