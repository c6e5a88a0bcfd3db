import { equalOctets, ID_TYPE, type Identification } from '@espalier/wire';
import type { Certificate } from '../certificate/certificate.ts';
import { DerFault, readElement } from '../der/element.ts';
import { latinText } from '../der/text.ts';
import { equalNames, nameFromOctets } from '../name/distinguished-name.ts';
import { type GeneralName, readGeneralName } from '../name/general-name.ts';

/**
 * Whether a certificate is for an identity of phase 1 (RFC 4945 §3.1, and libreswan's rules): a name or an address must be
 * among the alternative names; a distinguished name must be the subject, part by part, whatever string types and case; a
 * key ID is the subject key identifier. The subject's common name counts for nothing.
 */
export function certifies({ subject, extensions }: Certificate, { idType, data }: Identification): boolean {
  const names = extensions.subjectAltNames ?? [];
  switch (idType) {
    case ID_TYPE.ipv4Address:
    case ID_TYPE.ipv6Address:
      return names.some((name) => name.kind === 'address' && equalOctets(name.octets, data));
    case ID_TYPE.fqdn:
      return names.some((name) => name.kind === 'dns' && equalHosts(name.text, latinText(data)));
    case ID_TYPE.userFqdn:
      return names.some((name) => name.kind === 'email' && equalText(name.text, latinText(data)));
    case ID_TYPE.derAsn1Dn: {
      const name = nameFromOctets(data);
      return name !== undefined && equalNames(subject, name);
    }
    case ID_TYPE.derAsn1Gn: {
      const wanted = generalName(data);
      return wanted !== undefined && names.some((name) => equalGeneralNames(name, wanted));
    }
    case ID_TYPE.keyId:
      return extensions.subjectKeyId !== undefined && equalOctets(extensions.subjectKeyId, data);
    default:
      return false;
  }
}

/** Host names have no case (RFC 4343), and may end with the dot of the root. */
export function equalHosts(a: string, b: string): boolean {
  return equalText(a.replace(/\.$/, ''), b.replace(/\.$/, ''));
}

function equalText(a: string, b: string): boolean {
  return a !== '' && a.toLowerCase() === b.toLowerCase();
}

function equalGeneralNames(a: GeneralName, b: GeneralName): boolean {
  if (a.kind === 'directory') return b.kind === 'directory' && equalNames(a.name, b.name);
  if (a.kind === 'address') return b.kind === 'address' && equalOctets(a.octets, b.octets);
  return 'text' in a && 'text' in b && a.kind === b.kind && equalText(a.text, b.text);
}

function generalName(data: Uint8Array): GeneralName | undefined {
  try {
    return readGeneralName(readElement(data));
  } catch (error) {
    if (error instanceof DerFault) return undefined;
    throw error;
  }
}
