import { concat } from '@espalier/wire';
import { fromUtf8 } from '../text/utf8.ts';
import { macKeyOctets, suitesOf } from './algorithms.ts';
import { JsonObject } from './json-object.ts';
import type { EspSaKeys, IkeSaKeys, KeyRing } from './key-ring.ts';

const MEMBERS = ['psk', 'psk_hex', 'dh_private', 'ike_sas', 'child_sas'] as const;
const COOKIE = /^(?:0x)?([0-9a-f]{16})$/i;
const SPI = /^(?:0x)?([0-9a-f]{1,8})$/i;

/**
 * What a keys.json holds, each part of it optional; octets are hexadecimal, and other members are passed over. Undefined
 * for JSON of something else.
 * @throws RangeError naming a member that is not what it must be; never what it holds.
 */
export function sessionKeys(text: string): KeyRing | undefined {
  const session = new JsonObject(parsed(text));
  if (!MEMBERS.some((name) => session.has(name))) return undefined;
  return {
    ike: session.objects('ike_sas').map(ikeSa),
    esp: session.objects('child_sas').flatMap(childSa),
    preSharedKeys: [textKey(session), session.octets('psk_hex')].filter((key) => key !== undefined),
    dhPrivateValues: session.octetsList('dh_private'),
    notes: [],
  };
}

/** What a parser of JSON throws quotes the text, and with it keys. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RangeError('it begins as JSON, and is none');
  }
}

function ikeSa(sa: JsonObject): IkeSaKeys {
  const [, cookie] = COOKIE.exec(sa.text('cookie_i') ?? '') ?? [];
  if (cookie === undefined) throw sa.wrong('cookie_i', 'must be 16 hexadecimal digits');
  const [encryption, skeyid, skeyidD, skeyidA, skeyidE, sharedSecret] = [
    ...[sa.octets('ka'), sa.octets('skeyid'), sa.octets('skeyid_d'), sa.octets('skeyid_a'), sa.octets('skeyid_e')],
    sa.octets('g_xy'),
  ];
  return {
    initiatorCookie: cookie.toLowerCase(),
    ...(encryption && { encryption }),
    ...(skeyid && { skeyid }),
    ...(skeyidD && { skeyidD }),
    ...(skeyidA && { skeyidA }),
    ...(skeyidE && { skeyidE }),
    ...(sharedSecret && { sharedSecret }),
  };
}

/** Of one direction, or both. */
function childSa(child: JsonObject): readonly EspSaKeys[] {
  const encryption = child.text('encryption');
  if (encryption === undefined) throw child.wrong('encryption', 'must name a cipher');
  const keys = ['i2r', 'r2i'].flatMap((way) => direction(child, way, encryption, child.text('integrity') ?? ''));
  if (keys.length === 0) throw child.wrong('spi_i2r', 'is missing, and so is spi_r2i');
  return keys;
}

/** Its keys; or KEYMAT, which is the cipher's, salt included, and that of the MAC behind. */
function direction(child: JsonObject, way: string, encryption: string, integrity: string): readonly EspSaKeys[] {
  if (!child.has(`spi_${way}`)) return [];
  const [, spi] = SPI.exec(child.text(`spi_${way}`) ?? '') ?? [];
  if (spi === undefined) throw child.wrong(`spi_${way}`, 'must be up to 8 hexadecimal digits');
  const key = child.octets(`enc_key_${way}`) ?? NOTHING;
  const macKey = child.octets(`integ_key_${way}`) ?? NOTHING;
  const keymat = child.octets(`keymat_${way}`);
  const octets = keymat ?? concat(key, macKey);
  const macAt = keymat === undefined ? key.length : octets.length - macKeyOctets(integrity);
  return [
    {
      spi: Number.parseInt(spi, 16),
      source: '*',
      destination: '*',
      algorithms: [encryption, integrity].filter((part) => part !== '').join(' / '),
      ...suitesOf(encryption, integrity, octets.subarray(0, macAt), octets.subarray(macAt)),
      esn: undefined,
      sequenceHigh: undefined,
    },
  ];
}

const NOTHING = new Uint8Array(0);

/** A pre-shared key that is text is its octets, in UTF-8 where it is not ASCII; one of digits alone may be a number. */
function textKey(session: JsonObject): Uint8Array | undefined {
  const text = session.textOrNumber('psk');
  if (text !== undefined && /\p{Surrogate}/u.test(text)) throw session.wrong('psk', 'has half of a surrogate pair');
  return text === undefined ? undefined : fromUtf8(text);
}
