import { fromHex } from '@espalier/wire';
import { fromUtf8 } from '../text/utf8.ts';
import { macKeyOctets, suitesOf } from './algorithms.ts';
import type { EspSaKeys, IkeSaKeys, KeyRing } from './key-ring.ts';

/** What a keys.json holds, each part of it optional; octets are hexadecimal. Other members are passed over. */
interface Session {
  /** The pre-shared key as text, or `psk_hex`. */
  readonly psk?: string;
  readonly psk_hex?: string;
  readonly dh_private?: readonly string[];
  readonly ike_sas?: readonly IkeSa[];
  readonly child_sas?: readonly ChildSa[];
}

interface IkeSa {
  readonly cookie_i: string;
  readonly ka?: string;
  readonly skeyid?: string;
  readonly skeyid_d?: string;
  readonly skeyid_a?: string;
  readonly skeyid_e?: string;
  readonly g_xy?: string;
}

interface ChildSa {
  readonly encryption: string;
  readonly integrity?: string;
  readonly enc_key_i2r?: string;
  readonly enc_key_r2i?: string;
  readonly integ_key_i2r?: string;
  readonly integ_key_r2i?: string;
  /** KEYMAT in the place of the keys: the cipher's, salt included, and that of the MAC behind. */
  readonly keymat_i2r?: string;
  readonly keymat_r2i?: string;
  readonly spi_i2r: string;
  readonly spi_r2i: string;
}

const MEMBERS = ['psk', 'psk_hex', 'dh_private', 'ike_sas', 'child_sas'] as const;

/** Undefined for JSON of something else. @throws whatever is wrong with it, which may quote it: the caller hides that. */
export function sessionKeys(text: string): KeyRing | undefined {
  const session: Session = JSON.parse(text);
  if (!MEMBERS.some((name) => session[name] !== undefined)) return undefined;
  return {
    ike: (session.ike_sas ?? []).map(ikeSa),
    esp: (session.child_sas ?? []).flatMap(childSa),
    preSharedKeys: [
      ...(session.psk === undefined ? [] : [textKey(session.psk)]),
      ...(session.psk_hex === undefined ? [] : [fromHex(session.psk_hex)]),
    ],
    dhPrivateValues: (session.dh_private ?? []).map(fromHex),
    notes: [],
  };
}

function ikeSa({ cookie_i, ka, skeyid, skeyid_d, skeyid_a, skeyid_e, g_xy }: IkeSa): IkeSaKeys {
  return {
    initiatorCookie: cookie_i.toLowerCase(),
    ...(ka === undefined ? {} : { encryption: fromHex(ka) }),
    ...(skeyid === undefined ? {} : { skeyid: fromHex(skeyid) }),
    ...(skeyid_d === undefined ? {} : { skeyidD: fromHex(skeyid_d) }),
    ...(skeyid_a === undefined ? {} : { skeyidA: fromHex(skeyid_a) }),
    ...(skeyid_e === undefined ? {} : { skeyidE: fromHex(skeyid_e) }),
    ...(g_xy === undefined ? {} : { sharedSecret: fromHex(g_xy) }),
  };
}

function childSa(child: ChildSa): readonly EspSaKeys[] {
  const direction = (spi: string, key = '', macKey = '', keymat?: string): EspSaKeys => {
    const octets = fromHex(keymat ?? key + macKey);
    const macAt = keymat === undefined ? key.length / 2 : octets.length - macKeyOctets(child.integrity);
    return {
      spi: Number.parseInt(spi, 16),
      source: '*',
      destination: '*',
      algorithms: [child.encryption, child.integrity ?? ''].filter((part) => part !== '').join(' / '),
      ...suitesOf(child.encryption, child.integrity ?? '', octets.subarray(0, macAt), octets.subarray(macAt)),
      esn: undefined,
      sequenceHigh: undefined,
    };
  };
  return [
    direction(child.spi_i2r, child.enc_key_i2r, child.integ_key_i2r, child.keymat_i2r),
    direction(child.spi_r2i, child.enc_key_r2i, child.integ_key_r2i, child.keymat_r2i),
  ];
}

/** A key that is text is its octets, in UTF-8 where it is not ASCII; one of digits alone may be a number in JSON. */
function textKey(key: string): Uint8Array {
  const text = String(key);
  if (/\p{Surrogate}/u.test(text)) throw new RangeError('half of a surrogate pair');
  return fromUtf8(text);
}
