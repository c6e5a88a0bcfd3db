/** What the page and its worker say to each other: plain values, as `postMessage` takes them. */
import type { KeyFile, Report } from '@espalier/capture';
import type { Buffers } from './fields/field.ts';

export type ToWorker = ({ readonly kind: 'open' } & ToRead) | { readonly kind: 'cancel' } | Question;

/** A capture, and what is known of it. */
export interface ToRead {
  readonly file: Blob;
  readonly name: string;
  readonly keys: readonly KeyFile[];
  /** Of UDP and TCP, at which IKE and ESP are looked for beside their own. */
  readonly ports: readonly number[];
}

/** What is answered with the same `id`. */
export type Question = { readonly id: number } & Asked;

export type Asked =
  /** Which rows a query takes; all of them where it is empty. */
  | { readonly kind: 'filter'; readonly query: string }
  /** Rows of the last filter, from one place in it to before another. */
  | { readonly kind: 'rows'; readonly from: number; readonly to: number }
  | { readonly kind: 'details'; readonly row: number }
  | { readonly kind: 'timeline'; readonly conversation: number }
  | { readonly kind: 'export'; readonly form: ExportForm };

export type ExportForm = 'report-text' | 'report-json' | 'packets-json' | 'packets-text' | 'decrypted-pcapng';

export interface Answers {
  readonly filter: { readonly rows: number };
  readonly rows: { readonly from: number; readonly rows: readonly Row[] };
  readonly details: Details;
  readonly timeline: Timeline;
  readonly export: { readonly blob: Blob };
}

export type FromWorker =
  | ({ readonly kind: 'progress' } & Progress)
  | { readonly kind: 'opened'; readonly outcome: Outcome }
  /** Nothing could be read: a key file of another kind, a file that the browser does not give. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly kind: 'no-answer'; readonly id: number; readonly reason: string };

export interface Progress {
  readonly doing: 'reading' | 'exporting';
  readonly octets: number;
  /** Octets of the file. */
  readonly of: number;
  readonly frames: number;
  readonly rows: number;
}

/** What reading a capture has come to. */
export interface Outcome {
  readonly name: string;
  readonly octets: number;
  readonly format: string | undefined;
  readonly end: 'whole' | 'cancelled' | 'fault';
  /** Where reading stopped, and why, in words. */
  readonly fault: string | undefined;
  readonly report: Report;
  readonly rows: number;
  /** Rows that were decoded and counted, and are in no list since it is full. */
  readonly rowsBeyond: number;
  readonly passedOver: readonly (readonly [string, number])[];
  /** Key files, and what of them was passed over. */
  readonly keyFiles: readonly string[];
  readonly keyNotes: readonly string[];
}

/** How it stands with what a row shows, from best to worst. */
export type Verdict = 'ok' | 'plain' | 'closed' | 'odd' | 'bad';

/** One observation as the table shows it. */
export interface Row {
  /** Its place among all rows. */
  readonly row: number;
  readonly frame: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'IKE' | 'ESP' | 'AH' | 'ICMP' | 'keepalive';
  readonly info: string;
  readonly verdict: Verdict;
  readonly verdictText: string;
}

/** All of a row, decoded once more from the file. */
export interface Details {
  readonly row: Row;
  readonly facts: readonly (readonly [string, string])[];
  readonly notes: readonly string[];
  readonly buffers: Buffers;
}

/** What happened between two addresses, in order. */
export interface Timeline {
  readonly ends: readonly [string, string];
  readonly events: readonly TimelineEvent[];
  /** Events that are not in the list, since it is full. */
  readonly beyond: number;
}

export type TimelineEvent = MessageEvent | RunEvent;

interface MessageEvent {
  readonly kind: 'message';
  readonly row: number;
  readonly frame: number;
  readonly time: number;
  /** From the first of the ends to the second. */
  readonly forward: boolean;
  readonly name: string;
  readonly parts: readonly string[];
  readonly exchange: number;
  readonly ikeSa: number;
  readonly repeats: number | undefined;
  readonly encrypted: boolean;
  readonly decrypted: boolean;
  readonly verdict: Verdict;
  readonly notes: readonly string[];
}

/** Packets one after the other, of ESP, AH and what is like them. */
interface RunEvent {
  readonly kind: 'run';
  readonly row: number;
  readonly frame: number;
  readonly lastFrame: number;
  readonly time: number;
  readonly lastTime: number;
  readonly protocol: Row['protocol'];
  readonly forward: number;
  readonly backward: number;
  readonly opened: number;
  readonly bad: number;
}
