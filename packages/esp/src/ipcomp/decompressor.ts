import { concat, IPCOMP_HEADER_OCTETS, ip, ipcompCpi, ipcompNextHeader, PROTOCOL, requireObject } from '@espalier/wire';
import { moveClearHeaders } from '../modes/clear-headers.ts';
import { MODES, type Mode } from '../modes/mode.ts';
import { type DscpInside, decapsulatedTos, decapsulatedWithDscp } from '../modes/tos.ts';
import { tunnelNextHeader } from '../modes/tunnel.ts';
import { oneOf, within } from '../sa/arguments.ts';
import { plainOctets } from '../sa/octets.ts';
import { inflate } from './inflate.ts';
import { IpcompRefusalCounter } from './refusal-counter.ts';
import { type IpcompRefusal, type IpcompResult, ipcompRefused } from './refusals.ts';

/** One inbound IPComp association (RFC 3173 §4). */
export interface DecompressorOptions {
  /** Compression Parameter Index that this end chose, 0 to 65535; 2 is DEFLATE where none was negotiated. */
  readonly cpi: number;
  /** What of a packet is compressed. Default `tunnel`. */
  readonly mode?: Mode;
  /** In tunnel mode the DSCP of what is delivered: its own, or that of the outer header (RFC 2983 §3). Default `keep`. */
  readonly dscp?: DscpInside;
  /** The longest packet that is made, 68 to 65535 octets. Default 65535. */
  readonly mostOctets?: number;
}

/** What an association has decompressed so far. */
export interface DecompressorCounters {
  /** Packets that came compressed, and were good. */
  readonly packets: number;
  /** Packets that came as they were. */
  readonly uncompressed: number;
  readonly refusals: Readonly<Record<IpcompRefusal, number>>;
}

/** Undoes what a `Compressor` did, after ESP (RFC 3173, RFC 2394). It never makes more than `mostOctets`. */
export class Decompressor {
  readonly cpi: number;
  readonly mode: Mode;
  readonly #decapsulatedTos: (innerTos: number, outerTos: number) => number;
  readonly #mostOctets: number;
  readonly #refusals = new IpcompRefusalCounter();
  #packets = 0;
  #uncompressed = 0;

  /** @throws RangeError for an option outside its bounds; TypeError without options, or for one of the other mode. */
  constructor(options: DecompressorOptions) {
    requireObject('options', options);
    const { cpi, mode = 'tunnel', dscp, mostOctets = 0xffff } = options;
    oneOf('mode', mode, MODES);
    within('cpi', cpi, 0, 0xffff);
    within('mostOctets', mostOctets, 68, 0xffff);
    if (dscp !== undefined && mode === 'transport') throw new TypeError('dscp: there is one header in transport mode');
    if (dscp !== undefined) oneOf('dscp', dscp, ['keep', 'copy']);
    this.cpi = cpi;
    this.mode = mode;
    this.#decapsulatedTos = dscp === 'copy' ? decapsulatedWithDscp : decapsulatedTos;
    this.#mostOctets = mostOctets;
  }

  /** A copy. */
  get counters(): DecompressorCounters {
    return { packets: this.#packets, uncompressed: this.#uncompressed, refusals: this.#refusals.snapshot() };
  }

  /**
   * The IP packet that was compressed: a new one, or where it came as it was, `packet` or a view of it.
   *
   * @throws TypeError unless `packet` is a Uint8Array.
   */
  decompress(packet: Uint8Array): IpcompResult {
    const result = this.#decompress(plainOctets('packet', packet));
    if (!result.ok) this.#refusals.count(result.reason);
    else if (result.wasCompressed) this.#packets += 1;
    else this.#uncompressed += 1;
    return result;
  }

  #decompress(packet: Uint8Array): IpcompResult {
    const end = packet.length;
    if (ip.packetOctets(packet, 0, end) !== end) return ipcompRefused('bad-outer');
    if (ip.isFragment(packet, 0, end)) return ipcompRefused('fragment');
    const clear = ip.payloadAt(packet, 0, end);
    if (clear < 0) return ipcompRefused('bad-outer');
    const protocol = ip.protocol(packet, 0, end);
    if (protocol !== PROTOCOL.ipcomp) return this.#takeUncompressed(packet, clear, protocol);

    if (end - clear < IPCOMP_HEADER_OCTETS) return ipcompRefused('malformed');
    if (ipcompCpi(packet, clear) !== this.cpi) return ipcompRefused('wrong-cpi');
    const nextHeader = ipcompNextHeader(packet, clear);
    const most = this.#mostOctets - (this.mode === 'transport' ? clear : 0);
    const inflated = inflate(packet.subarray(clear + IPCOMP_HEADER_OCTETS), most);
    if (typeof inflated === 'string') return ipcompRefused(inflated);
    if (nextHeader === PROTOCOL.ipcomp) return ipcompRefused('bad-next-header');
    if (this.mode === 'tunnel') return this.#takeInner(packet, nextHeader, inflated, true);

    const made = concat(packet.subarray(0, clear), inflated);
    moveClearHeaders(made, 0, 0, clear, made.length, nextHeader);
    return { ok: true, octets: made, wasCompressed: true };
  }

  #takeUncompressed(packet: Uint8Array, clear: number, protocol: number): IpcompResult {
    if (this.mode === 'transport') return { ok: true, octets: packet, wasCompressed: false };
    if (protocol !== PROTOCOL.ipip && protocol !== PROTOCOL.ipv6) return ipcompRefused('bad-outer');
    return this.#takeInner(packet, protocol, packet.subarray(clear), false);
  }

  #takeInner(packet: Uint8Array, nextHeader: number, inner: Uint8Array, wasCompressed: boolean): IpcompResult {
    if (nextHeader !== PROTOCOL.ipip && nextHeader !== PROTOCOL.ipv6) return ipcompRefused('bad-next-header');
    const octets = ip.packetOctets(inner, 0, inner.length);
    if (octets < 0 || tunnelNextHeader(inner, 0) !== nextHeader) return ipcompRefused('bad-inner');
    const tos = this.#decapsulatedTos(ip.tos(inner, 0), ip.tos(packet, 0));
    if (tos < 0) return ipcompRefused('congested');
    if (tos !== ip.tos(inner, 0)) ip.setTos(inner, 0, tos);
    return { ok: true, octets: inner.subarray(0, octets), wasCompressed };
  }
}
