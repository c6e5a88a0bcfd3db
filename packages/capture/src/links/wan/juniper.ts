import { ip, readU16 } from '@espalier/wire';
import type { Inside, Layer } from '../layer.ts';

const MAGIC = [0x4d, 0x47, 0x43] as const;
const FLAG = { noLink: 0x02, extensions: 0x80 } as const;

/** What follows the header of Junos, by link type: Ethernet, PPP, and Ethernet with PPPoE. */
const INSIDE: ReadonlyMap<number, number> = new Map([
  [178, 1],
  [179, 9],
  [167, 1],
  [181, 104],
]);
/** Of services and of links whose own header is not documented: IP is found by its shape. */
const BY_SHAPE: readonly number[] = [130, 131, 132, 133, 134, 135, 136, 137, 164, 168, 180, 183, 194, 200];
/** How far behind the header a packet is looked for. */
const LOOKED_AT_OCTETS = 32;

/** What `monitor traffic` of Junos writes: magic, flags, extensions by their length, and the frame. */
export const junipers: readonly Layer[] = [...INSIDE.keys(), ...BY_SHAPE].map((linkType) => ({
  name: 'Juniper',
  found: [['link-type', linkType]],
  read: (octets, at, end) => read(linkType, octets, at, end),
}));

function read(linkType: number, octets: Uint8Array, at: number, end: number): Inside {
  if (MAGIC.some((octet, i) => octets[at + i] !== octet)) return { stop: 'Juniper frame without its magic number' };
  const flags = octets[at + 3] ?? 0;
  const behind = at + ((flags & FLAG.extensions) === 0 ? 4 : 6 + readU16(octets, at + 4));
  const inside = INSIDE.get(linkType);
  if (inside !== undefined && (flags & FLAG.noLink) === 0) return { key: ['link-type', inside], at: behind };
  for (let guess = behind; guess < Math.min(end, behind + LOOKED_AT_OCTETS); guess++) {
    if (isIp(octets, guess, end)) return { ip: true, at: guess, note: 'IP found by its shape behind a Juniper header' };
  }
  return { stop: 'Juniper frame in which no IP packet shows' };
}

/** A whole packet that ends where the frame does. */
function isIp(octets: Uint8Array, at: number, end: number): boolean {
  return ip.packetOctets(octets, at, end) === end - at && ip.headerChecksumOk(octets, at);
}
