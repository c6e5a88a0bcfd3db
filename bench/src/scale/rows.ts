/** What is measured as the number of peers grows. */
export type ScaleSubject =
  | 'first message from an unknown address'
  | 'handshake at the responder'
  | 'packet out'
  | 'packet in'
  | 'handleTimeout with nothing due'
  | DatabaseSubject
  | 'renewal of all IKE SAs in one second, 999 of 1,000 calls'
  | 'renewal of all IKE SAs in one second, longest call'
  | 'renewal of all IKE SAs in one second, longest call less garbage collection'
  | 'heap of a configured idle peer'
  | 'heap of a live tunnel end'
  | 'arena of a live tunnel end';

/** What policies or SAs differ in, and what is done. */
export type DatabaseSubject = `${'look-up' | 'addition' | 'deletion'}: ${(typeof DATABASES)[number]}`;

/** In what many policies, or SAs, differ. */
export const DATABASES = [
  'policies of remote prefixes',
  'policies of local prefixes',
  'policies of ports',
  'policies of ranges of ports and addresses',
  'policies that are alike',
  'SAs by SPI',
  'SAs of one SPI by destination',
] as const;

/** One result: a time, or a weight. */
export interface ScaleRow {
  readonly part: 'scale';
  readonly what: ScaleSubject;
  /** Peers; or policies, or SAs. */
  readonly peers: number;
  readonly children: number;
  /** Median of one, but for a longest call. */
  readonly microseconds?: number;
  readonly octets?: number;
}

/** Times at 10,000 peers are at most so many times those at 10; weights and longest calls are bounded by themselves. */
export const SCALE_GOALS = {
  growth: 1.3,
  databaseGrowth: 1.5,
  idleOctets: 1536,
  liveOctets: 8192,
  arenaOctets: 1024,
  longestMicroseconds: 5000,
} as const;
