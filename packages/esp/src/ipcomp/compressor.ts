import type { Rng } from '@espalier/crypto';
import { concat, IPCOMP_HEADER_OCTETS, ip, ipv4, PROTOCOL, requireObject, writeIpcompHeader } from '@espalier/wire';
import { deflateSync } from 'fflate';
import { clearHeadersFault, clearOctets, moveClearHeaders, protocolBehind } from '../modes/clear-headers.ts';
import { MODES, type Mode } from '../modes/mode.ts';
import { createOuterHeader, type OuterHeader, type OuterHeaderOptions } from '../modes/outer.ts';
import { tunnelNextHeader } from '../modes/tunnel.ts';
import { oneOf, requireBooleans, requireRng, within } from '../sa/arguments.ts';
import { plainOctets } from '../sa/octets.ts';
import { AdaptivePolicy } from './adaptive.ts';
import { IpcompRefusalCounter } from './refusal-counter.ts';
import { type IpcompRefusal, type IpcompResult, ipcompRefused } from './refusals.ts';

/** One outbound IPComp association (RFC 3173 §4). */
export interface CompressorOptions {
  /** Compression Parameter Index that the other end chose, 0 to 65535; 2 is DEFLATE where none was negotiated. */
  readonly cpi: number;
  /** What of a packet is compressed. Default `tunnel`. */
  readonly mode?: Mode;
  /** The outer header, which tunnel mode must have. ESP in transport mode goes behind it. */
  readonly outer?: OuterHeaderOptions;
  /** Source of the first IPv4 identification. */
  readonly rng: Rng;
  /** Payloads with fewer octets are sent as they are (RFC 3173 §2.2). Default 90. */
  readonly threshold?: number;
  /** Whether to leave off for a while when packets do not get smaller (RFC 3173 §2.2). Default true. */
  readonly adaptive?: boolean;
}

/** What an association has compressed so far. */
export interface CompressorCounters {
  /** Packets that became smaller, their payloads before and with IPComp. */
  readonly packets: number;
  readonly octetsBefore: number;
  readonly octetsAfter: number;
  /** Packets that went as they were: too small, tried in vain, or not tried. */
  readonly uncompressed: number;
  /** Packets refused, for each reason; zeros included. */
  readonly refusals: Readonly<Record<IpcompRefusal, number>>;
}

/**
 * Compresses the payloads of IP packets by DEFLATE before ESP protects them (RFC 3173, RFC 2394). What would not become
 * smaller is sent as it is, without an IPComp header (RFC 3173 §2.2): in tunnel mode behind the outer header all the same.
 */
export class Compressor {
  readonly cpi: number;
  readonly mode: Mode;
  readonly #outer: OuterHeader | undefined;
  readonly #threshold: number;
  readonly #policy: AdaptivePolicy | undefined;
  readonly #refusals = new IpcompRefusalCounter();
  #packets = 0;
  #octetsBefore = 0;
  #octetsAfter = 0;
  #uncompressed = 0;

  /**
   * @throws RangeError for an option outside its bounds.
   * @throws TypeError for an option that is missing, of another kind or of the other mode.
   */
  constructor(options: CompressorOptions) {
    requireObject('options', options);
    requireBooleans(options, 'adaptive');
    const { cpi, mode = 'tunnel', outer, rng, threshold = 90, adaptive = true } = options;
    oneOf('mode', mode, MODES);
    within('cpi', cpi, 0, 0xffff);
    within('threshold', threshold, 0, 0xffff);
    requireRng(rng);
    this.cpi = cpi;
    this.mode = mode;
    this.#outer = outerHeader(mode, outer, rng);
    this.#threshold = threshold;
    this.#policy = adaptive ? new AdaptivePolicy() : undefined;
  }

  /** A copy. */
  get counters(): CompressorCounters {
    return {
      packets: this.#packets,
      octetsBefore: this.#octetsBefore,
      octetsAfter: this.#octetsAfter,
      uncompressed: this.#uncompressed,
      refusals: this.#refusals.snapshot(),
    };
  }

