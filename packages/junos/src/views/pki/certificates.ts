import { hash, type PublicKey } from '@espalier/crypto';
import { toHex } from '@espalier/wire';
import type { AlternativeName, CertificateFacts } from '../../certificate-facts.ts';
import { formatAlternativeName, formatDate, formatLongName, formatSerial, shortestName } from './text.ts';

/** A certificate under the name by which a configuration refers to it: certificate-id, or CA profile. */
export interface NamedCertificate {
  readonly identifier: string;
  readonly certificate: CertificateFacts;
}

/** A request for a certificate that has not come yet. */
export interface CertificateRequestView {
  readonly identifier: string;
  /** Common name of the subject. */
  readonly issuedTo: string;
  readonly key: PublicKey;
}

interface Detail {
  readonly detail?: boolean;
}

/** `show security pki ca-certificate [detail]` */
export function formatCaCertificates(
  certificates: readonly NamedCertificate[],
  { detail = false }: Detail = {},
): string {
  return joined(certificates.map((one) => (detail ? detailLines(one) : briefLines(one))));
}

/** `show security pki local-certificate [detail]` */
export function formatLocalCertificates(
  certificates: readonly NamedCertificate[],
  { detail = false }: Detail = {},
): string {
  return joined(certificates.map((one) => (detail ? [...detailLines(one), ...RENEWAL] : briefLines(one))));
}

/** `show security pki certificate-request` */
export function formatCertificateRequests(requests: readonly CertificateRequestView[]): string {
  return joined(
    requests.map(({ identifier, issuedTo, key }) => [
      `Certificate identifier: ${identifier}`,
      `  Issued to: ${issuedTo}`,
      `  Public key algorithm: ${keyName(key)}`,
      '  Public key verification status: Passed',
    ]),
  );
}

/** Certificates are given here, and not fetched: so none is renewed. */
const RENEWAL = ['  Auto-re-enrollment:', '    Status: Disabled', '    Next trigger time: Timer not started'];

/** Octets of a key in one line. */
const KEY_OCTETS_A_LINE = 20;

/** Uses of keys in the words of Junos. */
const USES: ReadonlyMap<string, string> = new Map([
  ['digitalSignature', 'Digital signature'],
  ['nonRepudiation', 'Non-repudiation'],
  ['keyEncipherment', 'Key encipherment'],
  ['dataEncipherment', 'Data encipherment'],
  ['keyAgreement', 'Key agreement'],
  ['cRLSign', 'CRL signing'],
  ['keyCertSign', 'Certificate signing'],
]);

function joined(blocks: readonly (readonly string[])[]): string {
  return blocks.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

function briefLines({ identifier, certificate }: NamedCertificate): readonly string[] {
  const { subject, issuer, subjectKey } = certificate;
  return [
    `Certificate identifier: ${identifier}`,
    `  Issued to: ${shortestName(subject)}, Issued by: ${shortestName(issuer)}`,
    ...validityLines(certificate),
    `  Public key algorithm: ${keyName(subjectKey.key)}`,
  ];
}

function detailLines({ identifier, certificate }: NamedCertificate): readonly string[] {
  const { subject, issuer, subjectKey, extensions, octets } = certificate;
  const alternatives = extensions.subjectAltNames ?? [];
  const points = (extensions.crlDistributionPoints ?? []).flatMap(({ names }) => names);
  const uses = [...USES].filter(([use]) => extensions.keyUsage?.has(use)).map(([, name]) => name);
  return [
    `Certificate identifier: ${identifier}`,
    `  Certificate version: ${certificate.version}`,
    `  Serial number: ${formatSerial(certificate.serial)}`,
    '  Issuer:',
    `    ${formatLongName(issuer)}`,
    '  Subject:',
    `    ${formatLongName(subject)}`,
    ...(alternatives.length === 0 ? [] : [`  Alternate subject: ${alternateSubject(alternatives)}`]),
    ...validityLines(certificate),
    `  Public key algorithm: ${keyName(subjectKey.key)}`,
    ...keyLines(subjectKey.key),
    `  Signature algorithm: ${certificate.signed.algorithm.name}`,
    ...(points.length === 0
      ? []
      : ['  Distribution CRL:', ...points.map((name) => `    ${formatAlternativeName(name)}`)]),
    ...(uses.length === 0 ? [] : [`  Use for key: ${uses.join(', ')}`]),
    '  Fingerprint:',
    ...(['sha1', 'md5'] as const).map((name) => `    ${colons(hash(name, octets))} (${name})`),
  ];
}

/** E-mail, host name and address, in this order. */
export function alternateSubject(names: readonly AlternativeName[]): string {
  const ofKind = (kind: AlternativeName['kind']) => names.filter((name) => name.kind === kind);
  return [...ofKind('email'), ...ofKind('dns'), ...ofKind('address'), ...ofKind('directory')]
    .map(formatAlternativeName)
    .join(', ');
}

/** Of a certificate, indented by so many columns. */
export function validityLines({ notBefore, notAfter }: CertificateFacts, indent = 2): readonly string[] {
  const [outer, inner] = [' '.repeat(indent), ' '.repeat(indent + 2)];
  return [
    `${outer}Validity:`,
    `${inner}Not before: ${formatDate(notBefore)}`,
    `${inner}Not after: ${formatDate(notAfter)}`,
  ];
}

function keyName(key: PublicKey | undefined): string {
  if (key === undefined) return 'unknown';
  if (key.kind === 'rsa') return `rsaEncryption(${8 * key.modulus.length - Math.clz32(key.modulus[0] ?? 0) + 24} bits)`;
  return `ecdsaEncryption(${key.curve.slice(2)} bits)`;
}

function keyLines(key: PublicKey | undefined): readonly string[] {
  const octets = key === undefined ? new Uint8Array() : key.kind === 'rsa' ? key.modulus : key.point;
  const lines: string[] = [];
  for (let at = 0; at < octets.length; at += KEY_OCTETS_A_LINE) {
    lines.push(`    ${colons(octets.subarray(at, at + KEY_OCTETS_A_LINE))}`);
  }
  return lines;
}

function colons(octets: Uint8Array): string {
  return (toHex(octets).match(/../g) ?? []).join(':');
}
