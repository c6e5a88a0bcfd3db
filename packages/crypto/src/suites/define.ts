import { CIPHERS, type CipherRow } from './ciphers.ts';
import { blocksUse, keyUseOf } from './limits.ts';
import { type EspMac, MACS, type MacRow } from './macs.ts';
import type { OwnAead, OwnCipher, OwnMac, OwnPart, OwnSuite, OwnTransformNumbers } from './own.ts';
import { type OwnSuiteParts, registerOwnSuite } from './own-registry.ts';
import type { KeyUse } from './parts.ts';
import { findSuite } from './suites.ts';

/** A cipher and a MAC, of which one may be ours and is named, for example `aes-128-cbc` or `hmac-sha1-96`; or an AEAD. */
export type OwnSuiteDefinition = (
  | { readonly cipher: OwnCipher | string; readonly mac: OwnMac | EspMac }
  | { readonly aead: OwnAead }
) & {
  /**
   * How much one key protects at most (`keyLimits`). Default: what parts of ours allow; of a cipher with unpredictable IVs
   * what CBC mode allows with such blocks; of an AEAD 2^32 packets.
   */
  readonly keyUse?: KeyUse;
  /** For IKE to negotiate it. */
  readonly ikev1?: OwnTransformNumbers;
};

/**
 * A suite that is not in the table, with a part that the caller brings. An engine of `withOwnSuites` computes it. The suite
 * is this object, wherever one is taken: its name alone, or a copy, is not known.
 * @throws RangeError for parts that are all ours, a name that the table has, and lengths out of bounds; TypeError for a part
 * that is none.
 */
export function defineSuite(definition: OwnSuiteDefinition): OwnSuite {
  if (typeof definition !== 'object' || definition === null) throw new TypeError('definition must be an object');
  checkKeyUse(definition.keyUse);
  checkNumbers(definition.ikev1);
  const parts = 'aead' in definition ? { aead: checkedAead(definition.aead) } : cipherAndMac(definition);
  const suite = Object.freeze({
    ...('aead' in parts ? aeadSuite(parts.aead, definition) : cipherMacSuite(parts, definition)),
    unauthenticated: false,
    ikev1: definition.ikev1 && Object.freeze({ ...definition.ikev1 }),
  });
  if (findSuite(suite.name) !== undefined) throw new RangeError(`name: ${suite.name} is in the table`);
  registerOwnSuite(suite, parts);
  return suite;
}

type CipherAndMac = Exclude<OwnSuiteParts, { readonly aead: OwnAead }>;
type Front = Omit<OwnSuite, 'unauthenticated' | 'ikev1'>;
type Bounds = Pick<OwnSuiteDefinition, 'keyUse'>;

function cipherAndMac(definition: Exclude<OwnSuiteDefinition, { readonly aead: OwnAead }>): CipherAndMac {
  const cipher =
    typeof definition.cipher === 'string' ? cipherRow(definition.cipher) : checkedCipher(definition.cipher);
  const mac = typeof definition.mac === 'string' ? macRow(definition.mac) : checkedMac(definition.mac);
  if (!('key' in cipher || 'key' in mac)) {
    throw new RangeError('definition: cipher or mac must be brought, of ours the table has every suite');
  }
  return { cipher, mac };
}

function cipherMacSuite({ cipher, mac }: CipherAndMac, { keyUse }: Bounds): Front {
  const integrity = 'key' in mac ? mac.name : mac.integrity;
  const use = { ...('key' in mac ? {} : keyUseOf(mac.integrity)), ...cipherUse(cipher) };
  return {
    own: true,
    name: `${cipher.name}/${integrity}`,
    aead: false,
    encryption: 'key' in cipher ? cipher.name : cipher.encryption,
    integrity,
    encryptionKeyOctets: cipher.keyOctets,
    saltOctets: cipher.saltOctets ?? 0,
    integrityKeyOctets: mac.keyOctets,
    ivOctets: cipher.ivOctets,
    iv: cipher.iv,
    cipherBlockOctets: cipher.blockOctets,
    alignmentOctets: Math.max(4, cipher.blockOctets),
    icvOctets: mac.icvOctets,
    legacy: ('legacy' in cipher && cipher.legacy) || ('legacy' in mac && mac.legacy),
    keyUse: Object.freeze({ ...(keyUse ?? use) }),
  };
}

