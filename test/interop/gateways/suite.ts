/** One choice of algorithms, in the words of each program. */
export interface Suite {
  readonly name: string;
  readonly strongSwan: { readonly ike: string; readonly esp: string };
  /** Its own choice where nothing is said. */
  readonly libreswan?: { readonly ike?: string; readonly esp?: string; readonly pfs: boolean };
  readonly junos: JunosSuite;
  /** Ours, by the library's name, where Junos has no words for it. */
  readonly esp?: string;
}

/** Statements of `ike proposal`, `ipsec proposal` and `ipsec policy`; what is absent keeps its default. */
interface JunosSuite {
  readonly ike?: { readonly group: string; readonly hash: string; readonly encryption: string };
  readonly ipsec?: { readonly authentication?: string; readonly encryption: string; readonly pfs?: string };
}

export const SUITES: readonly Suite[] = [
  {
    // The defaults of the AS PIC: the configuration of the seed, with nothing said about algorithms.
    name: '3des-sha1-modp1024',
    strongSwan: { ike: '3des-sha1-modp1024', esp: '3des-sha1' },
    junos: {},
  },
  {
    name: 'aes128-sha256-modp2048-pfs',
    strongSwan: { ike: 'aes128-sha256-modp2048', esp: 'aes128-sha256-modp2048' },
    junos: {
      ike: { group: 'group14', hash: 'sha256', encryption: 'aes-128-cbc' },
      ipsec: { authentication: 'hmac-sha-256-128', encryption: 'aes-128-cbc', pfs: 'group14' },
    },
  },
  {
    name: 'aes256-sha1-modp1536',
    strongSwan: { ike: 'aes256-sha1-modp1536', esp: 'aes256-sha1' },
    junos: {
      ike: { group: 'group5', hash: 'sha1', encryption: 'aes-256-cbc' },
      ipsec: { authentication: 'hmac-sha1-96', encryption: 'aes-256-cbc' },
    },
  },
  {
    // strongSwan's own choice: of its defaults IKEv1 is offered the first of each kind.
    name: 'default',
    strongSwan: { ike: 'default', esp: 'default' },
    junos: {
      ike: { group: 'group31', hash: 'sha-256', encryption: 'aes-128-cbc' },
      ipsec: { authentication: 'hmac-sha-256-128', encryption: 'aes-128-cbc' },
    },
  },
  {
    name: 'aes256-sha384-ecp384-pfs',
    strongSwan: { ike: 'aes256-sha384-ecp384', esp: 'aes256-sha256-ecp521' },
    junos: {
      ike: { group: 'group20', hash: 'sha-384', encryption: 'aes-256-cbc' },
      ipsec: { authentication: 'hmac-sha-256-128', encryption: 'aes-256-cbc', pfs: 'group21' },
    },
  },
  {
    name: 'aes192-sha256-ecp256-pfs',
    strongSwan: { ike: 'aes192-sha256-ecp256', esp: 'aes192-sha256-ecp256' },
    junos: {
      ike: { group: 'group19', hash: 'sha-256', encryption: 'aes-192-cbc' },
      ipsec: { authentication: 'hmac-sha-256-128', encryption: 'aes-192-cbc', pfs: 'group19' },
    },
  },
  {
    name: '3des-sha1-modp1536',
    strongSwan: { ike: '3des-sha1-modp1536', esp: '3des-sha1' },
    libreswan: { ike: '3des-sha1;modp1536', esp: '3des-sha1', pfs: false },
    junos: {
      ike: { group: 'group5', hash: 'sha1', encryption: '3des-cbc' },
      ipsec: { authentication: 'hmac-sha1-96', encryption: '3des-cbc' },
    },
  },
  {
    name: 'aes256-sha256-modp2048-pfs',
    strongSwan: { ike: 'aes256-sha256-modp2048', esp: 'aes256-sha256-modp2048' },
    libreswan: { ike: 'aes256-sha2_256;modp2048', esp: 'aes256-sha2_256;modp2048', pfs: true },
    junos: {
      ike: { group: 'group14', hash: 'sha256', encryption: 'aes-256-cbc' },
      ipsec: { authentication: 'hmac-sha-256-128', encryption: 'aes-256-cbc', pfs: 'group14' },
    },
  },
  {
    // libreswan's own choice: nothing is said about algorithms.
    name: 'libreswan-default',
    strongSwan: { ike: 'aes256-sha256-modp2048', esp: 'aes256-sha256-modp2048' },
    libreswan: { pfs: true },
    junos: {
      ike: { group: 'group14', hash: 'sha256', encryption: 'aes-256-cbc' },
      ipsec: { authentication: 'hmac-sha1-96', encryption: 'aes-128-cbc', pfs: 'group14' },
    },
  },
  {
    name: 'aes128-sha1',
    strongSwan: { ike: 'aes128-sha1-modp1024', esp: 'aes128-sha1' },
    junos: {
      ike: { group: 'group2', hash: 'sha1', encryption: 'aes-128-cbc' },
      ipsec: { authentication: 'hmac-sha1-96', encryption: 'aes-128-cbc' },
    },
  },
  {
    name: 'aes128gcm16',
    strongSwan: { ike: 'aes128-sha1-modp1024', esp: 'aes128gcm16' },
    junos: {
      ike: { group: 'group2', hash: 'sha1', encryption: 'aes-128-cbc' },
      ipsec: { encryption: 'aes-128-gcm' },
    },
  },
];

