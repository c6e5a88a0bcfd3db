import { cbcOf, defineSuite, type OwnBlockCipher, type OwnSuite } from '@espalier/crypto';
import { Blowfish } from 'egoroof-blowfish';

const BLOCK_OCTETS = 8;

/** Blowfish with keys of 128 bits, as another library has it, one block at a time. */
const BLOWFISH: OwnBlockCipher = {
  name: 'blowfish-128-cbc',
  keyOctets: 16,
  blockOctets: BLOCK_OCTETS,
  key: (key) => {
    const cipher = new Blowfish(key, Blowfish.MODE.ECB, Blowfish.PADDING.NULL);
    return {
      encrypt: (block) => block.set(cipher.encode(block)),
      // It takes zeros at an end for padding: they are put back.
      decrypt: (block) => {
        const plain = cipher.decode(block, Blowfish.TYPE.UINT8_ARRAY);
        block.fill(0).set(plain);
      },
      wipe: () => key.fill(0),
    };
  },
};

/**
 * Blowfish-CBC (RFC 2451) with HMAC-SHA1-96: no suite of the table. RFC 8221 §5 says MUST NOT: it is here as a cipher that
 * the library does not have.
 */
export const BLOWFISH_SUITE: OwnSuite = defineSuite({
  cipher: cbcOf(BLOWFISH),
  mac: 'hmac-sha1-96',
  // ESP_BLOWFISH (RFC 2407 §4.4.4.10), which has keys of several lengths (RFC 2451 §2.2).
  ikev1: { transform: 7, keyLength: true },
});
