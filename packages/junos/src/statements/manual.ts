import { ahSuite, type EspSuite, espSuite, isWeakDesKey } from '@espalier/crypto';
import type { ManualAh, ManualEsp, ManualSa } from '@espalier/gateway';
import type { Block } from '../places/block.ts';
import { choice, integer } from '../places/values.ts';
import type { Word } from '../text/tokenizer.ts';
import type { ManualSas } from '../vpn.ts';
import { manualAuthentication, manualEncryption } from './algorithms.ts';
import { readKey } from './key.ts';

/** What Junos takes for an SPI that is given by hand. */
const manualSpi = integer(256, 16_639);

const direction = choice({ inbound: 'inbound', outbound: 'outbound', bidirectional: 'bidirectional' });

const protocol = choice({ esp: 'esp', ah: 'ah', bundle: 'bundle' });

/** `manual { direction (inbound | outbound | bidirectional) { ... } }`: the SAs of both directions. */
export function readManual(block: Block): ManualSas {
  const given = new Map(block.named('direction', (sa, name) => [direction(name), readSa(sa, name)] as const));
  const both = given.get('bidirectional');
  const inbound = both ?? given.get('inbound');
  const outbound = both ?? given.get('outbound');
  if (both !== undefined && given.size > 1) return block.refused('Outbound or inbound blocks must not be configured');
  if (inbound === undefined && outbound === undefined) return block.incomplete('direction');
  if (outbound === undefined) return block.refused('Outbound block must be configured');
  if (inbound === undefined) return block.refused('Inbound block must be configured');
  const unauthenticated = [inbound, outbound].some(
    ({ esp, ah }) => ah === undefined && esp?.suite.unauthenticated === true,
  );
  return { inbound, outbound, isBidirectional: both !== undefined, unauthenticated };
}

/** An algorithm and its key. */
interface Keyed {
  readonly algorithm: string;
  readonly key: Uint8Array;
}

function readSa(block: Block, name: Word): ManualSa {
  const kind = block.required('protocol', protocol);
  const spi = block.required('spi', manualSpi);
  const auxiliarySpi = block.one('auxiliary-spi', manualSpi);
  const authentication = block.section('authentication', readAuthentication);
  const encryption = block.section('encryption', (inner) => readEncryption(inner, name));
  if (auxiliarySpi !== undefined && kind !== 'bundle') {
    return block.refused('Auxiliary SPI must be configured with protocol bundle only');
  }
  switch (kind) {
    case 'ah':
      if (encryption !== undefined) return block.refused('Encryption must not be defined for AH');
      if (authentication === undefined) return block.refused('Authentication must be defined for AH');
      return { ah: ahOf(spi, authentication) };
    case 'esp':
      if (authentication === undefined && encryption === undefined) {
        return block.refused('Either authentication or encryption must be defined for ESP');
      }
      if (authentication === undefined) tellUnauthenticated(block, name);
      return { esp: espOf(spi, encryption, authentication) };
    case 'bundle':
      if (auxiliarySpi === undefined) return block.refused('Auxiliary SPI must be defined for AH plus ESP bundle');
      if (encryption === undefined) return block.refused('Encryption must be defined for AH plus ESP bundle');
      if (authentication === undefined) return block.refused('Authentication must be defined for AH plus ESP bundle');
      return { esp: espOf(auxiliarySpi, encryption, undefined), ah: ahOf(spi, authentication) };
  }
}

/** What is left out is not done: NULL encryption (RFC 2410), or no authentication. */
function espOf(spi: number, encryption: Keyed | undefined, authentication: Keyed | undefined): ManualEsp {
  const suite = espSuite(`${encryption?.algorithm ?? 'null'}/${authentication?.algorithm ?? 'none'}`);
  const keys = { encryption: encryption?.key ?? NONE, salt: NONE, integrity: authentication?.key ?? NONE };
  return { spi, suite, keys };
}

const NONE = new Uint8Array(0);

function ahOf(spi: number, { algorithm, key }: Keyed): ManualAh {
  return { spi, suite: ahSuite(algorithm), key };
}

function tellUnauthenticated(block: Block, { position }: Word): void {
  block.notice(position, 'ESP without authentication: whoever is on the way can change what it carries, unnoticed');
}

function readAuthentication(block: Block): Keyed {
  const algorithm = block.required('algorithm', manualAuthentication);
  return { algorithm, key: readKeyOf(block, algorithm, espSuite(`null/${algorithm}`).integrityKeyOctets) };
}

function readEncryption(block: Block, { position }: Word): Keyed {
  const algorithm = block.required('algorithm', manualEncryption);
  const { encryption, encryptionKeyOctets } = espSuite(`${algorithm}/hmac-sha1-96`);
  const key = readKeyOf(block, algorithm, encryptionKeyOctets);
  if (encryption === 'des-cbc' && isWeakDesKey(key))
    return block.incomplete('a key that is none of the weak ones of DES');
  if (isSingleDes(encryption, key)) {
    block.notice(
      position,
      'this key makes 3des-cbc no stronger than des-cbc: two of its three parts in a row are the same',
    );
  }
  return { algorithm, key };
}

/** Where two keys in a row are the same, the one undoes what the other has done (RFC 2451 §2.3). */
function isSingleDes(encryption: EspSuite['encryption'], key: Uint8Array): boolean {
  if (encryption !== '3des-cbc') return false;
  const [first, second, third] = [0, 8, 16].map((at) =>
    key
      .subarray(at, at + 8)
      .map((octet) => octet | 1)
      .join(' '),
  );
  return first === second || second === third;
}

function readKeyOf(block: Block, algorithm: string, octets: number): Uint8Array {
  const key = block.requiredSection('key', readKey);
  if (key.length === octets) return key;
  const length = `${octets} characters of ascii-text, or ${2 * octets} digits of hexadecimal`;
  return block.incomplete(`a key of ${octets} octets for ${algorithm} (${length}), not one of ${key.length},`);
}
