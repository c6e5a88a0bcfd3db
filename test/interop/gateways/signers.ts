import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SignatureMethod } from '@espalier/ike';
import { type Certificate, privateKeyFrom, publicKeyFrom, writePem } from '@espalier/pki';
import { type Authority, issueCertificate, issueCrl } from '@espalier/pki/issue';
import type { GatewayRouter } from '../machine/network.ts';

const CURVES = { 'ecdsa-256': 'P-256', 'ecdsa-384': 'P-384', 'ecdsa-521': 'P-521' } as const;
const ROUTERS: readonly GatewayRouter[] = ['R2', 'R3'];
const DAY = 86_400_000;

/** Who an end says it is: the name in its certificate. */
export function nameOf(router: GatewayRouter): string {
  return `${router.toLowerCase()}.example.net`;
}

/**
 * A folder with an authority (`ca.pem`, `ca.crl`), and of each end its certificate and key (`R2.pem`, `R2.key`), for
 * signatures of a method: made once in a run.
 */
export function signersIn(runFolder: string, method: SignatureMethod): string {
  const folder = join(runFolder, `signers-${method}`);
  if (existsSync(join(folder, 'ca.crl'))) return folder;
  mkdirSync(folder, { recursive: true });
  const now = Date.now();
  const validity = { notBefore: now - DAY, notAfter: now + 30 * DAY };
  const write = (file: string, { octets }: Pick<Certificate, 'octets'>): void =>
    writeFileSync(join(folder, file), writePem(file.endsWith('.crl') ? 'X509 CRL' : 'CERTIFICATE', octets));

  const rootKeys = keyPair(method);
  const root = issueCertificate(
    { name: 'O=Example, CN=Laboratory', key: rootKeys.key },
    {
      serial: '01',
      subject: 'O=Example, CN=Laboratory',
      key: rootKeys.publicKey,
      ...validity,
      extensions: { ca: true, keyUsage: ['keyCertSign', 'cRLSign'] },
    },
  );
  const authority: Authority = { name: root, key: rootKeys.key };
  write('ca.pem', root);
  for (const [i, router] of ROUTERS.entries()) {
    const { publicKey, text } = keyPair(method);
    const extensions = { keyUsage: ['digitalSignature'] as const, subjectAltNames: [{ dns: nameOf(router) }] };
    const subject = `O=Example, CN=${nameOf(router)}`;
    write(
      `${router}.pem`,
      issueCertificate(authority, { serial: `0${i + 2}`, subject, key: publicKey, ...validity, extensions }),
    );
    writeFileSync(join(folder, `${router}.key`), text, { mode: 0o600 });
  }
  write('ca.crl', issueCrl(authority, { thisUpdate: now - DAY, nextUpdate: now + 7 * DAY }));
  return folder;
}

function keyPair(method: SignatureMethod) {
  const { privateKey, publicKey } =
    method === 'rsa-signature'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: CURVES[method] });
  const text = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    text,
    key: privateKeyFrom(text),
    publicKey: publicKeyFrom(publicKey.export({ type: 'spki', format: 'pem' }).toString()),
  };
}
