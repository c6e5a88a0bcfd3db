/** What we want to reach: how many times as fast as a baseline, for 64 and for 1408 octets. */
export interface Target {
  readonly suite: string;
  /** What people call it. */
  readonly title: string;
  readonly tunedNode: Floors;
  readonly openssl: Floors;
  /** How many times as long 64 packets of 64 SAs may take as 64 of one. */
  readonly manySas: Floors;
}

export interface Floors {
  readonly 64: number;
  readonly 1408: number;
}

/** Time ratios of the node engine, sealing and opening, in its headline batch. */
export const TARGETS: readonly Target[] = [
  target('3des-cbc/hmac-sha1-96', '3DES-SHA1', [15, 7], [4, 6], [1.6, 1.6]),
  target('aes-128-cbc/hmac-sha1-96', 'AES-CBC-SHA1', [18, 4], [0.95, 0.75], [1.6, 1.6]),
  target('aes-128-cbc/hmac-sha2-256-128', 'AES-CBC-SHA256', [11, 2.3], [0.6, 0.4], [1.6, 1.6]),
  target('aes-128-gcm-16', 'AES-GCM-16', [15, 2.5], [1.3, 0.3], [2, 1.7]),
  target('chacha20-poly1305', 'ChaCha20-Poly1305', [14, 3.4], [1.5, 0.55], [1.25, 1.25]),
  target('null/hmac-sha1-96', 'NULL-SHA1', [12, 3.5], [1.3, 0.9], [1.25, 1.25]),
];

/** How many times as fast as tuned node:crypto each of `OTHER_SUITES` is to be. C is shown beside it. */
export const OTHER_TARGET: Floors = { 64: 10, 1408: 2.5 };

function target(
  suite: string,
  title: string,
  [tunedShort, tunedLong]: readonly [number, number],
  [opensslShort, opensslLong]: readonly [number, number],
  [manyShort, manyLong]: readonly [number, number],
): Target {
  return {
    suite,
    title,
    tunedNode: { 64: tunedShort, 1408: tunedLong },
    openssl: { 64: opensslShort, 1408: opensslLong },
    manySas: { 64: manyShort, 1408: manyLong },
  };
}
