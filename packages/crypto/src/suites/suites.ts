import { AEADS, type AeadRow, type EspAead } from './aeads.ts';
import { CIPHERS, type CipherParts, type CipherRow, type EspCipher } from './ciphers.ts';
import { type EspIntegrity, MACS, type MacRow, NO_MAC } from './macs.ts';
import type { OwnSuite } from './own.ts';
import { isOwnSuite } from './own-registry.ts';
import type { SuiteParts } from './parts.ts';

/** All that encrypts, or does not. */
export type EspEncryption = EspCipher | EspAead;

/** A cipher, then a MAC over what it made, or none (RFC 4303 §3.3.2.1). */
export interface CipherMacSuite extends SuiteParts {
  readonly own: false;
  readonly aead: false;
  readonly encryption: EspCipher;
  readonly integrity: EspIntegrity;
}

/** One algorithm for both (RFC 4303 §3.3.2.2). */
export interface AeadSuite extends SuiteParts {
  readonly own: false;
  readonly aead: true;
  readonly encryption: EspAead;
  readonly integrity: 'none';
}

/** One way to protect ESP packets that is in the table. */
export type TableSuite = CipherMacSuite | AeadSuite;

/** One way to protect ESP packets: in the table, or with a part that a caller brought. */
export type EspSuite = TableSuite | OwnSuite;

/** Every suite that authenticates: each cipher with each MAC, then the AEADs. */
export const ESP_SUITES: readonly TableSuite[] = [
  ...CIPHERS.flatMap((cipher) => MACS.map((mac) => cipherMacSuite(cipher, mac))),
  ...AEADS.map(aeadSuite),
];

/**
 * The ciphers without a MAC, for example `3des-cbc/none`: not AES-CTR, which must have one (RFC 3686 §3.3), and not NULL,
 * which would be no protection at all (RFC 4303 §3.2).
 */
export const UNAUTHENTICATED_SUITES: readonly TableSuite[] = CIPHERS.filter(({ iv }) => iv === 'unpredictable').map(
  (cipher) => cipherMacSuite(cipher, NO_MAC),
);

const BY_NAME: ReadonlyMap<string, TableSuite> = new Map(
  [...ESP_SUITES, ...UNAUTHENTICATED_SUITES].map((known) => [known.name, known]),
);

/**
 * The suite of that name: of a suite too, which may have been copied, only the name counts; but what `defineSuite` made is
 * itself.
 * @throws RangeError for a name that is in neither `ESP_SUITES` nor `UNAUTHENTICATED_SUITES`, or for what has none.
 */
export function espSuite(suite: string | Pick<EspSuite, 'name'>): EspSuite {
  if (isOwnSuite(suite)) return suite;
  const name: unknown = typeof suite === 'string' ? suite : suite?.name;
  const known = findSuite(name);
  if (known === undefined) throw new RangeError(`suite '${String(name)}' is not known`);
  return known;
}

/** The suite of that name; undefined for what is none. */
export function findSuite(name: unknown): TableSuite | undefined {
  return typeof name === 'string' ? BY_NAME.get(name) : undefined;
}

function cipherMacSuite(cipher: CipherRow, mac: MacRow<EspIntegrity>): CipherMacSuite {
  return Object.freeze({
    ...partsOf(`${cipher.name}/${mac.integrity}`, cipher),
    own: false,
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
    own: false,
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
