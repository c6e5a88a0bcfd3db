import type { EspSaKeys, IkeSaKeys, KeyRing } from './key-ring.ts';
import { sessionKeys } from './session.ts';
import { tableLine } from './tables.ts';

/** A file that holds keys, as text. */
export interface KeyFile {
  /** For errors. */
  readonly name: string;
  readonly text: string;
}

/** What people give as keys that is something else: its beginning, what it is, and what is needed. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^-----BEGIN/, 'a certificate or a private key in PEM: a recorded session needs the keys of its SAs'],
  [/^(\s*#.*\n)*\s*(CLIENT_RANDOM|SERVER_HANDSHAKE|CLIENT_HANDSHAKE)/, 'a key log of TLS'],
  [
    /^(\s*#.*\n|\s*\n)*\s*(connections|secrets|charon|authorities)\b\s*\{/,
    'a configuration of strongSwan: its save-keys plugin writes what is needed',
  ],
  [/^(\s*#.*\n|\s*\n)*\s*(config setup|conn |ca )/, 'a configuration in ipsec.conf: the keys of SAs are needed'],
  [
    /^(\s*#.*\n|\s*\n)*[^"\n]*:\s*(PSK|RSA|XAUTH|EAP)\b/,
    'ipsec.secrets: a pre-shared key alone decrypts nothing; give it as psk in JSON beside a private value of Diffie-Hellman',
  ],
  [/^(\u00d4\u00c3|\u00a1\u00b2|\ufffd|\n\r\r\n)/, 'no text: perhaps the capture itself'],
];

/**
 * Reads key files: the JSON of a recorded session (keys.json), or lines of Wireshark's tables `ikev1_decryption_table` and
 * `esp_sa`, as it or strongSwan's save-keys writes them. Tables of IKEv2 are passed over, with a note.
 * @throws RangeError naming the file and what is wrong with it; never the keys.
 */
export function readKeys(files: readonly KeyFile[]): KeyRing {
  const rings = files.map(readFile);
  return {
    ike: rings.flatMap((ring) => ring.ike),
    esp: rings.flatMap((ring) => ring.esp),
    preSharedKeys: rings.flatMap((ring) => ring.preSharedKeys),
    dhPrivateValues: rings.flatMap((ring) => ring.dhPrivateValues),
    notes: rings.flatMap((ring) => ring.notes),
  };
}

function readFile({ name, text }: KeyFile): KeyRing {
  const plain = text.replace(/^\ufeff/, '');
  const other = OTHERS.find(([pattern]) => pattern.test(plain))?.[1];
  if (other !== undefined) throw new RangeError(`${name}: this is ${other}`);
  return plain.trimStart().startsWith('{') ? readSession(name, plain) : readTables(name, plain);
}

function readSession(name: string, text: string): KeyRing {
  const ring = parsed(text);
  if (ring === 'broken') throw new RangeError(`${name}: not a JSON file of session keys`);
  if (ring === undefined)
    throw new RangeError(`${name}: JSON without ike_sas, child_sas or psk, which a keys.json has`);
  return ring;
}

/** What is thrown may quote the text, and with it keys. */
function parsed(text: string): KeyRing | undefined | 'broken' {
  try {
    return sessionKeys(text);
  } catch {
    return 'broken';
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
  return { ike, esp, preSharedKeys: [], dhPrivateValues: [], notes };
}
