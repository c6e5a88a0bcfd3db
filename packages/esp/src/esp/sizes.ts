import { type EspSuite, espSuite } from '@espalier/crypto';
import { IPV6_HEADER_OCTETS, ipv4, requireObject, UDP_HEADER_OCTETS } from '@espalier/wire';
import type { Mode } from '../modes/mode.ts';
import { ESP_TRAILER_OCTETS, layoutOf } from './layout.ts';

/** What is around ESP. */
export interface OuterForm {
  /** Default `tunnel`. */
  readonly mode?: Mode;
  /** Of the outer addresses; in transport mode of the packet's own. */
  readonly family: 4 | 6;
  /** Whether ESP goes in UDP (RFC 3948). */
  readonly udp: boolean;
}

/** What an SA adds to a packet, in octets, piece by piece from the front (RFC 4303 §2). */
export interface EspOverhead {
  /** The outer IP header; 0 in transport mode, which keeps the packet's own. */
  readonly outer: number;
  /** The UDP header, or 0. */
  readonly udp: number;
  /** ESP header and IV. */
  readonly head: number;
  /** Padding, pad length and next header: the least, and the most with no more padding than alignment asks for. */
  readonly leastTrailer: number;
  readonly mostTrailer: number;
  readonly icv: number;
  /** All of them together. */
  readonly least: number;
  readonly most: number;
}

/**
 * What a packet grows by, for a suite and what is around it: the formula that all lengths come from.
 * @param suite The suite, or its name.
 * @throws RangeError for a suite that is not known, or a family that is none; TypeError without a form.
 */
export function overhead(suite: EspSuite | string, form: OuterForm): EspOverhead {
  requireObject('form', form);
  const { mode = 'tunnel', family, udp } = form;
  const { payloadOffset, icvOctets, blockOctets } = layoutOf(espSuite(suite));
  const header = headerOctets(family);
  const pieces = {
    outer: mode === 'transport' ? 0 : header,
    udp: udp ? UDP_HEADER_OCTETS : 0,
    head: payloadOffset,
    icv: icvOctets,
  };
  const fixed = pieces.outer + pieces.udp + pieces.head + pieces.icv;
  const mostTrailer = ESP_TRAILER_OCTETS + blockOctets - 1;
  return {
    ...pieces,
    leastTrailer: ESP_TRAILER_OCTETS,
    mostTrailer,
    least: fixed + ESP_TRAILER_OCTETS,
    most: fixed + mostTrailer,
  };
}

/** Octets of the headers in front of the SPI that were not in the packet before. */
export function outerOctets({ mode = 'tunnel', family, udp }: OuterForm): number {
  const header = headerOctets(family);
  return (mode === 'transport' ? 0 : header) + (udp ? UDP_HEADER_OCTETS : 0);
}

/**
 * Octets of the longest packet that an SA of this suite and form seals into no more than `outerMtu` octets (RFC 4301
 * §8.2).
 *
 * @param suite The suite, or its name.
 * @param clearOctets Of the headers that stay in front of ESP in transport mode. Default: those of an IP header alone.
 * @throws RangeError for an `outerMtu` that has no room for any packet, or a suite that is not known; TypeError without a form.
 */
export function innerMtu(suite: EspSuite | string, form: OuterForm, outerMtu: number, clearOctets?: number): number {
  requireObject('form', form);
  const clear = form.mode === 'transport' ? (clearOctets ?? headerOctets(form.family)) : 0;
  const payload = layoutOf(espSuite(suite)).mostPayloadOctets(outerMtu - outerOctets(form) - clear);
  if (!(payload >= 0)) throw new RangeError('outerMtu: has no room for a packet');
  return clear + payload;
}

function headerOctets(family: 4 | 6): number {
  if (family !== 4 && family !== 6) throw new RangeError('form.family must be 4 or 6');
  return family === 4 ? ipv4.HEADER_OCTETS : IPV6_HEADER_OCTETS;
}
