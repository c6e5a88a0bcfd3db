import type { CertificateFacts } from '../../certificate-facts.ts';
import { alternateSubject, validityLines } from './certificates.ts';
import { shortestName } from './text.ts';

/** `show services ipsec-vpn certificates`: what the services PIC has been given for one service set. */
export interface ServiceCertificatesView {
  readonly serviceSet: string;
  readonly entries: readonly CertificateCacheEntry[];
}

export interface CertificateCacheEntry {
  /** By which `clear` names it; from 1, in the order in which they came. */
  readonly number: number;
  readonly certificate: CertificateFacts;
  /** Whether it is a trust anchor, or has been verified up to one. */
  readonly isRoot: boolean;
}

/** The newest first; of each what it is, and with `detail` its validity. */
export function formatServiceCertificates(
  views: readonly ServiceCertificatesView[],
  { detail = false }: { readonly detail?: boolean } = {},
): string {
  return views.map((view) => `${setLines(view, detail).join('\n')}\n`).join('\n');
}

function setLines({ serviceSet, entries }: ServiceCertificatesView, detail: boolean): readonly string[] {
  const newestFirst = entries.toSorted((a, b) => b.number - a.number);
  return [
    `Service set: ${serviceSet}, Total entries: ${entries.length}`,
    ...newestFirst.flatMap((entry, i) => [...(i === 0 ? [] : ['']), ...entryLines(entry, detail)]),
  ];
}

function entryLines({ number, certificate, isRoot }: CertificateCacheEntry, detail: boolean): readonly string[] {
  const { subject, issuer, extensions } = certificate;
  const alternatives = extensions.subjectAltNames ?? [];
  return [
    `  Certificate cache entry: ${number}`,
    `    Flags: ${isRoot ? 'Root' : 'Non-root'} Trusted`,
    `    Issued to: ${shortestName(subject)}, Issued by: ${shortestName(issuer)}`,
    ...(alternatives.length === 0 ? [] : [`    Alternate subject: ${alternateSubject(alternatives)}`]),
    ...(detail ? validityLines(certificate, 4) : []),
  ];
}
