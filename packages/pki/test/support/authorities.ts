import type { PrivateKey, PublicKey } from '@espalier/crypto';
import type { Certificate as CertificatePayload } from '@espalier/ike';
import { type Certificate, certificatePayloads, Pki, type PkiConfig, type Verdict } from '@espalier/pki';
import { type Authority, type CertificateFields, type IssuedExtensions, issueCertificate } from '@espalier/pki/issue';
import { fqdnId, type Identification } from '@espalier/wire';
import { ecdsaKey, publicKeyOf, rsaKey } from '../../../../test/support/signing-keys.ts';

export const DAY = 86_400_000;
/** The day on which all tests take place. */
export const AT: number = Date.UTC(2026, 0, 15, 12);
export const NAME = 'router2.example.com';

/** Keys of the curves are the quickest; those of RSA are there to be looked at. */
export const KEYS = {
  root: ecdsaKey('P-256', 'one'),
  issuing: ecdsaKey('P-256', 'other'),
  leaf: ecdsaKey('P-384', 'one'),
  other: ecdsaKey('P-384', 'other'),
  rsa: rsaKey('one'),
  short: rsaKey('short'),
};

export const publicKey = (key: PrivateKey): PublicKey => publicKeyOf(key);

type Given = Partial<Omit<CertificateFields, 'key' | 'extensions'>> & {
  readonly key?: PrivateKey;
  readonly publicKey?: PublicKey;
  readonly extensions?: IssuedExtensions;
};

let serials = 0;

/** A certificate for IKE, but for what is given otherwise. */
export function issue(authority: Authority, { key = KEYS.leaf, publicKey: given, ...fields }: Given = {}): Certificate {
  serials += 1;
  return issueCertificate(authority, {
    serial: (0x1000 + serials).toString(16),
    subject: `O=Example, CN=${NAME}`,
    key: given ?? publicKeyOf(key),
    notBefore: AT - 30 * DAY,
    notAfter: AT + 30 * DAY,
    extensions: { keyUsage: ['digitalSignature'], subjectAltNames: [{ dns: NAME }] },
    ...fields,
  });
}

const AUTHORITY: IssuedExtensions = { ca: true, keyUsage: ['keyCertSign', 'cRLSign'] };

export function issueAuthority(
  authority: Authority,
  subject: string,
  key: PrivateKey,
  extensions: IssuedExtensions = {},
  fields: Given = {},
): Certificate {
  return issue(authority, { subject, key, ...fields, extensions: { ...AUTHORITY, ...extensions } });
}

/** A trust anchor with the extensions of one, or others. */
export function issueRoot(extensions: IssuedExtensions = {}, fields: Given = {}): Certificate {
  const subject = 'O=Example, CN=Root';
  return issueAuthority({ name: subject, key: KEYS.root }, subject, KEYS.root, extensions, fields);
}

export const ROOT: Certificate = issueRoot();
export const BY_ROOT: Authority = { name: ROOT, key: KEYS.root };
export const ISSUING: Certificate = issueAuthority(BY_ROOT, 'O=Example, CN=Issuing', KEYS.issuing);
export const BY_ISSUING: Authority = { name: ISSUING, key: KEYS.issuing };

/** What is said of a chain, the end entity first, without revocation unless it is asked for. */
export function verify(
  chain: readonly Certificate[],
  {
    identity = fqdnId(NAME),
    at = AT,
    payloads,
    ...config
  }: Partial<PkiConfig> & {
    readonly identity?: Identification;
    readonly at?: number;
    readonly payloads?: readonly CertificatePayload[];
  } = {},
): Verdict {
  const pki = new Pki({ trustAnchors: [ROOT], policy: { revocation: 'off' }, ...config });
  return pki.verifyChain(at, { identity, certificates: payloads ?? certificatePayloads(chain) });
}

/** 'ok', or the reason. */
export function reasonOf(verdict: Verdict): string {
  return verdict.ok ? 'ok' : verdict.refusal.reason;
}
