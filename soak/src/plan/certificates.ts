import { nobleEngine, type Signatures } from '@espalier/crypto';
import { type Certificate, type Crl, Pki } from '@espalier/pki';
import { issueCertificate, issueCrl } from '@espalier/pki/issue';
import { toHex } from '@espalier/wire';
import { signingKey, verifyingKey } from './keys.ts';
import { domainOf } from './places.ts';

/** When worlds begin, in milliseconds since 1970. */
export const EPOCH: number = Date.UTC(2026, 0, 1);
const YEAR = 365 * 86_400_000;

const VALIDITY = { notBefore: EPOCH - YEAR, notAfter: EPOCH + YEAR };
const ROOT_NAME = 'O=Espalier, CN=Root of worlds';
const ISSUING_NAME = 'O=Espalier, CN=Issuing of worlds';
/** Everybody knows this key, and may issue with it. */
const KEY = signingKey(0);
const AUTHORITY = { ca: true, keyUsage: ['keyCertSign', 'cRLSign'] } as const;

interface Authorities {
  readonly root: Certificate;
  readonly issuing: Certificate;
  /** Of either: they have revoked something, but nobody of a world. */
  readonly crls: readonly Crl[];
}

let authorities: Authorities | undefined;
const pkis = new Map<number, Pki>();

/** What a site believes and shows: a certificate of its own below two of authorities, with real signatures. Made once. */
export function pkiOf(site: number): Pki {
  const pki = pkis.get(site) ?? makePki(site);
  pkis.set(site, pki);
  return pki;
}

function makePki(site: number): Pki {
  authorities ??= makeAuthorities();
  const { root, issuing, crls } = authorities;
  const certificate = issueCertificate(
    { name: ISSUING_NAME, key: KEY },
    {
      serial: `10${site.toString(16).padStart(2, '0')}`,
      subject: `O=Espalier, CN=${domainOf(site)}`,
      key: verifyingKey(0),
      ...VALIDITY,
      extensions: { keyUsage: ['digitalSignature'], subjectAltNames: [{ dns: domainOf(site) }] },
    },
  );
  return new Pki({
    trustAnchors: [root],
    crls,
    credentials: [{ certificate, key: KEY, issuers: [issuing] }],
    engine: { signatures: REMEMBERING },
  });
}

const NOBLE = nobleEngine().signatures;
const verdicts = new Map<string, boolean>();

/** The same few signatures are verified in every handshake: the second time it is known what came of it. */
const REMEMBERING: Signatures = {
  sign: NOBLE.sign,
  verify(key, octets, signature) {
    const point = key.kind === 'ecdsa' ? key.point : new Uint8Array();
    const asked = [point, octets, signature].map(toHex).join(' ');
    const verdict = verdicts.get(asked) ?? NOBLE.verify(key, octets, signature);
    verdicts.set(asked, verdict);
    return verdict;
  },
};

function makeAuthorities(): Authorities {
  const of = (serial: string, subject: string): Certificate =>
    issueCertificate(
      { name: ROOT_NAME, key: KEY },
      { serial, subject, key: verifyingKey(0), ...VALIDITY, extensions: AUTHORITY },
    );
  const [root, issuing] = [of('01', ROOT_NAME), of('02', ISSUING_NAME)];
  const crls = [root, issuing].map((name) =>
    issueCrl(
      { name, key: KEY },
      {
        thisUpdate: VALIDITY.notBefore,
        nextUpdate: VALIDITY.notAfter,
        number: 1,
        revoked: [{ serial: '0f', at: EPOCH }],
      },
    ),
  );
  return { root, issuing, crls };
}
