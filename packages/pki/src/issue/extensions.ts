import { fromAscii, parseAddress, parsePrefix, prefixMask } from '@espalier/wire';
import { KEY_USES, type KeyUse } from '../certificate/extensions.ts';
import { OID } from '../certificate/object-identifiers.ts';
import { contextTag, TAG } from '../der/element.ts';
import { encode, encodeObjectIdentifier, encodeUnsigned } from '../der/encode.ts';
import { nameFromText } from '../name/distinguished-name.ts';

/** A name by its kind and text: `{ dns: 'router2.example.com' }`; in constraints an address is a prefix. */
export type NameText =
  | { readonly dns: string }
  | { readonly email: string }
  | { readonly uri: string }
  | { readonly address: string }
  | { readonly directory: string };

/** An extension as it stands in a certificate; `value` is DER. */
export interface ExtensionOctets {
  readonly type: string;
  readonly isCritical?: boolean;
  readonly value: Uint8Array;
}

/** What may stand in a certificate's extensions. */
export interface IssuedExtensions {
  /** Critical, as RFC 5280 §4.2.1.9 wants it of authorities. */
  readonly ca?: boolean | { readonly pathLength: number };
  readonly keyUsage?: readonly KeyUse[];
  /** Object identifiers. */
  readonly extendedKeyUsage?: readonly string[];
  readonly subjectAltNames?: readonly NameText[];
  readonly permitted?: readonly NameText[];
  readonly excluded?: readonly NameText[];
  readonly subjectKeyId?: Uint8Array;
  readonly authorityKeyId?: Uint8Array;
  /** URIs of CRLs. */
  readonly crlDistributionPoints?: readonly string[];
  readonly other?: readonly ExtensionOctets[];
}

export function encodeExtensions(extensions: IssuedExtensions): Uint8Array {
  const written = extensionsOf(extensions).map(({ type, isCritical = false, value }) =>
    encode(
      TAG.sequence,
      encodeObjectIdentifier(type),
      isCritical ? encode(TAG.boolean, Uint8Array.of(0xff)) : new Uint8Array(),
      encode(TAG.octetString, value),
    ),
  );
  return encode(TAG.sequence, ...written);
}

function extensionsOf(extensions: IssuedExtensions): readonly ExtensionOctets[] {
  const { ca, keyUsage, extendedKeyUsage, subjectAltNames, permitted, excluded } = extensions;
  const { subjectKeyId, authorityKeyId, crlDistributionPoints, other = [] } = extensions;
  const all: (ExtensionOctets | undefined)[] = [
    ca === undefined ? undefined : { type: OID.basicConstraints, isCritical: true, value: basicConstraints(ca) },
    keyUsage && { type: OID.keyUsage, isCritical: true, value: keyUsageBits(keyUsage) },
    extendedKeyUsage && {
      type: OID.extendedKeyUsage,
      value: encode(TAG.sequence, ...extendedKeyUsage.map(encodeObjectIdentifier)),
    },
    subjectAltNames && {
      type: OID.subjectAltName,
      value: encode(TAG.sequence, ...subjectAltNames.map((one) => generalName(one))),
    },
    permitted === undefined && excluded === undefined
      ? undefined
      : { type: OID.nameConstraints, isCritical: true, value: nameConstraints(permitted, excluded) },
    subjectKeyId && { type: OID.subjectKeyIdentifier, value: encode(TAG.octetString, subjectKeyId) },
    authorityKeyId && {
      type: OID.authorityKeyIdentifier,
      value: encode(TAG.sequence, encode(contextTag(0, false), authorityKeyId)),
    },
    crlDistributionPoints && {
      type: OID.crlDistributionPoints,
      value: encode(TAG.sequence, ...crlDistributionPoints.map(distributionPoint)),
    },
  ];
  return [...all.filter((one) => one !== undefined), ...other];
}

function basicConstraints(ca: NonNullable<IssuedExtensions['ca']>): Uint8Array {
  if (ca === false) return encode(TAG.sequence);
  const isCa = encode(TAG.boolean, Uint8Array.of(0xff));
  return encode(TAG.sequence, isCa, ca === true ? new Uint8Array() : encodeUnsigned(Uint8Array.of(ca.pathLength)));
}

/** In as few octets and bits as there are (X.690 §11.2). */
function keyUsageBits(uses: readonly KeyUse[]): Uint8Array {
  const last = Math.max(...uses.map((use) => KEY_USES.indexOf(use)));
  const octets = new Uint8Array((last >> 3) + 1);
  for (const use of uses) {
    const bit = KEY_USES.indexOf(use);
    octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  }
  return encode(TAG.bitString, Uint8Array.of(7 - (last & 7)), octets);
}

function nameConstraints(permitted: readonly NameText[] = [], excluded: readonly NameText[] = []): Uint8Array {
  const trees = (tag: number, names: readonly NameText[]) =>
    names.length === 0
      ? new Uint8Array()
      : encode(contextTag(tag), ...names.map((one) => encode(TAG.sequence, generalName(one, true))));
  return encode(TAG.sequence, trees(0, permitted), trees(1, excluded));
}

function distributionPoint(uri: string): Uint8Array {
  return encode(TAG.sequence, encode(contextTag(0), encode(contextTag(0), generalName({ uri }))));
}

function generalName(name: NameText, isBase = false): Uint8Array {
  if ('email' in name) return encode(contextTag(1, false), fromAscii(name.email));
  if ('dns' in name) return encode(contextTag(2, false), fromAscii(name.dns));
  if ('uri' in name) return encode(contextTag(6, false), fromAscii(name.uri));
  if ('directory' in name) return encode(contextTag(4), nameFromText(name.directory).octets);
  if (!isBase) return encode(contextTag(7, false), parseAddress(name.address));
  const prefix = parsePrefix(name.address);
  return encode(contextTag(7, false), prefix.address, prefixMask(prefix.length, prefix.address.length));
}
