import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublicKey } from '@espalier/crypto';
import { type Certificate, type Crl, privateKeyFrom, publicKeyFrom, writePem } from '@espalier/pki';
import { type Authority, type IssuedExtensions, issueCertificate, issueCrl } from '@espalier/pki/issue';
import { type GatewayRouter, isClient, type Seat } from '../machine/network.ts';
import { nameOf, type Signing } from './signing.ts';

const CURVES = { 'ecdsa-256': 'P-256', 'ecdsa-384': 'P-384', 'ecdsa-521': 'P-521' } as const;
const ROUTERS: readonly GatewayRouter[] = ['R2', 'R3'];
const DAY = 86_400_000;
const AUTHORITY_KEY_ID = '2.5.29.35';
const KEY_ID_OCTETS = 20;

/** Files of an authority and of those whom it has certified, by their names in a folder. */
export interface Signers {
  readonly folder: string;
  readonly root: string;
  /** Of every authority. */
  readonly crls: readonly string[];
  readonly ends: Readonly<Record<GatewayRouter, End>>;
}

interface End {
  readonly certificate: string;
  /** PKCS#8 in PEM. */
  readonly key: string;
  /** SubjectPublicKeyInfo in PEM. */
  readonly publicKey: string;
  /** Its authorities but for the root, that directly above it first. */
  readonly issuers: readonly string[];
}

/** Who an authority is, and what it has made known. */
interface Issuer {
  readonly authority: Authority;
  readonly certificate: Certificate;
  /** In its certificate, and in those that it issues: by it strongSwan finds the CRL. */
  readonly keyId: Uint8Array;
}

/** Keys and certificates of a way of signing: made once in a run. */
export function signersIn(runFolder: string, signing: Signing): Signers {
  const { method, between = 1, revoked } = signing;
  const folder = join(runFolder, `signers-${method}-${between}${revoked === undefined ? '' : `-without-${revoked}`}`);
  const levels = Array.from({ length: between }, (_, i) => between - i);
  const filesOf = (router: GatewayRouter): End => ({
    certificate: `${router}.pem`,
    key: `${router}.key`,
    publicKey: `${router}.pub`,
    issuers: levels.map((level) => `${router}-ca-${level}.pem`),
  });
  const [R2, R3] = [filesOf('R2'), filesOf('R3')];
  const root = 'root.pem';
  const crls = [root, ...R2.issuers, ...R3.issuers].map(crlFile);
  const signers: Signers = { folder, root, crls, ends: { R2, R3 } };
  if (!existsSync(folder)) make(signers, signing);
  return signers;
}

/** @throws RangeError where nothing has been certified. */
export function endOf({ ends }: Signers, router: Seat): End {
  if (isClient(router)) throw new RangeError(`router: ${router} has no certificate`);
  return ends[router];
}

function make({ folder, root, ends }: Signers, { method, revoked }: Signing): void {
  mkdirSync(folder, { recursive: true });
  const write = (file: string, label: string, { octets }: Pick<Certificate | Crl, 'octets'>): void =>
    writeFileSync(join(folder, file), writePem(label, octets));
  const tell = (file: string, { authority, keyId }: Issuer, ...gone: readonly Certificate[]): void =>
    write(crlFile(file), 'X509 CRL', crlOf(authority, keyId, gone));
  const certify = (file: string, issuer?: Issuer): Issuer => {
    const made = makeAuthority(file.replace('.pem', ''), method, issuer);
    write(file, 'CERTIFICATE', made.certificate);
    tell(file, made);
    return made;
  };

  const top = certify(root);
  for (const router of ROUTERS) {
    const { certificate: file, key, publicKey, issuers } = ends[router];
    const issuer = issuers.reduceRight((above, authority) => certify(authority, above), top);
    const pair = keyPair(method);
    const name = nameOf(router);
    const extensions: IssuedExtensions = { keyUsage: ['digitalSignature'], subjectAltNames: [{ dns: name }] };
    const certificate = issue(issuer, name, pair.publicKey, extensions);
    write(file, 'CERTIFICATE', certificate);
    writeFileSync(join(folder, key), pair.text, { mode: 0o600 });
    writeFileSync(join(folder, publicKey), pair.publicText);
    if (revoked === router) tell(issuers[0] ?? root, issuer, certificate);
  }
}

function crlFile(authority: string): string {
  return authority.replace('.pem', '.crl');
}

function makeAuthority(name: string, method: Signing['method'], issuer: Issuer | undefined): Issuer {
  const { key, publicKey } = keyPair(method);
  const keyId = randomOctets(KEY_ID_OCTETS);
  const extensions: IssuedExtensions = { ca: true, keyUsage: ['keyCertSign', 'cRLSign'], subjectKeyId: keyId };
  const self = { authority: { name: `O=Example, CN=${name}`, key }, keyId };
  const certificate = issue(issuer ?? self, name, publicKey, extensions);
  return { authority: { name: certificate, key }, certificate, keyId };
}

function issue(
  { authority, keyId }: Pick<Issuer, 'authority' | 'keyId'>,
  name: string,
  key: PublicKey,
  extensions: IssuedExtensions,
): Certificate {
  const now = Date.now();
  return issueCertificate(authority, {
    serial: `01${Buffer.from(randomOctets(7)).toString('hex')}`,
    subject: `O=Example, CN=${name}`,
    key,
    notBefore: now - DAY,
    notAfter: now + 30 * DAY,
    extensions: { ...extensions, authorityKeyId: keyId },
  });
}

function crlOf(authority: Authority, keyId: Uint8Array, revoked: readonly Certificate[]): Crl {
  const now = Date.now();
  return issueCrl(authority, {
    thisUpdate: now - DAY,
    nextUpdate: now + 7 * DAY,
    revoked: revoked.map(({ serial }) => ({ serial, at: now - DAY })),
    other: [{ type: AUTHORITY_KEY_ID, value: Buffer.from([0x30, keyId.length + 2, 0x80, keyId.length, ...keyId]) }],
  });
}

function randomOctets(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

function keyPair(method: Signing['method']) {
  const { privateKey, publicKey } =
    method === 'rsa-signature'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: CURVES[method] });
  const text = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicText = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { text, publicText, key: privateKeyFrom(text), publicKey: publicKeyFrom(publicText) };
}
