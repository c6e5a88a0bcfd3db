import {
  contextTag,
  type Element,
  fault,
  readBitNumbers,
  readBoolean,
  readElement,
  readObjectIdentifier,
  readOctetString,
  readSmall,
  TAG,
} from '../der/element.ts';
import { latinText } from '../der/text.ts';
import { EXTENSIONS_MOST, NAMES_MOST, POLICIES_MOST } from '../limits.ts';
import { type DistinguishedName, type RelativeName, readRelativeName } from '../name/distinguished-name.ts';
import { type GeneralName, readGeneralName, readGeneralNames } from '../name/general-name.ts';
import { OID } from './object-identifiers.ts';

/** Bits of KeyUsage in their order (RFC 5280 §4.2.1.3). */
export const KEY_USES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUse = (typeof KEY_USES)[number];

/** RFC 5280 §4.2.1.10. */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** RFC 5280 §4.2.1.13: where a CRL is, and what it is called in its issuing distribution point. */
export interface DistributionPoint extends DistributionPointName {
  /** Bits of ReasonFlags; undefined: all reasons. */
  readonly reasons?: ReadonlySet<number>;
  /** Who issues the CRL; undefined: who has issued the certificate. */
  readonly crlIssuer?: DistinguishedName;
}

/** DistributionPointName: whole names, or one part that comes behind the name of the CRL's issuer; or none. */
export interface DistributionPointName {
  readonly names: readonly GeneralName[];
  readonly relative?: RelativeName;
}

/** What the extensions of a certificate say that is understood here (RFC 5280 §4.2); absent where it says nothing. */
export interface Extensions {
  readonly basicConstraints?: { readonly isCa: boolean; readonly pathLength?: number };
  readonly keyUsage?: ReadonlySet<KeyUse>;
  readonly extendedKeyUsage?: readonly string[];
  readonly subjectAltNames?: readonly GeneralName[];
  readonly nameConstraints?: NameConstraints;
  readonly subjectKeyId?: Uint8Array;
  readonly authorityKeyId?: Uint8Array;
  readonly crlDistributionPoints?: readonly DistributionPoint[];
  readonly ocspResponders?: readonly string[];
  readonly policies?: readonly string[];
  readonly policyMappings?: readonly { readonly from: string; readonly to: string }[];
  readonly policyConstraints?: { readonly requireExplicit?: number; readonly inhibitMapping?: number };
  readonly inhibitAnyPolicy?: number;
  readonly ocspNoCheck?: true;
  /** Object identifiers of critical extensions that are not understood. */
  readonly unknownCritical: readonly string[];
}

