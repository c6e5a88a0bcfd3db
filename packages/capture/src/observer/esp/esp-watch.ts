import type { Engine } from '@espalier/crypto';
import { ahNextHeader, ahSequence, espSequence, espSpi, readU32 } from '@espalier/wire';
import { addressMatches } from '../../keys/addresses.ts';
import type { EspSaKeys, KeyRing } from '../../keys/key-ring.ts';
import type { CarriedWhere } from '../../packets/carried.ts';
import type { SaRow } from '../../report/report.ts';
import type { ChildAt, ReplayStatusAt } from '../ike/ike-watch.ts';
import { type Beyond, countBeyond, type ObserverLimits } from '../limits.ts';
import type { AhObservation, EspObservation } from '../observation.ts';
import { type SeenAt, whereOf } from '../where.ts';
import { EspOpener, type KeyedSuite, type OpenedEsp } from './opener.ts';
import { SaWatch } from './sa-watch.ts';
import { contentText, type EspContent, espContent, hasIpForm, isIpInside } from './trailer.ts';

/**
 * Reads along ESP and AH: SAs by SPI and ends, order of packets, and what is inside, with keys that are given or that IKE
 * has shown. It watches: what a gateway would refuse after the ICV is shown, with a note.
 */
export class EspWatch {
  readonly #engine: Engine;
  readonly #limits: ObserverLimits;
  readonly #beyond: Beyond;
  readonly #sas: SaWatch[] = [];
  readonly #byEnds = new Map<string, SaWatch>();
  /** The newest SA by what it is for. */
  readonly #lastOf = new Map<string, number>();
  readonly #given: ReadonlyMap<number | undefined, readonly EspSaKeys[]>;

  constructor(engine: Engine, ring: KeyRing, limits: ObserverLimits, beyond: Beyond) {
    this.#engine = engine;
    this.#limits = limits;
    this.#beyond = beyond;
    const given = new Map<number | undefined, EspSaKeys[]>();
    for (const keys of ring.esp) {
      const alike = given.get(keys.spi);
      if (alike === undefined) given.set(keys.spi, [keys]);
      else alike.push(keys);
    }
    this.#given = given;
  }

  rows(): readonly SaRow[] {
    return this.#sas.map((sa) => sa.row());
  }

  /** What a Quick Mode has agreed on: its packets may have come already. */
  learn(at: ChildAt): void {
    const { child, from, to } = at;
    const sa = this.#saOf(child.protocol, child.spi, from, to, at);
    if (sa === undefined || sa.child !== undefined) return;
    sa.child = at;
    sa.hasNewKeys = true;
    const opposite = this.#byEnds.get(key(child.protocol, child.oppositeSpi, to, from));
    if (opposite !== undefined) {
      sa.opposite = opposite.index;
      opposite.opposite = sa.index;
    }
    // A renewal is for the same traffic.
    const traffic = [child.protocol, from, to, ...(child.selectors ?? [])].join(' ');
    sa.replaces = this.#lastOf.get(traffic) ?? -1;
    this.#lastOf.set(traffic, sa.index);
  }

  /** A receiver says whether it refuses replays. */
  learnReplayStatus({ protocol, spi, from, to, isOn, at }: ReplayStatusAt): void {
    const sa = this.#saOf(protocol, spi, from, to, at);
    if (sa !== undefined) sa.antiReplay = isOn;
  }

  observeEsp(at: SeenAt): EspObservation {
    const { carried } = at;
    const { octets } = carried;
    const [spi, sequence] = [espSpi(octets, 0), espSequence(octets, 0)];
    const sa = this.#saOf('esp', spi, carried.from, carried.to, at);
    const encapsulation = carried.kind === 'esp' ? carried.encapsulation : 'ip';
    if (sa !== undefined) sa.encapsulation = encapsulation;
    const order = sa?.take(sequence, octets.length + carried.missing, at.frame, at.time) ?? NO_ORDER;
    const inside = this.#insideOf(sa, carried, sequence);
    // One literal: there may be millions.
    return {
      kind: 'esp',
      frame: at.frame,
      time: at.time,
      source: carried.source,
      destination: carried.destination,
      conversation: at.conversation,
      layers: carried.layers,
      at: carried.at,
      missing: carried.missing,
      notes: inside.notes.length === 0 ? carried.notes : [...carried.notes, ...inside.notes],
      encapsulation,
      spi,
      sequence,
      sequenceHigh: inside.sequenceHigh,
      order: order.order,
      distance: order.distance,
      icv: inside.icv,
      replay: inside.replay,
      sa: sa === undefined ? -1 : sa.index,
      suite: inside.suite,
      octets,
      inner: inside.inner,
      nextHeader: inside.nextHeader,
      summary: inside.summary,
    };
  }

  /** What was in a packet that was opened before: counts and verdicts stay as they are. */
  reopen(index: number, packet: Uint8Array, sequenceHigh: number | undefined): EspContent | undefined {
    const opener = this.#sas[index]?.opener;
    const opened = typeof opener === 'object' ? opener.reopen(packet, sequenceHigh) : undefined;
    return opened === undefined ? undefined : espContent(opened.payload);
  }

  observeAh(at: SeenAt): AhObservation {
    const { carried } = at;
    const { octets } = carried;
    const [spi, sequence] = [readU32(octets, 4), ahSequence(octets, 0)];
    const sa = this.#saOf('ah', spi, carried.from, carried.to, at);
    const order = sa?.take(sequence, octets.length, at.frame, at.time) ?? NO_ORDER;
    const nextHeader = ahNextHeader(octets, 0);
    return { kind: 'ah', spi, sequence, ...order, sa: sa?.index ?? -1, nextHeader, octets, ...whereOf(at) };
  }

