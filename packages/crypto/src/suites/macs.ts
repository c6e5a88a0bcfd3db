import type { TransformSource } from './status.ts';

/** The MACs of ESP and AH, named with the bits of their ICVs. */
export type EspMac =
  | 'hmac-md5-96'
  | 'hmac-sha1-96'
  | 'hmac-sha2-256-128'
  | 'hmac-sha2-384-192'
  | 'hmac-sha2-512-256'
  | 'hmac-sha2-256-96'
  | 'aes-xcbc-96'
  | 'aes-cmac-96';

/** What an ICV comes from; `none` where there is none, and for an AEAD, which has its own. */
export type EspIntegrity = EspMac | 'none';

/** One MAC: lengths in octets. */
export interface MacRow<Integrity extends EspIntegrity = EspMac> extends TransformSource {
  readonly integrity: Integrity;
  readonly keyOctets: number;
  readonly icvOctets: number;
  /** MD5 (RFC 8221). */
  readonly legacy: boolean;
}

export const MACS: readonly MacRow[] = [
  {
    integrity: 'hmac-md5-96',
    keyOctets: 16,
    icvOctets: 12,
    legacy: true,
    reference: 'RFC 2403',
    status: 'must-not',
  },
  {
    integrity: 'hmac-sha1-96',
    keyOctets: 20,
    icvOctets: 12,
    legacy: false,
    reference: 'RFC 2404',
    status: 'must-minus',
  },
  {
    integrity: 'hmac-sha2-256-128',
    keyOctets: 32,
    icvOctets: 16,
    legacy: false,
    reference: 'RFC 4868',
    status: 'must',
  },
  {
    integrity: 'hmac-sha2-384-192',
    keyOctets: 48,
    icvOctets: 24,
    legacy: false,
    reference: 'RFC 4868',
    status: 'unlisted',
  },
  {
    integrity: 'hmac-sha2-512-256',
    keyOctets: 64,
    icvOctets: 32,
    legacy: false,
    reference: 'RFC 4868',
    status: 'should',
  },
  // What peers did before RFC 4868: its number in IKEv1 is that of HMAC-SHA2-256-128.
  {
    integrity: 'hmac-sha2-256-96',
    keyOctets: 32,
    icvOctets: 12,
    legacy: false,
    reference: 'draft-ietf-ipsec-ciph-sha-256-00',
    status: 'unlisted',
  },
  {
    integrity: 'aes-xcbc-96',
    keyOctets: 16,
    icvOctets: 12,
    legacy: false,
    reference: 'RFC 3566',
    status: 'may',
  },
  {
    integrity: 'aes-cmac-96',
    keyOctets: 16,
    icvOctets: 12,
    legacy: false,
    reference: 'RFC 4494',
    status: 'unlisted',
  },
];

/** Encryption alone (RFC 4303 §3.3.2.1), which nothing but AH around it can make good (RFC 8221 §4). */
export const NO_MAC: MacRow<'none'> = {
  integrity: 'none',
  keyOctets: 0,
  icvOctets: 0,
  legacy: false,
  reference: 'RFC 4303',
  status: 'must-not',
};
