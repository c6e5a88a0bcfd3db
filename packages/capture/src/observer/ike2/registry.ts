/** Numbers of IKEv2 by their names (RFC 7296 §3 and the registry of IANA). */

export const EXCHANGE = { saInit: 34, createChildSa: 36, informational: 37 } as const;

export const EXCHANGES: Readonly<Record<number, string>> = {
  34: 'IKE_SA_INIT',
  35: 'IKE_AUTH',
  36: 'CREATE_CHILD_SA',
  37: 'INFORMATIONAL',
  38: 'IKE_SESSION_RESUME',
  39: 'GSA_AUTH',
  40: 'GSA_REGISTRATION',
  41: 'GSA_REKEY',
  43: 'IKE_INTERMEDIATE',
  44: 'IKE_FOLLOWUP_KE',
};

export const FLAG = { initiator: 0x08, version: 0x10, response: 0x20 } as const;

export const PAYLOAD = {
  sa: 33,
  ke: 34,
  nonce: 40,
  notify: 41,
  delete: 42,
  vendorId: 43,
  encrypted: 46,
  encryptedFragment: 53,
} as const;

export const PAYLOADS: Readonly<Record<number, string>> = {
  33: 'SA',
  34: 'KE',
  35: 'IDi',
  36: 'IDr',
  37: 'CERT',
  38: 'CERTREQ',
  39: 'AUTH',
  40: 'Ni or Nr',
  41: 'N',
  42: 'D',
  43: 'V',
  44: 'TSi',
  45: 'TSr',
  46: 'SK',
  47: 'CP',
  48: 'EAP',
  49: 'GSPM',
  53: 'SKF',
};

export const PROTOCOLS: Readonly<Record<number, string>> = { 0: 'none', 1: 'ike', 2: 'ah', 3: 'esp' };

export const TRANSFORM_TYPES: Readonly<Record<number, string>> = {
  1: 'encr',
  2: 'prf',
  3: 'integ',
  4: 'group',
  5: 'esn',
};

/** By transform type. */
export const TRANSFORMS: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  1: {
    2: 'des',
    3: '3des',
    5: 'idea',
    6: 'cast',
    7: 'blowfish',
    11: 'null',
    12: 'aes-cbc',
    13: 'aes-ctr',
    14: 'aes-ccm-8',
    15: 'aes-ccm-12',
    16: 'aes-ccm-16',
    18: 'aes-gcm-8',
    19: 'aes-gcm-12',
    20: 'aes-gcm-16',
    21: 'aes-gmac',
    23: 'camellia-cbc',
    24: 'camellia-ctr',
    28: 'chacha20-poly1305',
  },
  2: {
    1: 'hmac-md5',
    2: 'hmac-sha1',
    3: 'hmac-tiger',
    4: 'aes-xcbc',
    5: 'hmac-sha2-256',
    6: 'hmac-sha2-384',
    7: 'hmac-sha2-512',
    8: 'aes-cmac',
  },
  3: {
    0: 'none',
    1: 'hmac-md5-96',
    2: 'hmac-sha1-96',
    3: 'des-mac',
    5: 'aes-xcbc-96',
    8: 'aes-cmac-96',
    12: 'hmac-sha2-256-128',
    13: 'hmac-sha2-384-192',
    14: 'hmac-sha2-512-256',
  },
  5: { 0: 'no', 1: 'yes' },
};

export const NOTIFIES: Readonly<Record<number, string>> = {
  1: 'UNSUPPORTED_CRITICAL_PAYLOAD',
  4: 'INVALID_IKE_SPI',
  5: 'INVALID_MAJOR_VERSION',
  7: 'INVALID_SYNTAX',
  9: 'INVALID_MESSAGE_ID',
  11: 'INVALID_SPI',
  14: 'NO_PROPOSAL_CHOSEN',
  17: 'INVALID_KE_PAYLOAD',
  24: 'AUTHENTICATION_FAILED',
  34: 'SINGLE_PAIR_REQUIRED',
  35: 'NO_ADDITIONAL_SAS',
  36: 'INTERNAL_ADDRESS_FAILURE',
  37: 'FAILED_CP_REQUIRED',
  38: 'TS_UNACCEPTABLE',
  39: 'INVALID_SELECTORS',
  43: 'TEMPORARY_FAILURE',
  44: 'CHILD_SA_NOT_FOUND',
  16384: 'INITIAL_CONTACT',
  16385: 'SET_WINDOW_SIZE',
  16387: 'IPCOMP_SUPPORTED',
  16388: 'NAT_DETECTION_SOURCE_IP',
  16389: 'NAT_DETECTION_DESTINATION_IP',
  16390: 'COOKIE',
  16391: 'USE_TRANSPORT_MODE',
  16393: 'REKEY_SA',
  16396: 'MOBIKE_SUPPORTED',
  16404: 'MULTIPLE_AUTH_SUPPORTED',
  16406: 'REDIRECT_SUPPORTED',
  16407: 'REDIRECT',
  16417: 'EAP_ONLY_AUTHENTICATION',
  16418: 'CHILDLESS_IKEV2_SUPPORTED',
  16430: 'IKEV2_FRAGMENTATION_SUPPORTED',
  16431: 'SIGNATURE_HASH_ALGORITHMS',
  16435: 'USE_PPK',
  16438: 'INTERMEDIATE_EXCHANGE_SUPPORTED',
};
