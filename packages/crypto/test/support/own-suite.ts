import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { cbcOf, type OwnAead, type OwnBlockCipher, type OwnCipher, type OwnMac } from '@espalier/crypto';

/** Parts that a caller could bring, by node:crypto: what the table has under other names. */
export const OWN_BLOCK: OwnBlockCipher = {
  name: 'own-aes-128',
  keyOctets: 16,
  blockOctets: 16,
  key: (key) => ({
    encrypt: (block) => block.set(createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(block)),
    decrypt: (block) => block.set(createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(block)),
    wipe: () => key.fill(0),
  }),
};

export const OWN_CBC: OwnCipher = cbcOf(OWN_BLOCK);

export const OWN_STREAM: OwnCipher = {
  name: 'own-aes-128-ctr',
  keyOctets: 16,
  saltOctets: 4,
  ivOctets: 8,
  iv: 'sequence',
  blockOctets: 1,
  constantTime: true,
  key: ({ encryption, salt }) => ({
    run: (iv, text) =>
      text.set(
        createCipheriv('aes-128-ctr', encryption, Buffer.concat([salt, iv, Uint8Array.of(0, 0, 0, 1)])).update(text),
      ),
    wipe: () => encryption.fill(0),
  }),
};

export const OWN_MAC: OwnMac = {
  name: 'own-hmac-sha2-256-128',
  keyOctets: 32,
  icvOctets: 16,
  constantTime: true,
  key: (key) => ({
    compute: (message, trailer, icv) =>
      icv.set(createHmac('sha256', key).update(message).update(trailer).digest().subarray(0, icv.length)),
    wipe: () => key.fill(0),
  }),
};

/** AES-128-GCM; `ivOctets` of 0 for implicit IVs. */
export function ownGcm(ivOctets: 0 | 8): OwnAead {
  return {
    name: `own-aes-128-gcm-${ivOctets}`,
    keyOctets: 16,
    saltOctets: 4,
    ivOctets,
    icvOctets: 16,
    key: ({ encryption, salt }) => {
      const tagOf = (iv: Uint8Array, associated: Uint8Array, text: Uint8Array): [Uint8Array, Uint8Array] => {
        const cipher = createCipheriv('aes-128-gcm', encryption, Buffer.concat([salt, iv])).setAAD(associated);
        const sealed = cipher.update(text);
        cipher.final();
        return [sealed, cipher.getAuthTag()];
      };
      return {
        seal: (iv, associated, text, icv) => {
          const [sealed, tag] = tagOf(iv, associated, text);
          text.set(sealed);
          icv.set(tag);
        },
        open: (iv, associated, text, icv) => {
          const [plain] = tagOf(iv, associated, text);
          const [, tag] = tagOf(iv, associated, plain);
          if (!timingSafeEqual(tag, icv)) return false;
          text.set(plain);
          return true;
        },
        wipe: () => encryption.fill(0),
      };
    },
  };
}
