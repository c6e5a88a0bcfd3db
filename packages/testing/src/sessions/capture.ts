import type { OwnOctets } from '@espalier/wire';
import { packetAround } from '../network/packets.ts';
import { espLine, ikeLine } from '../wireshark/key-tables.ts';
import { pcapOf } from '../wireshark/pcap.ts';
import type { Session } from './session.ts';
import { SIDES } from './specification.ts';

/** A session as files that Wireshark opens. */
export interface SessionCapture {
  /** What was delivered, as it arrived: a pcap file. */
  readonly pcap: OwnOctets;
  /** Wireshark's table of the keys of IKE SAs: what is in the messages is shown with it. */
  readonly ikev1DecryptionTable: string;
  /** Likewise of children. */
  readonly espSa: string;
}

/** The transcript of a session with all keys, those of both ends where they differ. */
export function captureOf({ delivered, ends }: Session): SessionCapture {
  const packets = delivered.map(({ source, destination, arrives, delivered: octets }, index) => {
    return { at: arrives, packet: packetAround({ source, destination, octets }, index & 0xffff) };
  });
  const books = SIDES.flatMap((side) => ends[side].keys ?? []);
  const esp = books.flatMap(({ children }) => children.flatMap((entry) => (entry.kind === 'esp' ? [entry] : [])));
  return {
    pcap: pcapOf(packets),
    ikev1DecryptionTable: table(books.flatMap(({ ikeSas }) => ikeSas.map(ikeLine))),
    espSa: table(esp.flatMap((entry) => espLine(entry) ?? [])),
  };
}

/** Each line once. */
function table(lines: readonly string[]): string {
  return [...new Set(lines)].map((line) => `${line}\n`).join('');
}
