import { generateKeyPairSync } from 'node:crypto';
import { hash, type PrivateKey, type PublicKey } from '@espalier/crypto';
import { type Certificate, type Credential, type Crl, privateKeyFrom, publicKeyFrom } from '@espalier/pki';
import { issueCertificate, issueCrl } from '@espalier/pki/issue';

/** The day on which everything takes place, in milliseconds since 1970: the routers are switched on at noon. */
export const START: number = Date.UTC(2026, 0, 15, 12);

const DAY = 86_400_000;
const YEAR = 365 * DAY;
const NAME = 'C=us, O=juniper';

export interface KeyPair {
  readonly key: PrivateKey;
  readonly publicKey: PublicKey;
}

/** A router's certificate and the key to it, as `request security pki local-certificate enroll` brings it. */
export type Enrolled = Credential;

/** RSA of 2048 bits: Junos' 1024 are too few by now. */
export function generateKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    key: privateKeyFrom(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicKey: publicKeyFrom(publicKey.export({ type: 'spki', format: 'pem' })),
  };
}

/** The authority of the example, which is its own root: issues certificates to routers, and says which are revoked. */
export class Authority {
  readonly certificate: Certificate;
  readonly #keys: KeyPair;
  #issued = 0;
  #crls = 0;

  constructor(keys: KeyPair) {
    this.#keys = keys;
    this.certificate = issueCertificate(
      { name: NAME, key: keys.key },
      {
        serial: '43559235',
        subject: NAME,
        key: keys.publicKey,
        notBefore: START - 2 * YEAR,
        notAfter: START + 8 * YEAR,
        extensions: { ca: true, keyUsage: ['keyCertSign', 'cRLSign'], subjectKeyId: keyId(keys.publicKey) },
      },
    );
  }

  /** A certificate for a router by its host name. */
  enroll(hostName: string, { key, publicKey }: KeyPair): Enrolled {
    this.#issued += 1;
    const certificate = issueCertificate(this.#self, {
      serial: (0x4355_94f0 + this.#issued).toString(16),
      subject: `${NAME}, CN=${hostName}`,
      key: publicKey,
      notBefore: START - 30 * DAY,
      notAfter: START + YEAR,
      extensions: {
        keyUsage: ['digitalSignature'],
        subjectAltNames: [{ dns: hostName }],
        subjectKeyId: keyId(publicKey),
        authorityKeyId: keyId(this.#keys.publicKey),
        crlDistributionPoints: ['http://ca-1.example.com/CRL/juniper_us_crlfile.crl'],
      },
    });
    return { certificate, key };
  }

  /** The CRL of today, which is good until tomorrow. */
  crl(...revoked: readonly Enrolled[]): Crl {
    this.#crls += 1;
    return issueCrl(this.#self, {
      thisUpdate: START - DAY / 2,
      nextUpdate: START + DAY / 2,
      number: this.#crls,
      revoked: revoked.map(({ certificate }) => ({ serial: certificate.serial, at: START - DAY / 2 })),
    });
  }

  get #self() {
    return { name: this.certificate, key: this.#keys.key };
  }
}

/** RFC 5280 §4.2.1.2, from the octets of the modulus alone: any name will do that is the key's own. */
function keyId(key: PublicKey): Uint8Array {
  return hash('sha1', key.kind === 'rsa' ? key.modulus : key.point);
}
