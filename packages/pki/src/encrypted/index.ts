/** Private keys behind passwords: encrypted PKCS#8 and PEM, and PKCS#12. By pkijs and the WebCrypto of the platform. */
export { encryptedPrivateKeyFrom } from './pkcs8.ts';
export { type Pkcs12, pkcs12CertificatesFrom, pkcs12From } from './pkcs12.ts';
