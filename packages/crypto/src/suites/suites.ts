import { AEADS, type AeadRow, type EspAead } from './aeads.ts';
import { CIPHERS, type CipherParts, type CipherRow, type EspCipher, type IvSource } from './ciphers.ts';
import { type EspIntegrity, MACS, type MacRow, NO_MAC } from './macs.ts';

/** All that encrypts, or does not. */
export type EspEncryption = EspCipher | EspAead;

/** What every suite has: all lengths in octets. */
export interface SuiteParts {
  /** For example `3des-cbc/hmac-sha1-96`, `aes-256-cbc/hmac-sha2-256-128`, `aes-128-gcm-16`, `null/hmac-sha1-96`. */
  readonly name: string;
  readonly encryptionKeyOctets: number;
  readonly saltOctets: number;
  readonly integrityKeyOctets: number;
  readonly ivOctets: number;
  readonly iv: IvSource;
  /** What the cipher takes at once: what it encrypts are whole blocks. 1 for a stream. */
  readonly cipherBlockOctets: number;
  /** What payload, padding, pad length and next header together must be a multiple of: at least 4 (RFC 4303 §2.4). */
  readonly alignmentOctets: number;
  readonly icvOctets: number;
  /**
   * Nobody can tell whether a packet was changed on its way, and what becomes of changed ones tells what is in them (RFC
   * 8221 §4). Only what has AH around it should be protected so; what is not asked for it by name refuses it.
   */
  readonly unauthenticated: boolean;
  /**
   * DES or MD5 (RFC 8221). The SAs of `@espalier/esp` take such a suite, for the caller names it; IKE and the gateway
   * refuse it unless their `allowLegacy` says otherwise.
   */
  readonly legacy: boolean;
}

/** A cipher, then a MAC over what it made, or none (RFC 4303 §3.3.2.1). */
export interface CipherMacSuite extends SuiteParts {
  readonly aead: false;
  readonly encryption: EspCipher;
  readonly integrity: EspIntegrity;
}

/** One algorithm for both (RFC 4303 §3.3.2.2). */
export interface AeadSuite extends SuiteParts {
  readonly aead: true;
  readonly encryption: EspAead;
  readonly integrity: 'none';
}

/** One way to protect ESP packets. */
export type EspSuite = CipherMacSuite | AeadSuite;

/** Every suite that authenticates: each cipher with each MAC, then the AEADs. */
export const ESP_SUITES: readonly EspSuite[] = [
  ...CIPHERS.flatMap((cipher) => MACS.map((mac) => cipherMacSuite(cipher, mac))),
  ...AEADS.map(aeadSuite),
];

/**
 * The ciphers without a MAC, for example `3des-cbc/none`: not AES-CTR, which must have one (RFC 3686 §3.3), and not NULL,
 * which would be no protection at all (RFC 4303 §3.2).
 */
export const UNAUTHENTICATED_SUITES: readonly EspSuite[] = CIPHERS.filter(({ iv }) => iv === 'unpredictable').map(
  (cipher) => cipherMacSuite(cipher, NO_MAC),
);

const BY_NAME: ReadonlyMap<string, EspSuite> = new Map(
  [...ESP_SUITES, ...UNAUTHENTICATED_SUITES].map((known) => [known.name, known]),
);

/**
 * The suite of that name: of a suite too, which may have been copied, only the name counts.
 * @throws RangeError for a name that is in neither `ESP_SUITES` nor `UNAUTHENTICATED_SUITES`, or for what has none.
 */
export function espSuite(suite: string | Pick<EspSuite, 'name'>): EspSuite {
  const name: unknown = typeof suite === 'string' ? suite : suite?.name;
  const known = findSuite(name);
  if (known === undefined) throw new RangeError(`suite '${String(name)}' is not known`);
  return known;
}

/** The suite of that name; undefined for what is none. */
export function findSuite(name: unknown): EspSuite | undefined {
  return typeof name === 'string' ? BY_NAME.get(name) : undefined;
}

function cipherMacSuite(cipher: CipherRow, mac: MacRow<EspIntegrity>): CipherMacSuite {
  return Object.freeze({
    ...partsOf(`${cipher.name}/${mac.integrity}`, cipher),
    aead: false,
    encryption: cipher.encryption,
    integrity: mac.integrity,
    integrityKeyOctets: mac.keyOctets,
    icvOctets: mac.icvOctets,
    unauthenticated: mac.icvOctets === 0,
    legacy: cipher.legacy || mac.legacy,
  });
}

function aeadSuite(row: AeadRow): AeadSuite {
  return Object.freeze({
    ...partsOf(row.name, row),
    aead: true,
    encryption: row.encryption,
    integrity: 'none',
    integrityKeyOctets: 0,
    icvOctets: row.icvOctets,
    unauthenticated: false,
    legacy: row.legacy,
  });
}

/** What a suite has of its cipher. */
type SuiteFront = Omit<SuiteParts, 'integrityKeyOctets' | 'icvOctets' | 'unauthenticated' | 'legacy'>;

function partsOf(name: string, cipher: CipherParts): SuiteFront {
  return {
    name,
    encryptionKeyOctets: cipher.keyOctets,
    saltOctets: cipher.saltOctets,
    ivOctets: cipher.ivOctets,
    iv: cipher.iv,
    cipherBlockOctets: cipher.blockOctets,
    alignmentOctets: Math.max(4, cipher.blockOctets),
  };
}
