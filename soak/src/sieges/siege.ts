import type { ExchangeMode } from '@espalier/ike';
import type { Bed } from './bed.ts';

/** What a flood is of, and at what. */
export interface Siege {
  readonly name: string;
  /** Name of all that differ in the mode, the message or the number of peers alone. */
  readonly kind: string;
  readonly mode: ExchangeMode;
  /** That the gateway knows: 1 is one that may be anywhere. */
  readonly peers: number;
  /** Datagrams in all of a whole run. */
  readonly datagrams: number;
  /** Datagrams a second of virtual time. */
  readonly perSecond: number;
  /** Whoever floods has the right key. */
  readonly isKeyed: boolean;
  /** Of what is not authenticated: octets that may go out for each that comes in, but for one answer. */
  readonly mostOut: number;
  /** What is handed over at once, again and again: at least one datagram. */
  readonly begin: (bed: Bed) => () => void;
}

/** What must hold of every flood. */
export const SIEGE_LAWS = {
  heap: 'the heap holds at most 32 MB more than before the flood, and a minute of virtual time after it 8 MB',
  forgotten:
    'a minute after it nothing is left of the flood but SAs of who has shown the key, and of these no more than a peer may have',
  kept: 'real peers that begin meanwhile, whose addresses are forged too, have their tunnels before it ends',
  answered:
    'of what is not authenticated no more octets go out than come in, but for one answer; a quarter more where each datagram is a first message of its own',
} as const;

/** Name of one of these. */
export type SiegeLaw = keyof typeof SIEGE_LAWS;
