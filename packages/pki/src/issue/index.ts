/** A certificate authority for laboratories, tests and demonstrations: certificates, CRLs and OCSP responses. */
export type { SignatureAlgorithmName } from '../signature/algorithm.ts';
export type { Authority } from './authority.ts';
export { type CertificateFields, issueCertificate } from './certificate.ts';
export { type CrlFields, issueCrl } from './crl.ts';
export type { ExtensionOctets, IssuedExtensions, NameText } from './extensions.ts';
export { issueOcspResponse, type OcspFields } from './ocsp.ts';
