import type { ReplayVerdict } from '@espalier/replay';
import type { DecodedPayload } from '@espalier/wire';
import type { IcmpError, SeenLayer } from '../packets/carried.ts';

/**
 * One thing of IPsec that a frame holds: plain values and octets, which `structuredClone` takes. Octets are views of the
 * frame unless something says otherwise: whoever keeps an observation while the memory is used again clones it.
 */
export type Observation = IsakmpObservation | EspObservation | AhObservation | KeepaliveObservation | IcmpObservation;

export interface ObservedWhere {
  /** Number of the frame. */
  readonly frame: number;
  /** Seconds since 1970. */
  readonly time: number;
  /** `address:port`, `[address]:port` of IPv6, or an address where there are no ports. */
  readonly source: string;
  readonly destination: string;
  /** Number of the conversation in the report; -1 beyond its limit. */
  readonly conversation: number;
  /** Headers in front of it, the outermost first. */
  readonly layers: readonly SeenLayer[];
  /** Where its octets begin in the frame; undefined where they came in several, or out of another packet. */
  readonly at: number | undefined;
  /** Octets that the capture has cut off behind it. */
  readonly missing: number;
  /** What is odd about it, what a gateway would refuse, and what is missing to read more of it. */
  readonly notes: readonly string[];
}

/** Whether what was decrypted is vouched for: `none` where it is not, or nothing vouches. */
export type HashVerdict = 'ok' | 'bad' | 'none';

export interface IsakmpObservation extends ObservedWhere {
  readonly kind: 'isakmp';
  /** 1, 2, or another; undefined for what is no ISAKMP. */
  readonly version: number | undefined;
  /** Undefined where the header is not there whole, or contradicts itself. */
  readonly header: ObservedHeader | undefined;
  /** For example `Main Mode 3`, `Quick Mode 1`, `Informational`, `IKE_SA_INIT request`. */
  readonly name: string;
  /** Which side has sent it, where that shows. */
  readonly sender: 'initiator' | 'responder' | undefined;
  /** Numbers of its IKE SA and its exchange in the report; -1 where it has none there. */
  readonly ikeSa: number;
  readonly exchange: number;
  /** The frame in which the same octets came first; undefined for what came once. */
  readonly repeats: number | undefined;
  readonly encrypted: boolean;
  readonly decrypted: boolean;
  readonly hash: HashVerdict;
  /** The message as it came; put together, where it came in fragments of IKE. */
  readonly octets: Uint8Array;
  /** What was encrypted, padding included. */
  readonly plain: Uint8Array | undefined;
  readonly payloads: readonly ObservedPayload[];
}

export interface ObservedHeader {
  /** Lower-case hexadecimal, 16 digits. */
  readonly initiatorCookie: string;
  readonly responderCookie: string;
  readonly nextPayload: number;
  readonly exchangeType: number;
  readonly flags: number;
  readonly messageId: number;
  /** Octets, as the header says. */
  readonly length: number;
}

export interface ObservedPayload {
  /** For example `sa`, `ke`, `notification`; `encrypted` in IKEv2. */
  readonly kind: string;
  /** As the message numbers it. */
  readonly type: number;
  /** One line for people. */
  readonly summary: string;
  /** Where its header begins: in `plain` where the message was decrypted, else in `octets`. */
  readonly at: number;
  /** Header included. */
  readonly raw: Uint8Array;
  /** As `@espalier/wire` decodes it; undefined in IKEv2. */
  readonly decoded: DecodedPayload | undefined;
}

/** Where a sequence number lies beside the highest of its SA so far, whether anything vouches for it or not. */
export type SequenceOrder = 'first' | 'next' | 'gap' | 'late' | 'repeated';

export interface EspObservation extends ObservedWhere {
  readonly kind: 'esp';
  readonly encapsulation: 'ip' | 'udp' | 'tcp';
  readonly spi: number;
  /** As the packet carries it. */
  readonly sequence: number;
  /** The high half, with ESN, as far as the ICV has shown it. */
  readonly sequenceHigh: number | undefined;
  readonly order: SequenceOrder;
  /** Numbers between it and the highest: how many it leaves out, or how late it is. */
  readonly distance: number;
  readonly icv: 'ok' | 'bad' | 'unknown';
  /** What a receiver's window of 64 would say; undefined where the ICV does not vouch for the sequence number. */
  readonly replay: ReplayVerdict | undefined;
  /** Number of its SA in the report; -1 beyond its limit. */
  readonly sa: number;
  /** Name of the suite by which it was opened. */
  readonly suite: string | undefined;
  /** The packet as it came, from its SPI on. */
  readonly octets: Uint8Array;
  /** What was protected: an IP packet, or of transport mode what is in one; decompressed. Memory of its own. */
  readonly inner: Uint8Array | undefined;
  readonly nextHeader: number | undefined;
  /** Compression Parameter Index of the IPComp that was around `inner` (RFC 3173 §3.3); undefined where none was. */
  readonly cpi: number | undefined;
  /** `inner` in a few words. */
  readonly summary: string | undefined;
}

export interface AhObservation extends ObservedWhere {
  readonly kind: 'ah';
  readonly spi: number;
  readonly sequence: number;
  readonly order: SequenceOrder;
  readonly distance: number;
  /** The high half, with ESN, as far as the ICV has shown it. */
  readonly sequenceHigh: number | undefined;
  readonly icv: 'ok' | 'bad' | 'unknown';
  /** What a receiver's window of 64 would say; undefined where the ICV does not vouch for the sequence number. */
  readonly replay: ReplayVerdict | undefined;
  readonly sa: number;
  /** Name of the suite by which its ICV is right. */
  readonly suite: string | undefined;
  readonly nextHeader: number;
  /** From AH on. */
  readonly octets: Uint8Array;
}

export interface KeepaliveObservation extends ObservedWhere {
  readonly kind: 'keepalive';
}

export interface IcmpObservation extends ObservedWhere {
  readonly kind: 'icmp';
  readonly error: IcmpError;
  readonly octets: Uint8Array;
}
