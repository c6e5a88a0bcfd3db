import { ESP_SUITES, type EspKeys, type EspSuite } from '@espalier/crypto';
import { fromHex } from '@espalier/wire';

/** What a key file tells of one IKE SA. Tables of Wireshark hold the first two only. */
export interface IkeSaKeys {
  /** Hexadecimal. */
  readonly initiatorCookie: string;
  /** The key of the cipher. */
  readonly encryption: Uint8Array;
  readonly skeyid: Uint8Array | undefined;
  readonly skeyidA: Uint8Array | undefined;
}

/** The keys of one direction of a child SA. */
export interface EspSaKeys {
  readonly spi: number;
  /** As the file names the algorithms. */
  readonly algorithms: string;
  /** Undefined where no suite of the library has these algorithms and key lengths. */
  readonly suite: EspSuite | undefined;
  readonly keys: EspKeys;
}

export interface KeyRing {
  readonly ike: ReadonlyMap<string, IkeSaKeys>;
  readonly esp: ReadonlyMap<number, EspSaKeys>;
}

/**
 * Reads key files: the JSON of a recorded session, or lines of Wireshark's tables ikev1_decryption_table and esp_sa.
 * @throws RangeError naming the file and what is wrong with it; never the keys.
 */
export function readKeys(files: readonly { readonly name: string; readonly text: string }[]): KeyRing {
  const ike = new Map<string, IkeSaKeys>();
  const esp = new Map<number, EspSaKeys>();
  for (const { name, text } of files) {
    const read = text.trimStart().startsWith('{') ? readSession(name, text) : readTables(name, text);
    for (const keys of read.ike) ike.set(keys.initiatorCookie, keys);
    for (const keys of read.esp) esp.set(keys.spi, keys);
  }
  return { ike, esp };
}

interface ReadKeys {
  readonly ike: readonly IkeSaKeys[];
  readonly esp: readonly EspSaKeys[];
}

interface Session {
  readonly ike_sas?: readonly { cookie_i: string; ka: string; skeyid?: string; skeyid_a?: string }[];
  readonly child_sas?: readonly ChildSa[];
}

interface ChildSa {
  readonly encryption: string;
  readonly integrity?: string;
  readonly enc_key_i2r?: string;
  readonly enc_key_r2i?: string;
  readonly integ_key_i2r?: string;
  readonly integ_key_r2i?: string;
  readonly spi_i2r: string;
  readonly spi_r2i: string;
}

function readSession(name: string, text: string): ReadKeys {
  try {
    const session: Session = JSON.parse(text);
    const ike = (session.ike_sas ?? []).map(({ cookie_i, ka, skeyid, skeyid_a }) => ({
      initiatorCookie: cookie_i,
      encryption: fromHex(ka),
      skeyid: skeyid === undefined ? undefined : fromHex(skeyid),
      skeyidA: skeyid_a === undefined ? undefined : fromHex(skeyid_a),
    }));
    const esp = (session.child_sas ?? []).flatMap((child) => [
      espSaKeys(child.spi_i2r, child.encryption, child.integrity ?? '', child.enc_key_i2r, child.integ_key_i2r),
      espSaKeys(child.spi_r2i, child.encryption, child.integrity ?? '', child.enc_key_r2i, child.integ_key_r2i),
    ]);
    return { ike, esp };
  } catch {
    // What was thrown may quote the text, and with it keys.
    throw new RangeError(`${name}: not a JSON file of session keys`);
  }
}