  /**
   * The packet to be sent: a new one, or in transport mode `packet` itself where it goes as it is. What is IPComp already
   * comes to nothing in transport mode: the other end refuses it, compressed twice or as it was, by `bad-next-header` or
   * `wrong-cpi`.
   *
   * @throws TypeError unless `packet` is a Uint8Array.
   */
  compress(packet: Uint8Array): IpcompResult {
    const result = this.#compress(plainOctets('packet', packet));
    if (!result.ok) this.#refusals.count(result.reason);
    return result;
  }

  #compress(octets: Uint8Array): IpcompResult {
    const fault =
      this.mode === 'transport'
        ? clearHeadersFault(octets, 0, octets.length)
        : ip.packetOctets(octets, 0, octets.length) === octets.length
          ? undefined
          : 'bad-inner';
    if (fault !== undefined) return ipcompRefused(fault);
    return this.#outer === undefined ? this.#compressBehind(octets) : this.#compressInto(this.#outer, octets);
  }

  /** RFC 3173 §2: IPComp goes where ESP goes in transport mode. */
  #compressBehind(packet: Uint8Array): IpcompResult {
    const clear = clearOctets(packet, 0, packet.length);
    const body = this.#body(packet.subarray(clear), protocolBehind(packet, 0, clear));
    if (body === undefined) return { ok: true, octets: packet, wasCompressed: false };
    const made = concat(packet.subarray(0, clear), body);
    moveClearHeaders(made, 0, 0, clear, made.length, PROTOCOL.ipcomp);
    if (ip.version(made, 0) === 4) ipv4.setHeaderChecksum(made, 0);
    return { ok: true, octets: made, wasCompressed: true };
  }

  #compressInto(outer: OuterHeader, packet: Uint8Array): IpcompResult {
    const nextHeader = tunnelNextHeader(packet, 0);
    if (outer.octets + packet.length > outer.mostOctets) return ipcompRefused('too-long');
    const body = this.#body(packet, nextHeader);
    const carried = body ?? packet;
    // The outer header is written for the inner packet, which must lie in the same memory.
    const memory = new Uint8Array(outer.octets + Math.max(carried.length, packet.length));
    memory.set(packet, outer.octets);
    const octets = outer.octets + carried.length;
    outer.write(memory, 0, octets, outer.octets);
    memory.set(carried, outer.octets);
    if (body === undefined) ip.setNextHeader(memory, 0, ip.nextHeaderAt(memory, 0, outer.octets), nextHeader);
    return { ok: true, octets: memory.subarray(0, octets), wasCompressed: body !== undefined };
  }

  /** IPComp header and compressed payload, or undefined where that is not smaller. */
  #body(payload: Uint8Array, nextHeader: number): Uint8Array | undefined {
    if (payload.length < this.#threshold || this.#policy?.isResting() === true) {
      this.#uncompressed += 1;
      return undefined;
    }
    const compressed = deflateSync(payload);
    const after = IPCOMP_HEADER_OCTETS + compressed.length;
    const isSmaller = after < payload.length;
    this.#policy?.note(isSmaller);
    if (!isSmaller) {
      this.#uncompressed += 1;
      return undefined;
    }
    const body = new Uint8Array(after);
    writeIpcompHeader(body, 0, nextHeader, this.cpi);
    body.set(compressed, IPCOMP_HEADER_OCTETS);
    this.#packets += 1;
    this.#octetsBefore += payload.length;
    this.#octetsAfter += after;
    return body;
  }
}

function outerHeader(mode: Mode, outer: OuterHeaderOptions | undefined, rng: Rng): OuterHeader | undefined {
  if (mode === 'transport') {
    if (outer !== undefined) throw new TypeError('outer: there is none in transport mode');
    return undefined;
  }
  if (outer === undefined) throw new TypeError('outer: tunnel mode needs one');
  requireObject('outer', outer);
  if (outer.udp !== undefined) throw new TypeError('outer.udp: ESP goes in UDP, IPComp in ESP');
  return createOuterHeader(outer, rng, PROTOCOL.ipcomp);
}
