import type { Frame, Observation } from '@espalier/capture';
import type { Row, Verdict } from '../protocol.ts';
import { Column, Texts } from './columns.ts';
import { described, PROTOCOLS, spiText } from './describe.ts';

/** Rows at most: some 80 octets each. */
const MOST_ROWS = 2_000_000;

export const KINDS: readonly Observation['kind'][] = ['isakmp', 'esp', 'ah', 'icmp', 'keepalive'];
export const VERDICTS: readonly Verdict[] = ['ok', 'plain', 'closed', 'odd', 'bad'];

/** Where the octets of a row are. */
export interface Place {
  /** Of the frame in the file. */
  readonly offset: number;
  readonly frameOctets: number;
  readonly originalOctets: number;
  readonly linkType: number;
  /** Of what was observed in the frame; undefined where it is in no one frame. */
  readonly at: number | undefined;
  readonly octets: number;
}

/** What is kept of each observation: numbers, and texts that repeat. All else is decoded again when somebody looks. */
export class Rows {
  readonly texts: Texts = new Texts();
  readonly frame: Column = new Column(Uint32Array);
  readonly time: Column = new Column(Float64Array);
  readonly kind: Column = new Column(Uint8Array);
  readonly verdict: Column = new Column(Uint8Array);
  readonly verdictText: Column = new Column(Uint32Array);
  readonly source: Column = new Column(Uint32Array);
  readonly destination: Column = new Column(Uint32Array);
  readonly info: Column = new Column(Uint32Array);
  readonly notes: Column = new Column(Uint32Array);
  readonly conversation: Column = new Column(Int32Array);
  readonly sa: Column = new Column(Int32Array);
  readonly ikeSa: Column = new Column(Int32Array);
  readonly exchange: Column = new Column(Int32Array);
  readonly spi: Column = new Column(Uint32Array);
  readonly sequence: Column = new Column(Uint32Array);
  readonly #sequenceHigh = new Column(Int32Array);
  readonly #offset = new Column(Float64Array);
  readonly #frameOctets = new Column(Uint32Array);
  readonly #originalOctets = new Column(Uint32Array);
  readonly #linkType = new Column(Uint16Array);
  readonly #at = new Column(Int32Array);
  readonly #octets = new Column(Uint32Array);
  /** Observations that have no row, since there are too many. */
  beyond = 0;

  get length(): number {
    return this.frame.length;
  }

  /** Its row; -1 where it has none. */
  add(frame: Frame, observation: Observation): number {
    if (this.length >= MOST_ROWS) {
      this.beyond += 1;
      return -1;
    }
    const row = this.length;
    const { info, verdict, verdictText } = described(observation);
    this.frame.push(observation.frame);
    this.time.push(observation.time);
    this.kind.push(KINDS.indexOf(observation.kind));
    this.verdict.push(VERDICTS.indexOf(verdict));
    this.verdictText.push(this.texts.place(verdictText));
    this.source.push(this.texts.place(observation.source));
    this.destination.push(this.texts.place(observation.destination));
    this.info.push(this.texts.place(info));
    this.notes.push(this.texts.place(observation.notes.join('; ')));
    this.conversation.push(observation.conversation);
    this.#addNumbers(observation);
    this.#addPlace(frame, observation);
    return row;
  }

  row(row: number): Row {
    const kind = KINDS[this.kind.at(row)] ?? 'isakmp';
    const info = this.texts.at(this.info.at(row));
    const isNumbered = kind === 'esp' || kind === 'ah';
    return {
      row,
      frame: this.frame.at(row),
      time: this.time.at(row),
      source: this.texts.at(this.source.at(row)),
      destination: this.texts.at(this.destination.at(row)),
      protocol: PROTOCOLS[kind],
      info: isNumbered ? `seq ${this.sequence.at(row)}: ${info}` : info,
      verdict: VERDICTS[this.verdict.at(row)] ?? 'plain',
      verdictText: this.texts.at(this.verdictText.at(row)),
    };
  }

  place(row: number): Place {
    const at = this.#at.at(row);
    return {
      offset: this.#offset.at(row),
      frameOctets: this.#frameOctets.at(row),
      originalOctets: this.#originalOctets.at(row),
      linkType: this.#linkType.at(row),
      at: at < 0 ? undefined : at,
      octets: this.#octets.at(row),
    };
  }

  sequenceHigh(row: number): number | undefined {
    const high = this.#sequenceHigh.at(row);
    return high < 0 ? undefined : high;
  }

  spiText(row: number): string {
    return spiText(this.spi.at(row));
  }

  #addNumbers(observation: Observation): void {
    const isNumbered = observation.kind === 'esp' || observation.kind === 'ah';
    const isIsakmp = observation.kind === 'isakmp';
    this.sa.push(isNumbered ? observation.sa : -1);
    this.ikeSa.push(isIsakmp ? observation.ikeSa : -1);
    this.exchange.push(isIsakmp ? observation.exchange : -1);
    this.spi.push(isNumbered ? observation.spi : 0);
    this.sequence.push(isNumbered ? observation.sequence : 0);
    this.#sequenceHigh.push(observation.kind === 'esp' ? (observation.sequenceHigh ?? -1) : -1);
  }

  #addPlace(frame: Frame, observation: Observation): void {
    this.#offset.push(frame.offset);
    this.#frameOctets.push(frame.octets.length);
    this.#originalOctets.push(frame.originalOctets);
    this.#linkType.push(frame.linkType);
    this.#at.push(observation.at ?? -1);
    this.#octets.push(observation.kind === 'keepalive' ? 1 : observation.octets.length);
  }
}
