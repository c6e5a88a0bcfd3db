import { readU16 } from '@espalier/wire';
import type { Inside, Layer } from '../layer.ts';

const ADDRESS_AND_CONTROL = 0xff03;

/** PPP, with its address and control fields or without (RFC 1662 §3.1), as HDLC frames it or not. */
export const ppp: Layer = {
  name: 'PPP',
  found: [
    ['link-type', 9],
    ['link-type', 50],
    ['ether-type', 0x880b],
  ],
  read: (octets, at) => protocolAt(octets, readU16(octets, at) === ADDRESS_AND_CONTROL ? at + 2 : at),
};

/** One octet in front says which way it went. */
export const pppd: Layer = {
  name: 'PPP with direction',
  found: [['link-type', 204]],
  read: (octets, at) => protocolAt(octets, readU16(octets, at + 1) === ADDRESS_AND_CONTROL ? at + 3 : at + 1),
};

/** Over Ethernet (RFC 2516 §4): version and type, code, session, length. */
export const pppoe: Layer = {
  name: 'PPPoE',
  found: [
    ['ether-type', 0x8864],
    ['link-type', 51],
  ],
  read(octets, at, end) {
    const length = readU16(octets, at + 4);
    if (octets[at + 1] !== 0) return { stop: 'PPPoE discovery' };
    const own = at + 6 + length;
    const inside = protocolAt(octets, at + 6);
    return 'stop' in inside || own > end ? inside : { ...inside, end: own };
  },
};

/** IPv4 and IPv6 in PPP (RFC 1332 §2, RFC 5072 §2). */
export const ofPpp: Layer = {
  name: '',
  found: [
    ['ppp', 0x0021],
    ['ppp', 0x0057],
  ],
  read: (_, at) => ({ ip: true, at }),
};

/** The protocol has two octets, or one where it is odd and that was agreed on (RFC 1661 §2, §6.5). */
function protocolAt(octets: Uint8Array, at: number): Inside {
  const first = octets[at] ?? 0;
  const isShort = (first & 1) === 1;
  return { key: ['ppp', isShort ? first : readU16(octets, at)], at: at + (isShort ? 1 : 2) };
}
