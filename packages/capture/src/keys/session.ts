import { concat } from '@espalier/wire';
import { fromUtf8 } from '../text/utf8.ts';
import { ahSuitesOf, macKeyOctets, suitesOf } from './algorithms.ts';
import { JsonObject } from './json-object.ts';
import { type AhSaKeys, type EspSaKeys, type IkeSaKeys, type KeyRing, NO_KEYS, type SaKeys } from './key-ring.ts';

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
  const children = session.objects('child_sas');
  return {
    ...NO_KEYS,
    ike: session.objects('ike_sas').map(ikeSa),
    esp: children.filter((child) => !isAh(child)).flatMap(espSas),
    ah: children.filter(isAh).flatMap(ahSas),
    preSharedKeys: [textKey(session), session.octets('psk_hex')].filter((key) => key !== undefined),
    dhPrivateValues: session.octetsList('dh_private'),
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

function isAh(child: JsonObject): boolean {
  const protocol = child.text('protocol') ?? 'esp';
  if (!/^(esp|ah)$/i.test(protocol)) throw child.wrong('protocol', 'must be esp or ah');
  return protocol.toLowerCase() === 'ah';
}

function ahSas(child: JsonObject): readonly AhSaKeys[] {
  const integrity = child.text('integrity');
  if (integrity === undefined) throw child.wrong('integrity', 'must name a MAC');
  return waysOf(child).map(([way, spi]) => {
    const key = child.octets(`keymat_${way}`) ?? child.octets(`integ_key_${way}`) ?? NOTHING;
    return { ...between(spi, integrity), suites: ahSuitesOf(integrity, key) };
  });
}

function espSas(child: JsonObject): readonly EspSaKeys[] {
  const encryption = child.text('encryption');
  if (encryption === undefined) throw child.wrong('encryption', 'must name a cipher');
  return waysOf(child).map(([way, spi]) => espKeys(child, way, spi, encryption, child.text('integrity') ?? ''));
}

/** One direction, or both, with its SPI. */
function waysOf(child: JsonObject): readonly (readonly [way: string, spi: number])[] {
  const ways = ['i2r', 'r2i'].filter((way) => child.has(`spi_${way}`));
  if (ways.length === 0) throw child.wrong('spi_i2r', 'is missing, and so is spi_r2i');
  return ways.map((way) => {
    const [, spi] = SPI.exec(child.text(`spi_${way}`) ?? '') ?? [];
    if (spi === undefined) throw child.wrong(`spi_${way}`, 'must be up to 8 hexadecimal digits');
    return [way, Number.parseInt(spi, 16)];
  });
}

function between(spi: number, algorithms: string): SaKeys {
  return { spi, source: '*', destination: '*', algorithms, esn: undefined, sequenceHigh: undefined };
}

/** Its keys; or KEYMAT, which is the cipher's, salt included, and that of the MAC behind. */
function espKeys(child: JsonObject, way: string, spi: number, encryption: string, integrity: string): EspSaKeys {
  const key = child.octets(`enc_key_${way}`) ?? NOTHING;
  const macKey = child.octets(`integ_key_${way}`) ?? NOTHING;
  const keymat = child.octets(`keymat_${way}`);
  const octets = keymat ?? concat(key, macKey);
  const macAt = keymat === undefined ? key.length : octets.length - macKeyOctets(integrity);
  return {
    ...between(spi, [encryption, integrity].filter((part) => part !== '').join(' / ')),
    ...suitesOf(encryption, integrity, octets.subarray(0, macAt), octets.subarray(macAt)),
  };
}

const NOTHING = new Uint8Array(0);

/** A pre-shared key that is text is its octets, in UTF-8 where it is not ASCII; one of digits alone may be a number. */
function textKey(session: JsonObject): Uint8Array | undefined {
  const text = session.textOrNumber('psk');
  if (text !== undefined && /\p{Surrogate}/u.test(text)) throw session.wrong('psk', 'has half of a surrogate pair');
  return text === undefined ? undefined : fromUtf8(text);
}
