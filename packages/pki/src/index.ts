export { type Answering, answerWith } from './answers.ts';
export {
  type Certificate,
  nameCertificate,
  type Reading,
  readCertificate,
} from './certificate/certificate.ts';
export type {
  DistributionPoint,
  Extensions,
  KeyUse,
  NameConstraints,
} from './certificate/extensions.ts';
export { IKE_EXTENDED_KEY_USAGES, type TrustPolicy } from './chain/policy.ts';
export { REFUSAL_REASONS, type RefusalReason } from './chain/reasons.ts';
export { type ChainRefusal, formatRefusal } from './chain/refusals.ts';
export type { Credential, PkiConfig } from './config.ts';
export { type PemBlock, readPem, writePem } from './der/pem.ts';
export { certifies } from './identity/certified.ts';
export { type ExpectedIdentity, expectedIdentity, isExpected } from './identity/expected.ts';
export { distinguishedNameId, type IdentityKind, identityOf } from './identity/own.ts';
export { belongsTo } from './keys/belongs.ts';
export {
  certificatesFrom,
  crlsFrom,
  type FileContents,
  PkiFileError,
  privateKeyFrom,
  publicKeyFrom,
} from './keys/files.ts';
export { readPrivateKey } from './keys/private-key.ts';
export {
  type DistinguishedName,
  equalNames,
  formatName,
  type NameAttribute,
  nameContains,
  nameFromOctets,
  nameFromText,
  nameMatches,
  type RelativeName,
} from './name/distinguished-name.ts';
export type { GeneralName } from './name/general-name.ts';
export { type Pkcs7, readPkcs7, writePkcs7 } from './payloads/pkcs7.ts';
export { type ChainEncoding, certificatePayloads, certificateRequests, crlPayload } from './payloads/sent.ts';
export { Pki, type SignatureRequest } from './pki.ts';
export { type Crl, type CrlScope, readCrl } from './revocation/crl.ts';
export { type OcspResponse, readOcspResponse } from './revocation/ocsp.ts';
export type { ChainQuestion, Verdict } from './verdict.ts';
