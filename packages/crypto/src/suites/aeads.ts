import type { CipherParts } from './ciphers.ts';
import type { TransformStatus } from './status.ts';

/** The ciphers of ESP that have their own integrity; AES-GMAC encrypts nothing. */
export type EspAead = 'aes-gcm' | 'aes-ccm' | 'aes-gmac' | 'chacha20-poly1305';

/** One AEAD with one length of key and one of ICV, in octets. */
export interface AeadRow extends CipherParts {
  /** For example `aes-128-gcm-16`, whose ICV has 16 octets; `-iiv` for implicit IVs. */
  readonly name: string;
  readonly encryption: EspAead;
  readonly icvOctets: number;
}

/** The lengths of AES keys, in bits. */
const AES_BITS: readonly number[] = [128, 192, 256];
/** RFC 4106 §6, RFC 4309 §6. */
const ICV_OCTETS: readonly number[] = [8, 12, 16];

export const AEADS: readonly AeadRow[] = [
  ...aes((bits, icv) => `aes-${bits}-gcm-${icv}`, ICV_OCTETS, {
    encryption: 'aes-gcm',
    saltOctets: 4,
    reference: 'RFC 4106',
    listed: { 16: 'must' },
  }),
  // A salt of three octets (RFC 4309 §4).
  ...aes((bits, icv) => `aes-${bits}-ccm-${icv}`, ICV_OCTETS, {
    encryption: 'aes-ccm',
    saltOctets: 3,
    reference: 'RFC 4309',
    listed: { 8: 'should' },
  }),
  ...aes((bits) => `aes-${bits}-gmac`, [16], {
    encryption: 'aes-gmac',
    saltOctets: 4,
    reference: 'RFC 4543',
    listed: { 16: 'may' },
  }),
  chacha('chacha20-poly1305'),
  ...[
    ...aes((bits, icv) => `aes-${bits}-gcm-${icv}-iiv`, [16], {
      encryption: 'aes-gcm',
      saltOctets: 4,
      reference: 'RFC 8750',
      listed: {},
    }),
    ...aes((bits, icv) => `aes-${bits}-ccm-${icv}-iiv`, [8, 16], {
      encryption: 'aes-ccm',
      saltOctets: 3,
      reference: 'RFC 8750',
      listed: {},
    }),
    chacha('chacha20-poly1305-iiv'),
  ].map(implicit),
];

interface AesForm {
  readonly encryption: EspAead;
  readonly saltOctets: number;
  readonly reference: string;
  /** By the octets of the ICV; AES-192 may be had at most (RFC 8221 §5). */
  readonly listed: Readonly<Record<number, TransformStatus>>;
}

/** Every length of key with every one of ICV. */
function aes(
  name: (bits: number, icvOctets: number) => string,
  icvs: readonly number[],
  { encryption, saltOctets, reference, listed }: AesForm,
): AeadRow[] {
  return AES_BITS.flatMap((bits) =>
    icvs.map((icvOctets) => ({
      name: name(bits, icvOctets),
      encryption,
      keyOctets: bits / 8,
      saltOctets,
      ivOctets: 8,
      iv: 'sequence',
      blockOctets: 1,
      icvOctets,
      legacy: false,
      reference,
      status: bits === 192 && listed[icvOctets] !== undefined ? 'may' : (listed[icvOctets] ?? 'unlisted'),
    })),
  );
}

function chacha(name: string): AeadRow {
  return {
    name,
    encryption: 'chacha20-poly1305',
    keyOctets: 32,
    saltOctets: 4,
    ivOctets: 8,
    iv: 'sequence',
    blockOctets: 1,
    icvOctets: 16,
    legacy: false,
    reference: 'RFC 7634',
    status: 'should',
  };
}

/** The same, with IVs that are not sent (RFC 8750 §4). */
function implicit(row: AeadRow): AeadRow {
  return { ...row, ivOctets: 0, iv: 'implicit', reference: 'RFC 8750', status: 'unlisted' };
}