/** One extension as it is written. */
export interface RawExtension {
  readonly type: string;
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

type Understood = Omit<Extensions, 'unknownCritical'>;

const READERS: Readonly<Record<string, (value: Element) => Understood>> = {
  [OID.basicConstraints]: readBasicConstraints,
  [OID.keyUsage]: (value) => ({ keyUsage: readKeyUsage(value) }),
  [OID.extendedKeyUsage]: (value) => ({
    extendedKeyUsage: value.list(TAG.sequence, NAMES_MOST).map(readObjectIdentifier),
  }),
  [OID.subjectAltName]: (value) => ({ subjectAltNames: readGeneralNames(value, TAG.sequence) }),
  [OID.nameConstraints]: (value) => ({ nameConstraints: readNameConstraints(value) }),
  [OID.subjectKeyIdentifier]: (value) => ({ subjectKeyId: readOctetString(value) }),
  [OID.authorityKeyIdentifier]: readAuthorityKeyId,
  [OID.crlDistributionPoints]: (value) => ({
    crlDistributionPoints: value.list(TAG.sequence, NAMES_MOST).map(readDistributionPoint),
  }),
  [OID.authorityInformationAccess]: readInformationAccess,
  [OID.certificatePolicies]: (value) => ({
    policies: distinct(value.list(TAG.sequence, POLICIES_MOST).map((one) => readObjectIdentifier(one.fields().any()))),
  }),
  [OID.policyMappings]: (value) => ({
    policyMappings: value.list(TAG.sequence, POLICIES_MOST).map((one) => {
      const fields = one.fields();
      return { from: readObjectIdentifier(fields.any()), to: readObjectIdentifier(fields.any()) };
    }),
  }),
  [OID.policyConstraints]: readPolicyConstraints,
  [OID.inhibitAnyPolicy]: (value) => ({ inhibitAnyPolicy: readSmall(value) }),
  [OID.ocspNoCheck]: () => ({ ocspNoCheck: true }),
};

export function readExtensions(element: Element): Extensions {
  const raw = readRawExtensions(element);
  let understood: Understood = {};
  for (const { type, value } of raw) {
    const reader = READERS[type];
    if (reader !== undefined) understood = { ...understood, ...reader(readElement(value)) };
  }
  const unknown = raw.filter(({ type, isCritical }) => isCritical && READERS[type] === undefined);
  return { ...understood, unknownCritical: unknown.map(({ type }) => type) };
}

/** A list of Extension, each of a type of its own (RFC 5280 §4.2). */
export function readRawExtensions(element: Element): readonly RawExtension[] {
  const extensions = element.list(TAG.sequence, EXTENSIONS_MOST).map((one) => {
    const fields = one.fields();
    const type = readObjectIdentifier(fields.next(TAG.objectIdentifier));
    const critical = fields.optional(TAG.boolean);
    const value = readOctetString(fields.next(TAG.octetString));
    fields.end();
    return { type, isCritical: critical !== undefined && readBoolean(critical), value };
  });
  distinct(extensions.map(({ type }) => type));
  return extensions;
}

/** RFC 5280 §4.2.1.13; also in a CRL's issuing distribution point (§5.2.5). */
export function readDistributionPointName(element: Element | undefined): DistributionPointName {
  if (element === undefined) return { names: [] };
  const name = element.inner();
  if (name.tag === contextTag(0)) return { names: readGeneralNames(name, contextTag(0)) };
  return { names: [], relative: readRelativeName(name, contextTag(1)) };
}

function distinct(types: readonly string[]): readonly string[] {
  if (new Set(types).size !== types.length) fault('twice what there may be once');
  return types;
}

function readBasicConstraints(value: Element): Understood {
  const fields = value.fields();
  const ca = fields.optional(TAG.boolean);
  const length = fields.optional(TAG.integer);
  fields.end();
  const isCa = ca !== undefined && readBoolean(ca);
  return { basicConstraints: length === undefined ? { isCa } : { isCa, pathLength: readSmall(length) } };
}

function readKeyUsage(value: Element): ReadonlySet<KeyUse> {
  const bits = readBitNumbers(value);
  return new Set(KEY_USES.filter((_, bit) => bits.has(bit)));
}

function readNameConstraints(value: Element): NameConstraints {
  const fields = value.fields();
  const permitted = fields.optional(contextTag(0));
  const excluded = fields.optional(contextTag(1));
  fields.end();
  return {
    permitted: permitted === undefined ? [] : readSubtrees(permitted, contextTag(0)),
    excluded: excluded === undefined ? [] : readSubtrees(excluded, contextTag(1)),
  };
}

/** minimum is 0 and maximum absent (RFC 5280 §4.2.1.10): another is a fault. */
function readSubtrees(element: Element, tag: number): readonly GeneralName[] {
  return element.list(tag, NAMES_MOST).map((one) => {
    const fields = one.fields();
    const base = readGeneralName(fields.any(), [8, 32]);
    fields.end();
    return base;
  });
}

function readAuthorityKeyId(value: Element): Understood {
  const keyId = value.fields().optional(contextTag(0, false));
  return keyId === undefined ? {} : { authorityKeyId: keyId.content };
}

function readDistributionPoint(element: Element): DistributionPoint {
  const fields = element.fields();
  const name = fields.optional(contextTag(0));
  const reasons = fields.optional(contextTag(1, false));
  const issuer = fields.optional(contextTag(2));
  fields.end();
  return {
    ...readDistributionPointName(name),
    ...(reasons !== undefined && { reasons: readBitNumbers(reasons.as(TAG.bitString)) }),
    ...(issuer !== undefined && { crlIssuer: directoryName(issuer) }),
  };
}

/** Of a cRLIssuer, which has the name that stands in its CRLs (RFC 5280 §4.2.1.13). */
function directoryName(issuer: Element): DistinguishedName {
  const name = readGeneralNames(issuer, contextTag(2)).find(({ kind }) => kind === 'directory');
  return name?.kind === 'directory' ? name.name : fault('an issuer of CRLs without a name');
}

function readInformationAccess(value: Element): Understood {
  const descriptions = value.list(TAG.sequence, NAMES_MOST).map((one) => {
    const fields = one.fields();
    return { method: readObjectIdentifier(fields.any()), location: fields.any() };
  });
  const responders = descriptions.filter(
    ({ method, location }) => method === OID.ocsp && location.tag === contextTag(6, false),
  );
  return { ocspResponders: responders.map(({ location }) => latinText(location.content)) };
}

function readPolicyConstraints(value: Element): Understood {
  const fields = value.fields();
  const [explicit, mapping] = [fields.optional(contextTag(0, false)), fields.optional(contextTag(1, false))];
  fields.end();
  return {
    policyConstraints: {
      ...(explicit === undefined ? {} : { requireExplicit: readSmall(explicit.as(TAG.integer)) }),
      ...(mapping === undefined ? {} : { inhibitMapping: readSmall(mapping.as(TAG.integer)) }),
    },
  };
}