  #insideOf(sa: SaWatch | undefined, { octets, missing }: CarriedWhere, sequence: number): Inside {
    if (missing > 0) return closed(`cut off: ${octets.length} of ${octets.length + missing} octets`);
    if (sa === undefined) return closed('more SAs than are followed');
    const keyed = this.#keyed(sa);
    if (typeof keyed === 'string') return closed(keyed);
    const opened = keyed.open(octets, (payload) => hasForm(espContent(payload)));
    if (opened !== undefined) return this.#opened(sa, sequence, opened);
    sa.icvBad += 1;
    return { ...closed('the ICV is wrong'), icv: 'bad' };
  }

  #opened(sa: SaWatch, sequence: number, opened: OpenedEsp): Inside {
    const content = espContent(opened.payload);
    const shown = content === undefined ? undefined : contentText(content);
    // Garbage is not shown for plain text: the key of the cipher may be wrong, and that of the MAC right.
    if (!hasForm(content) && opened.isChecked) return { ...closed(NO_FORM), icv: 'ok' };
    if (!opened.isChecked && (!hasForm(content) || shown?.note !== undefined)) return closed(UNCHECKED_NO_FORM);
    sa.opened += 1;
    sa.suite = opened.suite;
    sa.keys = opened.origin;
    const replay = opened.isChecked ? sa.judge(sequence, opened.sequenceHigh) : undefined;
    if (content !== undefined) {
      sa.innerOctets += content.inner.length;
      if (isIpInside(content.nextHeader)) sa.innerIsIp += 1;
      else sa.innerIsOther += 1;
    }
    const notes = [
      ...(opened.isChecked ? [] : ['its ICV is not checked: the key file does not say with which key']),
      ...(content?.isPaddedRight === false ? ['the padding is wrong: a gateway drops it (RFC 4303 §2.4)'] : []),
      ...(shown?.note === undefined ? [] : [shown.note]),
    ];
    return {
      notes,
      icv: opened.isChecked ? 'ok' : 'unknown',
      replay,
      sequenceHigh: opened.sequenceHigh,
      suite: opened.suite,
      inner: content?.inner,
      nextHeader: content?.nextHeader,
      summary: shown?.summary,
    };
  }

  #saOf(
    protocol: 'esp' | 'ah',
    spi: number,
    from: string,
    to: string,
    at: { readonly frame: number; readonly conversation: number },
  ): SaWatch | undefined {
    const ends = key(protocol, spi, from, to);
    const known = this.#byEnds.get(ends);
    if (known !== undefined) return known;
    if (this.#sas.length >= this.#limits.sas) {
      countBeyond(this.#beyond, 'sas');
      return undefined;
    }
    const sa = new SaWatch(this.#sas.length, protocol, spi, from, to, at);
    this.#sas.push(sa);
    this.#byEnds.set(ends, sa);
    return sa;
  }

  /** All keys that may be the SA's; a text says why there are none. */
  #keyed(sa: SaWatch): EspOpener | string {
    if (sa.opener !== undefined && !sa.hasNewKeys) return sa.opener;
    // A NAT changes addresses, and the ICV decides: keys that are between others come last.
    const given = [...(this.#given.get(sa.spi) ?? []), ...(this.#given.get(undefined) ?? [])].sort(
      (a, b) => Number(isBetween(b, sa)) - Number(isBetween(a, sa)),
    );
    const fromFiles = given.flatMap(({ suites, esn, sequenceHigh, uncheckedIcvOctets }) =>
      suites.map((suite): KeyedSuite => ({ ...suite, esn, sequenceHigh, uncheckedIcvOctets, origin: 'given' })),
    );
    const keyed = [...derivedFor(sa), ...fromFiles].filter(({ suite }) => this.#engine.supports(suite));
    sa.hasNewKeys = false;
    sa.opener = keyed.length > 0 ? new EspOpener(this.#engine, keyed) : whyClosed(sa, given[0]);
    return sa.opener;
  }
}

function isBetween({ source, destination }: EspSaKeys, { from, to }: SaWatch): boolean {
  return addressMatches(source, from) && addressMatches(destination, to);
}

function whyClosed(sa: SaWatch, unsupported: EspSaKeys | undefined): string {
  if (unsupported !== undefined) return `cannot open ${unsupported.algorithms}: not supported`;
  return sa.child === undefined
    ? 'no key for this SPI'
    : 'no key for this SPI, and none follows from what was read of IKE';
}

function derivedFor({ child }: SaWatch): readonly KeyedSuite[] {
  const { suite, keys, esn } = child?.child ?? {};
  if (suite === undefined || keys === undefined) return [];
  return [{ suite, keys, esn, sequenceHigh: undefined, uncheckedIcvOctets: undefined, origin: 'derived' }];
}

function hasForm(content: EspContent | undefined): boolean {
  return content !== undefined && (content.isPaddedRight || hasIpForm(content));
}

const NO_FORM =
  'its ICV is right, and what is inside has no form: most likely the key of the cipher is another (RFC 4303 §2.4)';
const UNCHECKED_NO_FORM = 'its ICV cannot be checked, and what is inside has no form: most likely another key';

const NO_ORDER = { order: 'first', distance: 0 } as const;

type Inside = Pick<
  EspObservation,
  'notes' | 'icv' | 'replay' | 'sequenceHigh' | 'suite' | 'inner' | 'nextHeader' | 'summary'
>;

function closed(note: string): Inside {
  return {
    notes: [note],
    icv: 'unknown',
    replay: undefined,
    sequenceHigh: undefined,
    suite: undefined,
    inner: undefined,
    nextHeader: undefined,
    summary: undefined,
  };
}

function key(protocol: 'esp' | 'ah', spi: number, from: string, to: string): string {
  return `${protocol} ${spi} ${from} ${to}`;
}