/** ESP suites that strongSwan's userland has words for, and what the library calls them. */
const STRONGSWAN_ESP: readonly (readonly [theirs: string, ours: string])[] = [
  ['null-sha1', 'null/hmac-sha1-96'],
  ['3des-md5', '3des-cbc/hmac-md5-96'],
  ['aes128-sha384', 'aes-128-cbc/hmac-sha2-384-192'],
  ['aes256-sha512', 'aes-256-cbc/hmac-sha2-512-256'],
  ['aes192-aesxcbc', 'aes-192-cbc/aes-xcbc-96'],
  ['aes128ctr-sha1', 'aes-128-ctr/hmac-sha1-96'],
  ['aes256ctr-sha256', 'aes-256-ctr/hmac-sha2-256-128'],
  ['camellia128-sha1', 'camellia-128-cbc/hmac-sha1-96'],
  ['camellia256-sha256', 'camellia-256-cbc/hmac-sha2-256-128'],
  ['aes128gcm8', 'aes-128-gcm-8'],
  ['aes192gcm12', 'aes-192-gcm-12'],
  ['aes256gcm16', 'aes-256-gcm-16'],
  ['aes128ccm8', 'aes-128-ccm-8'],
  ['aes192ccm12', 'aes-192-ccm-12'],
  ['aes256ccm16', 'aes-256-ccm-16'],
];

export const STRONGSWAN_ESP_SUITES: readonly Suite[] = STRONGSWAN_ESP.map(([theirs, ours]) => ({
  name: `esp-${theirs}`,
  strongSwan: { ike: 'aes128-sha1-modp1024', esp: theirs },
  junos: { ike: { group: 'group2', hash: 'sha1', encryption: 'aes-128-cbc' } },
  esp: ours,
}));

/** What every peer has of itself, and a misbehaving one too. */
export const CONFORMANCE_SUITE: Suite = {
  name: 'aes128-sha1-modp2048',
  strongSwan: { ike: 'aes128-sha1-modp2048', esp: 'aes128-sha1' },
  libreswan: { ike: 'aes128-sha1;modp2048', esp: 'aes128-sha1', pfs: false },
  junos: {
    ike: { group: 'group14', hash: 'sha1', encryption: 'aes-128-cbc' },
    ipsec: { authentication: 'hmac-sha1-96', encryption: 'aes-128-cbc' },
  },
};

/** Suites of phase 1, as strongSwan writes them: ours is its IKE alone. */
export const STRONGSWAN_IKE_SUITES: readonly Suite[] = [
  '3des-md5-modp1024',
  'aes128-md5-modp768',
  'aes128-sha1-modp1536',
  'aes192-sha256-ecp256',
  'aes192-sha384-modp3072',
  'aes256-sha384-ecp384',
  'aes256-sha512-ecp521',
  'aes256-sha512-modp4096',
  'aes256-sha256-modp6144',
  'aes256-sha512-modp8192',
  'aes128-sha256-curve25519',
].map((ike) => ({ name: `ike-${ike}`, strongSwan: { ike, esp: 'aes128-sha1' }, junos: {} }));

export function suite(name: string): Suite {
  const found = [...SUITES, ...STRONGSWAN_ESP_SUITES, ...STRONGSWAN_IKE_SUITES].find(
    (candidate) => candidate.name === name,
  );
  if (found === undefined) throw new RangeError(`suite: there is no ${name}`);
  return found;
}
