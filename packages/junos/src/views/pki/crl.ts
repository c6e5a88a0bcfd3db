import type { CrlFacts } from '../../certificate-facts.ts';
import { formatDate, formatSerial, formatShortName } from './text.ts';

/** A CRL under the CA profile that it is for. */
export interface NamedCrl {
  readonly caProfile: string;
  readonly crl: CrlFacts;
}

/** `show security pki crl [detail]` */
export function formatCrls(crls: readonly NamedCrl[], { detail = false }: { readonly detail?: boolean } = {}): string {
  return crls.map((one) => `${crlLines(one, detail).join('\n')}\n`).join('\n');
}

const SERIAL_COLUMNS = 42;

function crlLines({ caProfile, crl }: NamedCrl, detail: boolean): readonly string[] {
  const { version, issuer, thisUpdate, nextUpdate, revoked } = crl;
  const lines = [
    `CA profile: ${caProfile}`,
    `  CRL version: V${String(version).padStart(8, '0')}`,
    `  CRL issuer: ${formatShortName(issuer)}`,
    `  Effective date: ${formatDate(thisUpdate)}`,
    ...(nextUpdate === undefined ? [] : [`  Next update: ${formatDate(nextUpdate)}`]),
  ];
  if (!detail) return lines;
  const entries = [...revoked].map(
    ([serial, at]) => `    ${formatSerial(serial).padEnd(SERIAL_COLUMNS)}${formatDate(at)}`,
  );
  return [...lines, '  Revocation List:', `    ${'Serial number'.padEnd(SERIAL_COLUMNS)}Revocation date`, ...entries];
}