function cipherUse(cipher: OwnCipher | CipherRow): KeyUse {
  if (!('key' in cipher)) return keyUseOf(cipher.encryption);
  return cipher.iv === 'unpredictable' ? blocksUse(cipher.blockOctets) : {};
}

function aeadSuite(aead: OwnAead, { keyUse = { packets: 2 ** 32 } }: Bounds): Front {
  const { name, keyOctets, saltOctets = 0, ivOctets, blockOctets = 1, icvOctets } = aead;
  return {
    own: true,
    name,
    aead: true,
    encryption: name,
    integrity: 'none',
    encryptionKeyOctets: keyOctets,
    saltOctets,
    integrityKeyOctets: 0,
    ivOctets,
    iv: ivOctets === 0 ? 'implicit' : 'sequence',
    cipherBlockOctets: blockOctets,
    alignmentOctets: Math.max(4, blockOctets),
    icvOctets,
    legacy: false,
    keyUse: Object.freeze({ ...keyUse }),
  };
}

function cipherRow(name: string): CipherRow {
  const row = CIPHERS.find((known) => known.name === name);
  if (row === undefined) throw new RangeError(`cipher: '${name}' is not known`);
  return row;
}

function macRow(name: EspMac): MacRow {
  const row = MACS.find(({ integrity }) => integrity === name);
  if (row === undefined) throw new RangeError(`mac: '${name}' is not known`);
  return row;
}

function checkedCipher(cipher: OwnCipher): OwnCipher {
  checkPart('cipher', cipher);
  const { iv, ivOctets, blockOctets, saltOctets = 0 } = cipher;
  within('cipher.saltOctets', saltOctets, 0, 64);
  within('cipher.ivOctets', ivOctets, 0, 64);
  checkBlock('cipher.blockOctets', blockOctets);
  const isFit = iv === 'none' ? ivOctets === 0 : iv === 'sequence' ? ivOctets === 8 : ivOctets > 0;
  if (!['none', 'unpredictable', 'sequence'].includes(iv) || !isFit) {
    throw new RangeError("cipher.iv: must be 'none' of 0 octets, 'sequence' of 8, or 'unpredictable'");
  }
  return cipher;
}

function checkedMac(mac: OwnMac): OwnMac {
  checkPart('mac', mac);
  within('mac.icvOctets', mac.icvOctets, 4, 64);
  return mac;
}

function checkedAead(aead: OwnAead): OwnAead {
  checkPart('aead', aead);
  const { saltOctets = 0, ivOctets, blockOctets = 1, icvOctets } = aead;
  within('aead.saltOctets', saltOctets, 0, 64);
  within('aead.icvOctets', icvOctets, 4, 64);
  checkBlock('aead.blockOctets', blockOctets);
  if (ivOctets !== 0 && ivOctets !== 8) throw new RangeError('aead.ivOctets: must be 8, or 0 where IVs are implicit');
  return aead;
}

function checkKeyUse(keyUse: KeyUse = {}): void {
  for (const [name, most] of Object.entries(keyUse)) {
    if (!(typeof most === 'number' && most > 0)) throw new RangeError(`keyUse.${name}: must be a number above 0`);
  }
}

/** What IKE writes in 8 and in 16 bits (RFC 2408 §3.6, RFC 2407 §4.5). */
function checkNumbers(ikev1: OwnTransformNumbers | undefined): void {
  if (ikev1 === undefined) return;
  if (typeof ikev1 !== 'object' || ikev1 === null) throw new TypeError('ikev1 must be an object');
  within('ikev1.transform', ikev1.transform, 1, 0xff);
  if (ikev1.authentication !== undefined) within('ikev1.authentication', ikev1.authentication, 1, 0xffff);
}

function checkPart(argument: string, part: OwnPart & { readonly key: unknown }): void {
  if (typeof part !== 'object' || part === null) throw new TypeError(`${argument} must be an object`);
  if (typeof part.key !== 'function') throw new TypeError(`${argument}.key must be a function`);
  if (typeof part.name !== 'string' || part.name === '') throw new TypeError(`${argument}.name must be a text`);
  within(`${argument}.keyOctets`, part.keyOctets, 0, 1024);
}

function checkBlock(argument: string, octets: number): void {
  within(argument, octets, 1, 64);
  if ((octets & (octets - 1)) !== 0) throw new RangeError(`${argument}: must be a power of two`);
}

function within(argument: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new RangeError(`${argument}: must be a whole number from ${least} to ${most}`);
  }
}
