import { requireObject } from '@espalier/wire';
import { spiText } from '../text/names.ts';
import { type EspSaKeys, type IkeSaKeys, type KeyRing, NO_KEYS } from './key-ring.ts';
import { sessionKeys } from './session.ts';
import { tableLine } from './tables.ts';

/** A file that holds keys, as text. */
export interface KeyFile {
  /** For errors. */
  readonly name: string;
  readonly text: string;
}

/** How captures begin, read as text. */
const NO_TEXT = /^(\u00d4\u00c3|\u00a1\u00b2|\ufffd|\n\r\r\n)/;
/** Lines that are empty or a comment: each is matched in one way alone, however many there are. */
const HEAD = /^(?:[^\S\n]*(?:#[^\n]*)?\n)*[^\S\n]*/;
/** What people give as keys that is something else: its first line behind those, what it is, and what is needed. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^-----BEGIN/, 'a certificate or a private key in PEM: a recorded session needs the keys of its SAs'],
  [/^(CLIENT_RANDOM|SERVER_HANDSHAKE|CLIENT_HANDSHAKE)/, 'a key log of TLS'],
  [
    /^(connections|secrets|charon|authorities)\b\s*\{/,
    'a configuration of strongSwan: its save-keys plugin writes what is needed',
  ],
  [/^(config setup|conn |ca )/, 'a configuration in ipsec.conf: the keys of SAs are needed'],
  [
    /^[^"\n]*:\s*(PSK|RSA|XAUTH|EAP)\b/,
    'ipsec.secrets: a pre-shared key alone decrypts nothing; give it as psk in JSON beside a private value of Diffie-Hellman',
  ],
];

/**
 * Reads key files: the JSON of a recorded session (keys.json), or lines of Wireshark's tables `ikev1_decryption_table` and
 * `esp_sa`, as it or strongSwan's save-keys writes them. Tables of IKEv2 are passed over, with a note.
 * @throws RangeError naming the file and what is wrong with it, never the keys; TypeError unless `files` are such.
 */
export function readKeys(files: readonly KeyFile[]): KeyRing {
  requireFiles(files);
  const rings = files.map(readFile);
  return {
    ike: rings.flatMap((ring) => ring.ike),
    esp: rings.flatMap((ring) => ring.esp),
    ah: rings.flatMap((ring) => ring.ah),
    preSharedKeys: rings.flatMap((ring) => ring.preSharedKeys),
    dhPrivateValues: rings.flatMap((ring) => ring.dhPrivateValues),
    notes: rings.flatMap((ring, i) => [...ring.notes, ...unfitting(files[i]?.name ?? '', ring)]),
  };
}

function requireFiles(files: unknown): void {
  if (!Array.isArray(files)) throw new TypeError('files must be a list of { name, text }');
  files.forEach((file: unknown, index) => {
    requireObject(`files[${index}]`, file);
    for (const member of ['name', 'text']) {
      if (typeof Reflect.get(file, member) !== 'string')
        throw new TypeError(`files[${index}].${member} must be a string`);
    }
  });
}

function readFile({ name, text }: KeyFile): KeyRing {
  const plain = text.replace(/^\ufeff/, '');
  const other = NO_TEXT.test(plain) ? 'no text: perhaps the capture itself' : otherIn(plain);
  if (other !== undefined) throw new RangeError(`${name}: this is ${other}`);
  return plain.trimStart().startsWith('{') ? readSession(name, plain) : readTables(name, plain);
}

/** What opens nothing is told at once, and not first by a packet that stays closed. */
function unfitting(name: string, { esp, ah }: KeyRing): readonly string[] {
  return [...esp, ...ah]
    .filter(({ suites }) => suites.length === 0)
    .map(({ algorithms, spi }) => {
      const whose = spi === undefined ? 'any SPI' : `SPI ${spiText(spi)}`;
      return `${name}: the keys for ${whose} open nothing: no suite here is ${algorithms} with keys of their lengths`;
    });
}

function otherIn(text: string): string | undefined {
  const beginning = text.slice(HEAD.exec(text)?.[0].length);
  return OTHERS.find(([pattern]) => pattern.test(beginning))?.[1];
}

function readSession(name: string, text: string): KeyRing {
  const ring = namingFile(name, () => sessionKeys(text));
  if (ring === undefined)
    throw new RangeError(`${name}: JSON without ike_sas, child_sas or psk, which a keys.json has`);
  return ring;
}

function namingFile<Result>(name: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`${name}: ${error.message}`) : error;
  }
}

function readTables(name: string, text: string): KeyRing {
  const ike: IkeSaKeys[] = [];
  const esp: EspSaKeys[] = [];
  const notes: string[] = [];
  text.split(/\r?\n|\r/).forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const read = tableLine(line);
    if (read.kind === 'ike') ike.push(read.keys);
    else if (read.kind === 'esp') esp.push(read.keys);
    else if (read.kind === 'passed') notes.push(`${name}, line ${index + 1}: passed over, ${read.note}`);
    else throw new RangeError(`${name}, line ${index + 1}: ${read.reason}`);
  });
  return { ...NO_KEYS, ike, esp, notes };
}
