import type { Certificate } from '../certificate/certificate.ts';
import type { NameConstraints } from '../certificate/extensions.ts';
import { EMAIL_TYPE } from '../name/attribute-types.ts';
import { nameValues, nameWithin } from '../name/distinguished-name.ts';
import { formatGeneralName, type GeneralName } from '../name/general-name.ts';
import { refuse } from './path-fault.ts';

/** Every name of a certificate within what is permitted, and none in what is excluded (RFC 5280 §4.2.1.10, §6.1.3 b, c). */
export function checkNameConstraints(certificate: Certificate, constraints: readonly NameConstraints[]): void {
  if (constraints.length === 0) return;
  const names = constrainedNames(certificate);
  for (const { permitted, excluded } of constraints) {
    for (const name of names) {
      const ofItsKind = permitted.filter((base) => isOfOneKind(base, name));
      const isPermitted = ofItsKind.length === 0 || ofItsKind.some((base) => isWithin(name, base));
      const isExcluded = excluded.some((base) => isOfOneKind(base, name) && mayBeWithin(name, base));
      if (isPermitted && !isExcluded) continue;
      refuse(certificate, 'name-constraints', `'${formatGeneralName(name)}' is not permitted to its issuer`);
    }
  }
}

function constrainedNames({ subject, extensions }: Certificate): readonly GeneralName[] {
  const { subjectAltNames } = extensions;
  const directory: readonly GeneralName[] = subject.parts.length === 0 ? [] : [{ kind: 'directory', name: subject }];
  if (subjectAltNames !== undefined) return [...directory, ...subjectAltNames];
  // Where there are no alternative names, those of the subject itself count (RFC 5280 §4.2.1.10).
  return [...directory, ...nameValues(subject, EMAIL_TYPE).map((text) => ({ kind: 'email' as const, text }))];
}

function isOfOneKind(base: GeneralName, name: GeneralName): boolean {
  if (base.kind === 'other' && name.kind === 'other') return base.tag === name.tag;
  return base.kind === name.kind;
}

/** Of a kind that is not understood nothing is within, and anything may be. */
function mayBeWithin(name: GeneralName, base: GeneralName): boolean {
  if (base.kind === 'other' || (name.kind === 'uri' && hostOf(name.text) === undefined)) return true;
  return isWithin(name, base);
}

function isWithin(name: GeneralName, base: GeneralName): boolean {
  if (name.kind === 'directory' && base.kind === 'directory') return nameWithin(name.name, base.name);
  if (name.kind === 'address' && base.kind === 'address') return addressWithin(name.octets, base.octets);
  if (!('text' in name && 'text' in base)) return false;
  const [text, limit] = [name.text.toLowerCase(), base.text.toLowerCase()];
  switch (name.kind) {
    case 'dns':
      return limit === '' || text === limit || text.endsWith(limit.startsWith('.') ? limit : `.${limit}`);
    case 'email':
      return emailWithin(name.text, limit, base.text);
    case 'uri':
      return hostWithin(hostOf(text), limit);
  }
}

/** The part before the @ has case (RFC 5280 §7.5). */
function emailWithin(address: string, limit: string, written: string): boolean {
  const at = address.lastIndexOf('@');
  const host = address.slice(at + 1).toLowerCase();
  if (!written.includes('@')) return hostWithin(host, limit);
  const limitAt = written.lastIndexOf('@');
  return address.slice(0, at) === written.slice(0, limitAt) && host === limit.slice(limitAt + 1);
}

function hostWithin(host: string | undefined, limit: string): boolean {
  if (host === undefined) return false;
  return limit.startsWith('.') ? host.endsWith(limit) : host === limit;
}

/** The host of a URI, which must be a domain name (RFC 5280 §4.2.1.10). */
function hostOf(uri: string): string | undefined {
  const [, host = ''] = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:[\]]+)(?::\d*)?(?:[/?#]|$)/i.exec(uri) ?? [];
  return host === '' || /^[\d.]+$/.test(host) ? undefined : host.toLowerCase();
}

function addressWithin(address: Uint8Array, base: Uint8Array): boolean {
  if (base.length !== 2 * address.length) return false;
  return address.every((octet, i) => ((octet ^ (base[i] ?? 0)) & (base[address.length + i] ?? 0)) === 0);
}
