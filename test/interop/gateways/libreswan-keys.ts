import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicKeyFrom } from '@espalier/pki';
import { must } from '../machine/command.ts';
import { check } from '../machine/failures.ts';
import type { GatewayRouter } from '../machine/network.ts';
import type { Signers } from './signers.ts';
import { nameOf, type Signing } from './signing.ts';

/** Of a file on its way into the database. */
const PASSWORD = 'laboratory';

/** Whose keys libreswan's are to be, and where it keeps them. */
export interface LibreswanKeys {
  readonly signing: Signing;
  readonly signers: Signers;
  readonly router: GatewayRouter;
}

/** Fills an NSS database: its own key, and the certificates and CRLs that it is to know. */
export async function fillNssDatabase(
  nss: string,
  { signing, signers, router }: LibreswanKeys,
  signal: AbortSignal,
): Promise<void> {
  const { folder, root, crls, ends } = signers;
  const { certificate, key, issuers } = ends[router];
  const database = ['-d', `sql:${nss}`];
  const options = { folder, signal };
  const bundle = join(nss, 'own.p12');
  const from = ['-inkey', key, '-in', certificate, '-name', nameOf(router)];
  await must(['openssl', 'pkcs12', '-export', ...from, '-passout', `pass:${PASSWORD}`, '-out', bundle], options);
  await must(['pk12util', ...database, '-i', bundle, '-W', PASSWORD, '-K', ''], options);
  if (signing.keys === 'raw') return;
  await must(['certutil', ...database, '-A', '-a', '-n', root, '-t', 'CT,,', '-i', root], options);
  for (const issuer of issuers) {
    await must(['certutil', ...database, '-A', '-a', '-n', issuer, '-t', ',,', '-i', issuer], options);
  }
  for (const crl of crls) {
    const der = join(nss, crl);
    await must(['openssl', 'crl', '-in', crl, '-outform', 'DER', '-out', der], options);
    // Not all of their issuers are known: those between come with the peer.
    await must(['crlutil', '-I', ...database, '-B', '-i', der], options);
  }
}

/** Statements of a connection, of which it is the left end. */
export function signingStatements({ signing, signers, router }: LibreswanKeys): Readonly<Record<string, string>> {
  const other = router === 'R2' ? 'R3' : 'R2';
  const common = { authby: 'rsasig', leftid: `@${nameOf(router)}`, rightid: `@${nameOf(other)}` };
  if (signing.keys === 'raw') {
    const keyOf = (end: GatewayRouter): string => dnsKey(join(signers.folder, signers.ends[end].publicKey));
    return { ...common, leftrsasigkey: keyOf(router), rightrsasigkey: keyOf(other) };
  }
  return {
    ...common,
    leftcert: nameOf(router),
    leftsendcert: 'always',
    sendca: 'all',
    leftrsasigkey: '%cert',
    rightrsasigkey: '%cert',
    fragmentation: signing.whole ? 'no' : 'force',
  };
}

/** A public key as a DNS record has it, in base64 (RFC 3110 §2). */
function dnsKey(file: string): string {
  const key = publicKeyFrom(readFileSync(file));
  check(key.kind === 'rsa', 'libreswan has raw keys of RSA alone');
  const octets = Buffer.concat([Uint8Array.of(key.exponent.length), key.exponent, key.modulus]);
  return `0s${octets.toString('base64')}`;
}
