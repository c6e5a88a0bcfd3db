/** The MACs of ESP, named with the bits of their ICVs. */
export type EspMac = 'hmac-md5-96' | 'hmac-sha1-96' | 'hmac-sha2-256-128' | 'hmac-sha2-384-192' | 'hmac-sha2-512-256';

/** One MAC: lengths in octets. */
export interface MacRow {
  readonly integrity: EspMac;
  readonly keyOctets: number;
  readonly icvOctets: number;
  /** MD5 (RFC 8221). */
  readonly legacy: boolean;
}

/** RFC 2403, RFC 2404, RFC 4868 §2.3. */
export const MACS: readonly MacRow[] = [
  { integrity: 'hmac-md5-96', keyOctets: 16, icvOctets: 12, legacy: true },
  { integrity: 'hmac-sha1-96', keyOctets: 20, icvOctets: 12, legacy: false },
  { integrity: 'hmac-sha2-256-128', keyOctets: 32, icvOctets: 16, legacy: false },
  { integrity: 'hmac-sha2-384-192', keyOctets: 48, icvOctets: 24, legacy: false },
  { integrity: 'hmac-sha2-512-256', keyOctets: 64, icvOctets: 32, legacy: false },
];
