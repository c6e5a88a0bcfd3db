import { fromAscii, fromHex } from '@espalier/wire';
import type { Block, Value } from '../places/block.ts';
import { ruledOut, unexpected } from '../text/error.ts';
import { decodeSecret } from '../text/secret.ts';
import type { Word } from '../text/tokenizer.ts';

/** Forms of secrets that begin with `$`, a number and `$`, and cannot be turned back. */
const CODED: ReadonlyMap<string, string> = new Map([
  ['$8$', 'keys in the form $8$, which are encrypted under the master password of their router'],
  ['$1$', 'keys in the form $1$, which is a hash'],
  ['$5$', 'keys in the form $5$, which is a hash'],
  ['$6$', 'keys in the form $6$, which is a hash'],
]);

const otherForm = (form: string) => `keys in the form ${form}, which cannot be turned back`;

/** What stands where a secret was taken out before the text was shown to somebody. */
const REMOVED = /^(?:\*+|x{4,}|<.*>|\/\*.*|.*SECRET-DATA.*|(?:removed|hidden|redacted|secret-data))$/i;

/**
 * `pre-shared-key`: its octets. `$9$` is decoded; no other coded or hidden secret is ever taken for the key itself. No
 * error text here may quote a word: it could be the key.
 */
export function readKey(block: Block): Uint8Array {
  block.conceal();
  refuseHidden(block);
  const ascii = block.one('ascii-text', asciiKey);
  const hexadecimal = block.one('hexadecimal', hexadecimalKey);
  if (ascii && hexadecimal) return block.incomplete('either ascii-text or hexadecimal');
  return ascii ?? hexadecimal ?? block.incomplete('ascii-text or hexadecimal');
}

/** Where the reader of a configuration may not see secrets, Junos prints a comment in their place. */
function refuseHidden(block: Block): void {
  for (const keyword of ['ascii-text', 'hexadecimal']) {
    if (block.isBare(keyword))
      block.incomplete(`the key after ${keyword}: the text was shown without its secrets, it seems,`);
  }
}

const asciiKey: Value<Uint8Array> = (word) => {
  const decoded = decoded9(word);
  if (decoded !== undefined) return decoded;
  const { text, position, escaped } = word;
  if (escaped === true) throw unexpected(position, 'a key with \\" and \\\\ as its only escapes');
  if (!/^[ -~]+$/.test(text)) throw unexpected(position, 'a key of printable ASCII characters');
  return fromAscii(text);
};

const hexadecimalKey: Value<Uint8Array> = (word) => {
  const decoded = decoded9(word);
  const digits =
    decoded === undefined ? word.text : Array.from(decoded, (octet) => String.fromCharCode(octet)).join('');
  if (!/^([0-9a-fA-F]{2})+$/.test(digits)) throw unexpected(word.position, 'an even number of hexadecimal digits');
  return fromHex(digits);
};

/** What `$9$` stands for; undefined for a word that is the key itself. */
function decoded9({ text, position }: Word): Uint8Array | undefined {
  const form = /^\$\d+\$/.exec(text)?.[0];
  if (form === '$9$') {
    const octets = decodeSecret(text);
    if (octets === undefined)
      throw unexpected(position, 'a key in the form $9$ that is whole: this one is cut short or has other characters');
    return octets;
  }
  if (form !== undefined) throw ruledOut(position, CODED.get(form) ?? otherForm(form), 'the key itself');
  if (REMOVED.test(text)) throw unexpected(position, 'the key itself: what stands here was put in its place');
  return undefined;
}
