import {
  classifyAtIkePort,
  classifyUdpEncapsulated,
  ESP_HEADER_OCTETS,
  ISAKMP_HEADER_OCTETS,
  NON_ESP_MARKER_OCTETS,
  NON_IKE_MARKER_OCTETS,
  readU32,
} from '@espalier/wire';

/** What a datagram, or a message in TCP, carries, and behind how many octets; undefined for neither IKE nor ESP. */
export interface DatagramUse {
  readonly kind: 'isakmp' | 'esp' | 'keepalive';
  readonly skip: number;
  readonly note?: string;
}

/** Likewise of its payload, by the ports that it goes between. `missing`: octets of it that were not captured. */
export function datagramUse(
  use: 'ike' | 'encapsulated' | 'either',
  payload: Uint8Array,
  missing: number,
): DatagramUse | undefined {
  if (use === 'ike') return atIkePort(payload, missing);
  if (use === 'either' && looksLikeIsakmp(payload, 0, missing)) return { kind: 'isakmp', skip: 0 };
  const kind = classifyUdpEncapsulated(payload);
  if (kind === 'malformed') return undefined;
  return kind === 'ike' ? { kind: 'isakmp', skip: NON_ESP_MARKER_OCTETS } : { kind, skip: 0 };
}

function atIkePort(payload: Uint8Array, missing: number): DatagramUse {
  const kind = classifyAtIkePort(payload);
  if (kind === 'esp') return { kind, skip: NON_IKE_MARKER_OCTETS };
  if (kind === 'keepalive') return { kind, skip: 0 };
  const isMarked = payload.length > NON_ESP_MARKER_OCTETS && readU32(payload, 0) === 0;
  return isMarked && looksLikeIsakmp(payload, NON_ESP_MARKER_OCTETS, missing)
    ? { kind: 'isakmp', skip: NON_ESP_MARKER_OCTETS, note: 'a non-ESP marker in front, as belongs to port 4500 alone' }
    : { kind: 'isakmp', skip: 0 };
}

/** A version that there is, an exchange, and a length that the datagram has. */
export function looksLikeIsakmp(octets: Uint8Array, at: number, missing: number): boolean {
  const room = octets.length - at + missing;
  const version = octets[at + 17];
  if (octets.length - at < ISAKMP_HEADER_OCTETS || (version !== 0x10 && version !== 0x20)) return false;
  const length = readU32(octets, at + 24);
  return readU32(octets, at) !== 0 && (octets[at + 18] ?? 0) !== 0 && length >= ISAKMP_HEADER_OCTETS && length <= room;
}

/** Whether there are as many octets as an ESP header has. */
export function isEspLong(payload: Uint8Array, skip: number): boolean {
  return payload.length - skip >= ESP_HEADER_OCTETS;
}
