/** E-mail addresses in a subject (RFC 5280 §4.1.2.6). */
export const EMAIL_TYPE = '1.2.840.113549.1.9.1';

const DOMAIN_COMPONENT_TYPE = '0.9.2342.19200300.100.1.25';

/** Types whose value is an IA5String (RFC 5280 Appendix A.1). */
export const IA5_TYPES: ReadonlySet<string> = new Set([EMAIL_TYPE, DOMAIN_COMPONENT_TYPE]);

/** The short names of attribute types that texts use (RFC 4514 §3, and as strongSwan, libreswan and OpenSSL write them). */
const NAMES: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  SN: '2.5.4.4',
  serialNumber: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  street: '2.5.4.9',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  title: '2.5.4.12',
  GN: '2.5.4.42',
  initials: '2.5.4.43',
  generationQualifier: '2.5.4.44',
  dnQualifier: '2.5.4.46',
  pseudonym: '2.5.4.65',
  unstructuredName: '1.2.840.113549.1.9.2',
  E: EMAIL_TYPE,
  UID: '0.9.2342.19200300.100.1.1',
  DC: DOMAIN_COMPONENT_TYPE,
};

/** Other spellings of the same. */
const ALIASES: Readonly<Record<string, string>> = {
  S: 'ST',
  D: 'title',
  T: 'title',
  G: 'GN',
  EMAIL: 'E',
  EMAILADDRESS: 'E',
  USERID: 'UID',
  SURNAME: 'SN',
  GIVENNAME: 'GN',
  COMMONNAME: 'CN',
};

const TYPES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(NAMES).map(([name, type]) => [name.toUpperCase(), type] as const),
  ...Object.entries(ALIASES).map(([alias, name]) => [alias, NAMES[name] ?? ''] as const),
]);
const SHORT: ReadonlyMap<string, string> = new Map(Object.entries(NAMES).map(([name, type]) => [type, name]));

/** The object identifier of an attribute type by its short name, of either case, or by itself. */
export function attributeType(name: string): string | undefined {
  if (/^[012](\.\d{1,9}){1,16}$/.test(name)) return name;
  return TYPES.get(name.toUpperCase());
}

export function attributeName(type: string): string {
  return SHORT.get(type) ?? type;
}
