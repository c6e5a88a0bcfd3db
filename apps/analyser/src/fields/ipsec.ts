import { ahOctets, EXCHANGE, FLAG, ISAKMP_HEADER_OCTETS, PROTOCOL } from '@espalier/wire';
import { type Cursor, hex8, hex32, named, shownOctets } from './cursor.ts';
import { ipPacket } from './ip.ts';
import { type PlacedPayload, payloads } from './payloads.ts';

/** RFC 2408 §3.1, and RFC 7296 §3.1: what is encrypted is one field here. */
export function isakmpMessage(
  at: Cursor,
  octets: number,
  placed: readonly PlacedPayload[],
  isDecrypted: boolean,
): void {
  at.group('ISAKMP', octets, `${octets} octets`, (message) => {
    const version = (message.octets[message.at + 17] ?? 0) >> 4;
    message.group('Header', ISAKMP_HEADER_OCTETS, `version ${version}`, (header) => isakmpHeader(header, version));
    if (!isDecrypted) payloads(message, placed);
    if (message.left > 0) message.rest(isDecrypted || placed.length === 0 ? 'Encrypted' : 'Behind the payloads');
  });
}

const exchange = named(EXCHANGE);
const EXCHANGES2: Readonly<Record<number, string>> = {
  34: 'IKE_SA_INIT',
  35: 'IKE_AUTH',
  36: 'CREATE_CHILD_SA',
  37: 'INFORMATIONAL',
};

function isakmpHeader(at: Cursor, version: number): void {
  at.some('Initiator cookie', 8, shownOctets);
  at.some('Responder cookie', 8, shownOctets);
  at.number('Next payload', 1);
  at.number('Version', 1, (value) => `${value >> 4}.${value & 15}`);
  at.number('Exchange type', 1, (value) =>
    version === 2 ? `${EXCHANGES2[value] ?? 'exchange'} (${value})` : exchange(value),
  );
  at.number('Flags', 1, (value) => (version === 2 ? flags2(value) : flags1(value)));
  at.number('Message ID', 4, hex32);
  at.number('Length', 4);
}

function flags1(value: number): string {
  const set = Object.entries(FLAG).flatMap(([name, bit]) => ((value & bit) === 0 ? [] : [name]));
  return `${hex8(value)}${set.length === 0 ? '' : `, ${set.join(', ')}`}`;
}

function flags2(value: number): string {
  return `${hex8(value)}, ${value & 8 ? 'from the initiator' : 'from the responder'}, ${value & 32 ? 'response' : 'request'}`;
}

/** RFC 4303 §2 and RFC 4302 §2. `icvOctets`: 0 where it is not known. */
export function espOrAh(at: Cursor, kind: 'esp' | 'ah', octets: number, icvOctets: number): void {
  at.group(kind.toUpperCase(), octets, `${octets} octets`, (packet) => {
    const ahEnd = packet.at + ahOctets(packet.octets, packet.at);
    if (kind === 'ah') {
      packet.number('Next header', 1, named(PROTOCOL));
      packet.number('Payload length', 1, (value) => `${value}: ${(value + 2) * 4} octets in all`);
      packet.number('Reserved', 2);
    }
    packet.number('SPI', 4, hex32);
    packet.number('Sequence number', 4);
    if (kind === 'ah') {
      packet.some('ICV', ahEnd - packet.at);
      packet.rest('What it protects');
      return;
    }
    packet.some(icvOctets === 0 ? 'IV, encrypted, ICV' : 'IV, encrypted', packet.left - icvOctets);
    if (packet.left > 0) packet.rest('ICV');
  });
}

export function icmpError(at: Cursor, octets: number, text: string): void {
  at.group('ICMP', octets, text, (message) => {
    message.number('Type', 1);
    message.number('Code', 1);
    message.number('Checksum', 2);
    message.some('Rest of the header', 4);
    message.group('Quoted', message.left, 'the packet that it is about', ipPacket);
  });
}
