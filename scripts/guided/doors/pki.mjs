// What comes in DER.
import { createPrivateKey } from 'node:crypto';

/** Milliseconds since 1970. */
const AT = 1_800_000_000_000;
const DAY = 86_400_000;

export function pkiDoors(modules) {
  const { pki } = modules;
  const seeds = seedsOf(modules);
  const readers = {
    certificate: pki.readCertificate,
    crl: pki.readCrl,
    ocsp: pki.readOcspResponse,
    pkcs7: pki.readPkcs7,
    'private-key': pki.readPrivateKey,
  };
  return Object.entries(readers).map(([name, read]) => ({
    name: `pki ${name}`,
    seeds: seeds[name],
    run: (octets) => read(octets).ok,
  }));
}

function seedsOf({ pki, issue, certificates, sample }) {
  const authority = { name: 'O=Espalier, CN=Root', key: certificates.PEER_KEYS.key };
  const octets = () => sample(certificates.certificate(AT), 6);
  const read = () => octets().map((one) => pki.readCertificate(one).value);
  return {
    certificate: octets,
    crl: () => [
      issue.issueCrl(authority, { thisUpdate: AT }).octets,
      issue.issueCrl(authority, { thisUpdate: AT, nextUpdate: AT + DAY, revoked: [{ serial: '05', at: AT - DAY }] })
        .octets,
    ],
    ocsp: () => {
      const certificate = issue.issueCertificate(authority, {
        ...{ serial: '05', subject: 'CN=peer', key: certificates.PEER_KEYS.publicKey },
        ...{ notBefore: AT - DAY, notAfter: AT + DAY },
      });
      const statuses = ['good', 'unknown', { revokedAt: AT - DAY }, { revokedAt: AT - DAY, isOnHold: true }];
      return statuses.map((status, i) => {
        const times = { thisUpdate: AT, ...(i % 2 === 0 ? {} : { nextUpdate: AT + DAY }) };
        const along = i === 0 ? [certificate] : [];
        const fields = { certificate, issuer: certificate, status, certificates: along, ...times };
        return issue.issueOcspResponse(authority, fields).octets;
      });
    },
    pkcs7: () => read().map((one) => pki.writePkcs7([one])),
    'private-key': privateKeys,
  };
}

/** A key that everybody knows, by itself (RFC 5915) and in PKCS#8; and an RSA key of small numbers, which nothing can be done with. */
function privateKeys() {
  const curve = [0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
  const sec1 = Uint8Array.of(0x30, 0x31, 2, 1, 1, 4, 32, ...new Uint8Array(32).fill(3), ...curve);
  const key = createPrivateKey({ key: Buffer.from(sec1), format: 'der', type: 'sec1' });
  const pkcs8 = new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }));
  const rsa = Uint8Array.of(0x30, 27, 2, 1, 0, ...Array.from({ length: 8 }, (_, i) => [2, 1, i + 3]).flat());
  return [sec1, pkcs8, rsa];
}
