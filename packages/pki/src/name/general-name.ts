import { formatAddress } from '@espalier/wire';
import { contextTag, type Element, fault, readObjectIdentifier, TAG } from '../der/element.ts';
import { asciiText } from '../der/text.ts';
import { NAMES_MOST } from '../limits.ts';
import { type DistinguishedName, formatName, readName } from './distinguished-name.ts';

/** One GeneralName (RFC 5280 §4.2.1.6). */
export type GeneralName =
  | { readonly kind: 'email' | 'dns' | 'uri'; readonly text: string }
  /** 4 or 16 octets; in name constraints twice as many, the second half a mask. */
  | { readonly kind: 'address'; readonly octets: Uint8Array }
  | { readonly kind: 'directory'; readonly name: DistinguishedName }
  /** otherName, x400Address, ediPartyName, registeredID: what nobody here asks for. `tag` tells which. */
  | { readonly kind: 'other'; readonly tag: number };

const TEXTS = [
  ['email', contextTag(1, false)],
  ['dns', contextTag(2, false)],
  ['uri', contextTag(6, false)],
] as const;
const DIRECTORY = contextTag(4);
const ADDRESS = contextTag(7, false);
const REGISTERED = contextTag(8, false);
const OTHERS: readonly number[] = [contextTag(0), contextTag(3), contextTag(5), REGISTERED];

/** GeneralNames, at least one. `addressOctets`: how long addresses may be. */
export function readGeneralNames(
  element: Element,
  tag: number,
  addressOctets: readonly number[] = [4, 16],
): readonly GeneralName[] {
  const names = element.list(tag, NAMES_MOST).map((one) => readGeneralName(one, addressOctets));
  if (names.length === 0) fault('no name where there must be one');
  return names;
}

export function readGeneralName(element: Element, addressOctets: readonly number[] = [4, 16]): GeneralName {
  const { tag, content } = element;
  const text = TEXTS.find(([, textTag]) => textTag === tag);
  if (text !== undefined) return { kind: text[0], text: asciiText(content) };
  if (tag === DIRECTORY) return { kind: 'directory', name: readName(element.inner()) };
  if (tag === ADDRESS) {
    if (!addressOctets.includes(content.length)) fault('an address of another length');
    return { kind: 'address', octets: content };
  }
  if (tag === REGISTERED) readObjectIdentifier(element.as(TAG.objectIdentifier));
  if (!OTHERS.includes(tag)) fault('a kind of name that is none');
  return { kind: 'other', tag };
}

export function formatGeneralName(name: GeneralName): string {
  switch (name.kind) {
    case 'address':
      return formatAddress(name.octets);
    case 'directory':
      return formatName(name.name);
    case 'other':
      return 'other';
    default:
      return name.text.replace(/[^ -~]/g, '\ufffd');
  }
}