const IKE_LINE = /^([0-9a-f]{16}),([0-9a-f]+)$/i;
/** Family, source, destination, SPI, cipher, key, MAC, key; versions of Wireshark since 4.2 add a field. */
const ESP_LINE =
  /^"IPv[46]","[^"]*","[^"]*","0x([0-9a-f]+)","([^"]*)","(?:0x)?([0-9a-f]*)","([^"]*)","(?:0x)?([0-9a-f]*)"/i;

function readTables(name: string, text: string): ReadKeys {
  const ike: IkeSaKeys[] = [];
  const esp: EspSaKeys[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const ikeLine = IKE_LINE.exec(line);
    const espLine = ESP_LINE.exec(line);
    if (ikeLine !== null) {
      const [, cookie = '', key = ''] = ikeLine;
      ike.push({
        initiatorCookie: cookie.toLowerCase(),
        encryption: hex(name, index, key),
        skeyid: undefined,
        skeyidA: undefined,
      });
    } else if (espLine !== null) {
      const [, spi = '', cipher = '', key = '', mac = '', macKey = ''] = espLine;
      hex(name, index, key + macKey);
      esp.push(espSaKeys(spi, cipher, mac, key, macKey));
    } else {
      throw new RangeError(`${name}, line ${index + 1}: neither ikev1_decryption_table nor esp_sa`);
    }
  });
  return { ike, esp };
}

function hex(name: string, index: number, digits: string): Uint8Array {
  if (digits.length % 2 !== 0) throw new RangeError(`${name}, line ${index + 1}: a key has an odd number of digits`);
  return fromHex(digits);
}

/** What the sources call a cipher or a MAC, without case and separators, and what the suite table calls it. */
const CIPHERS: readonly [RegExp, Pick<EspSuite, 'encryption'> & { readonly icvOctets?: number }][] = [
  [/^(nullauth)?aesgmac/, { encryption: 'aes-gmac' }],
  [/^null/, { encryption: 'null' }],
  [/^(tripledes|3des)/, { encryption: '3des-cbc' }],
  [/^des/, { encryption: 'des-cbc' }],
  [/^aescbc/, { encryption: 'aes-cbc' }],
  [/^aesctr/, { encryption: 'aes-ctr' }],
  [/^camellia/, { encryption: 'camellia-cbc' }],
  [/^aesgcm(with)?8/, { encryption: 'aes-gcm', icvOctets: 8 }],
  [/^aesgcm(with)?12/, { encryption: 'aes-gcm', icvOctets: 12 }],
  [/^aesgcm(with)?16/, { encryption: 'aes-gcm', icvOctets: 16 }],
  [/^aesccm(with)?8/, { encryption: 'aes-ccm', icvOctets: 8 }],
  [/^aesccm(with)?12/, { encryption: 'aes-ccm', icvOctets: 12 }],
  [/^aesccm(with)?16/, { encryption: 'aes-ccm', icvOctets: 16 }],
  [/^chacha20/, { encryption: 'chacha20-poly1305' }],
];
const MACS: readonly [RegExp, EspSuite['integrity']][] = [
  [/^(null|none|$)/, 'none'],
  [/^hmacmd596/, 'hmac-md5-96'],
  [/^hmacsha196/, 'hmac-sha1-96'],
  [/^hmacsha2?25696/, 'hmac-sha2-256-96'],
  [/^hmacsha2?256128/, 'hmac-sha2-256-128'],
  [/^hmacsha2?384192/, 'hmac-sha2-384-192'],
  [/^hmacsha2?512256/, 'hmac-sha2-512-256'],
  [/^aesxcbc/, 'aes-xcbc-96'],
  [/^aescmac/, 'aes-cmac-96'],
];

function espSaKeys(spi: string, cipher: string, mac: string, key = '', macKey = ''): EspSaKeys {
  const material = fromHex(key);
  const integrity = fromHex(macKey);
  const form = lookUp(CIPHERS, cipher);
  const suite = ESP_SUITES.find(
    (known) =>
      known.encryption === form?.encryption &&
      known.icvOctets === (form.icvOctets ?? known.icvOctets) &&
      known.iv !== 'implicit' &&
      known.integrity === lookUp(MACS, mac) &&
      known.encryptionKeyOctets + known.saltOctets === material.length &&
      known.integrityKeyOctets === integrity.length,
  );
  const saltAt = material.length - (suite?.saltOctets ?? 0);
  return {
    spi: Number.parseInt(spi, 16),
    algorithms: [cipher, mac].filter((part) => part !== '').join(' / '),
    suite,
    keys: { encryption: material.subarray(0, saltAt), salt: material.subarray(saltAt), integrity },
  };
}

function lookUp<Name>(table: readonly [RegExp, Name][], text: string): Name | undefined {
  const plain = text.toLowerCase().replace(/[^a-z0-9]/g, '');
  return table.find(([pattern]) => pattern.test(plain))?.[1];
}
