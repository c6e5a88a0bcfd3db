import type { Endpoint } from '@espalier/ike';
import { Fifo } from './fifo.ts';

/** What is to be sent on the outside. */
export type GatewayTransmit =
  /** A whole IP packet. */
  | { readonly kind: 'packet'; readonly octets: Uint8Array }
  /** The payload of a UDP datagram. */
  | {
      readonly kind: 'datagram';
      readonly source: Endpoint;
      readonly destination: Endpoint;
      readonly octets: Uint8Array;
    };

/** A whole IP packet for the inside. */
export interface InsideTransmit {
  readonly packet: Uint8Array;
  /** The service interface that it comes out of; undefined in interface style. */
  readonly insideInterface: string | undefined;
}

/** What waits for the caller to fetch it. */
export class Doors {
  readonly outside: Fifo<GatewayTransmit> = new Fifo();
  readonly inside: Fifo<InsideTransmit> = new Fifo();
}
