import type { PrivateKey } from '../../../packages/crypto/src/index.ts';
import { type Certificate, type Credential, Pki, type PkiConfig } from '../../../packages/pki/src/index.ts';
import {
  type Authority,
  type CertificateFields,
  type IssuedExtensions,
  issueCertificate,
  type NameText,
} from '../../../packages/pki/src/issue/index.ts';
import { ecdsaKey, publicKeyOf, rsaKey } from '../../support/signing-keys.ts';
import { ENGINE } from './engines.ts';

export const DAY = 86_400_000;
/** When everything takes place. */
export const AT: number = Date.UTC(2026, 0, 15, 12);

type SigningKey = Parameters<typeof publicKeyOf>[0];

let serial = 0x1000;

function issue(
  authority: Authority,
  key: SigningKey,
  fields: Pick<CertificateFields, 'subject'> & Partial<CertificateFields>,
) {
  serial += 1;
  return issueCertificate(authority, {
    serial: serial.toString(16),
    key: publicKeyOf(key),
    notBefore: AT - 30 * DAY,
    notAfter: AT + 30 * DAY,
    ...fields,
  });
}

const CA: IssuedExtensions = { ca: true, keyUsage: ['keyCertSign', 'cRLSign'] };

/** An authority that signs itself. */
export function rootOf(subject: string, key: SigningKey): Authority & { readonly name: Certificate } {
  return { name: issue({ name: subject, key }, key, { subject, extensions: CA }), key };
}

/** One below another. */
export function authorityBelow(
  issuer: Authority,
  subject: string,
  key: SigningKey,
): Authority & { readonly name: Certificate } {
  return { name: issue(issuer, key, { subject, extensions: CA }), key };
}

export const MAIN_CA = rootOf('O=Example, CN=Main CA', ecdsaKey('P-256', 'one'));
export const OTHER_CA = rootOf('O=Example, CN=Other CA', ecdsaKey('P-256', 'other'));

/** Those of an initiator and of a responder. */
export const KEYS: Readonly<Record<'initiator' | 'responder', Extract<SigningKey, { kind: 'rsa' }>>> = {
  initiator: rsaKey('one'),
  responder: rsaKey('other'),
};

export interface Holder {
  readonly subject?: string;
  /** Default: `NAME.example`. */
  readonly names?: readonly NameText[];
  readonly key?: SigningKey;
  readonly issuer?: Authority;
  /** Certificates between that of the issuer and a trust anchor. */
  readonly issuers?: readonly Certificate[];
  readonly notBefore?: number;
  readonly notAfter?: number;
}

/** What somebody signs with, and a certificate of it. */
export function credentialOf(name: string, holder: Holder = {}): Credential & { readonly key: PrivateKey } {
  const {
    subject = subjectOf(name),
    names = [{ dns: `${name}.example` }],
    key = KEYS.initiator,
    issuer = MAIN_CA,
    issuers = [],
    ...dates
  } = holder;
  const extensions: IssuedExtensions = {
    keyUsage: ['digitalSignature'],
    ...(names.length === 0 ? {} : { subjectAltNames: names }),
  };
  return { certificate: issue(issuer, key, { subject, extensions, ...dates }), key, issuers };
}

function subjectOf(name: string): string {
  return `C=CH, O=Example, OU=Research, CN=${name}.example`;
}

/** Whom somebody trusts, and what they show. Revocation is asked for where there is something about it. */
export function pkiOf(credential: Credential | undefined, config: Partial<PkiConfig> = {}): Pki {
  return new Pki({
    trustAnchors: [MAIN_CA.name],
    credentials: credential === undefined ? [] : [credential],
    policy: { revocation: 'off' },
    engine: ENGINE,
    ...config,
  });
}
