/** Bounds on what the network, or a file, may make this package do. */

/** Octets of one certificate, or of an OCSP response. */
export const CERTIFICATE_OCTETS_MOST = 32_768;

/** Octets of one CRL: some 100,000 entries. */
export const CRL_OCTETS_MOST = 8_388_608;

/** Octets of a file of keys or certificates. */
export const FILE_OCTETS_MOST = 16_777_216;

/** Certificates that one peer may send, those in PKCS#7 included. */
export const CERTIFICATES_MOST = 20;

/** Certificates of a path, the trust anchor included. */
export const PATH_MOST = 10;

/** Paths that are looked at for one end entity, and signatures that are verified for all of them together. */
export const PATHS_MOST = 32;
export const SIGNATURES_MOST = 64;

/** Elements of a name, names of a certificate, subtrees of name constraints, extensions. */
export const NAME_ELEMENTS_MOST = 64;
export const NAMES_MOST = 256;
export const EXTENSIONS_MOST = 64;

/** Nodes of the graph of certificate policies at one depth. */
export const POLICIES_MOST = 128;

/** Certificates that a search for paths goes through. */
export const STEPS_MOST = 512;

/** CRLs of one issuer and scope, and in all, that nobody is known yet to have signed. */
export const UNPROVED_CRLS_PER_SCOPE = 4;
export const UNPROVED_CRLS_IN_ALL = 32;

/** OCSP responses about one certificate that nobody is known yet to have signed; and octets of all that are held. */
export const UNPROVED_OCSP = 4;
export const OCSP_OCTETS_MOST = 16_777_216;

/** Answers in one OCSP response. */
export const OCSP_ANSWERS_MOST = 64;
