/** The ciphers of ESP known to the suite table. */
export type EspEncryption = 'null' | 'des-cbc' | '3des-cbc' | 'aes-cbc' | 'aes-gcm-16' | 'chacha20-poly1305';

/** The integrity algorithms of ESP, named with the bits of their ICVs where these are cut short; `none` for an AEAD. */
export type EspIntegrity =
  | 'none'
  | 'hmac-md5-96'
  | 'hmac-sha1-96'
  | 'hmac-sha2-256-128'
  | 'hmac-sha2-384-192'
  | 'hmac-sha2-512-256';

/** One way to protect ESP packets: all lengths in octets. */
export interface EspSuite {
  /** For example `3des-cbc/hmac-sha1-96`, `aes-256-cbc/hmac-sha2-256-128`, `aes-128-gcm-16`, `null/hmac-sha1-96`. */
  readonly name: string;
  readonly encryption: EspEncryption;
  readonly integrity: EspIntegrity;
  readonly aead: boolean;
  readonly encryptionKeyOctets: number;
  readonly saltOctets: number;
  readonly integrityKeyOctets: number;
  readonly ivOctets: number;
  /** What payload, padding, pad length and next header together must be a multiple of: at least 4 (RFC 4303 §2.4). */
  readonly blockOctets: number;
  readonly icvOctets: number;
  /**
   * DES or MD5 (RFC 8221). The SAs of `@espalier/esp` take such a suite, for the caller names it; IKE and the gateway
   * refuse it unless their `allowLegacy` says otherwise.
   */
  readonly legacy: boolean;
}

interface Cipher {
  readonly name: string;
  readonly encryption: EspEncryption;
  readonly keyOctets: number;
  readonly saltOctets: number;
  readonly ivOctets: number;
  readonly blockOctets: number;
  readonly legacy: boolean;
}

interface Mac {
  readonly integrity: EspIntegrity;
  readonly keyOctets: number;
  readonly icvOctets: number;
  readonly legacy: boolean;
}

/** RFC 2410, RFC 2405, RFC 2451, RFC 3602. */
const CIPHERS: readonly Cipher[] = [
  cipher('null', 'null', 0, 0, 4),
  { ...cipher('des-cbc', 'des-cbc', 8, 8, 8), legacy: true },
  cipher('3des-cbc', '3des-cbc', 24, 8, 8),
  cipher('aes-128-cbc', 'aes-cbc', 16, 16, 16),
  cipher('aes-192-cbc', 'aes-cbc', 24, 16, 16),
  cipher('aes-256-cbc', 'aes-cbc', 32, 16, 16),
];

/** RFC 2403, RFC 2404, RFC 4868 §2.3. */
const MACS: readonly Mac[] = [
  { integrity: 'hmac-md5-96', keyOctets: 16, icvOctets: 12, legacy: true },
  { integrity: 'hmac-sha1-96', keyOctets: 20, icvOctets: 12, legacy: false },
  { integrity: 'hmac-sha2-256-128', keyOctets: 32, icvOctets: 16, legacy: false },
  { integrity: 'hmac-sha2-384-192', keyOctets: 48, icvOctets: 24, legacy: false },
  { integrity: 'hmac-sha2-512-256', keyOctets: 64, icvOctets: 32, legacy: false },
];

/** RFC 4106, RFC 7634: four octets of salt, eight of IV, sixteen of ICV; a stream, aligned to 4 octets. */
const AEADS: readonly Cipher[] = [
  { ...cipher('aes-128-gcm-16', 'aes-gcm-16', 16, 8, 4), saltOctets: 4 },
  { ...cipher('aes-192-gcm-16', 'aes-gcm-16', 24, 8, 4), saltOctets: 4 },
  { ...cipher('aes-256-gcm-16', 'aes-gcm-16', 32, 8, 4), saltOctets: 4 },
  { ...cipher('chacha20-poly1305', 'chacha20-poly1305', 32, 8, 4), saltOctets: 4 },
];
const AEAD_ICV: Mac = { integrity: 'none', keyOctets: 0, icvOctets: 16, legacy: false };

/** Every suite, each cipher with each integrity algorithm, then the AEADs. */
export const ESP_SUITES: readonly EspSuite[] = [
  ...CIPHERS.flatMap((c) => MACS.map((mac) => suite(`${c.name}/${mac.integrity}`, c, mac))),
  ...AEADS.map((c) => suite(c.name, c, AEAD_ICV)),
];

const BY_NAME: ReadonlyMap<string, EspSuite> = new Map(ESP_SUITES.map((known) => [known.name, known]));

/**
 * The suite of that name: of a suite too, which may have been copied, only the name counts.
 * @throws RangeError for a name that is not in `ESP_SUITES`, or for what has none.
 */
export function espSuite(suite: string | Pick<EspSuite, 'name'>): EspSuite {
  const name: unknown = typeof suite === 'string' ? suite : suite?.name;
  const known = typeof name === 'string' ? BY_NAME.get(name) : undefined;
  if (known === undefined) throw new RangeError(`suite '${String(name)}' is not known`);
  return known;
}

function cipher(
  name: string,
  encryption: EspEncryption,
  keyOctets: number,
  ivOctets: number,
  blockOctets: number,
): Cipher {
  return { name, encryption, keyOctets, saltOctets: 0, ivOctets, blockOctets, legacy: false };
}

function suite(name: string, c: Cipher, mac: Mac): EspSuite {
  return Object.freeze({
    name,
    encryption: c.encryption,
    integrity: mac.integrity,
    aead: mac.integrity === 'none',
    encryptionKeyOctets: c.keyOctets,
    saltOctets: c.saltOctets,
    integrityKeyOctets: mac.keyOctets,
    ivOctets: c.ivOctets,
    blockOctets: c.blockOctets,
    icvOctets: mac.icvOctets,
    legacy: c.legacy || mac.legacy,
  });
}
