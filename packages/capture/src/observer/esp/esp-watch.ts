import type { Engine } from '@espalier/crypto';
import { espSequence, espSpi } from '@espalier/wire';
import type { EspSaKeys, KeyRing } from '../../keys/key-ring.ts';
import type { CarriedWhere } from '../../packets/carried.ts';
import type { EspObservation } from '../observation.ts';
import { GivenKeys, whyNoKey } from '../sa/candidates.ts';
import type { SaTable } from '../sa/sa-table.ts';
import { NO_ORDER, type SaWatch } from '../sa/sa-watch.ts';
import type { SeenAt } from '../where.ts';
import { EspOpener, type KeyedSuite, type OpenedEsp } from './opener.ts';
import { contentText, type EspContent, espContent, hasIpForm, isIpInside } from './trailer.ts';

/**
 * Reads along ESP: the order of packets, and what is inside, with keys that are given or that IKE has shown. It watches:
 * what a gateway would refuse after the ICV is shown, with a note.
 */
export class EspWatch {
  readonly #engine: Engine;
  readonly #table: SaTable;
  readonly #given: GivenKeys<EspSaKeys>;
  /** By the number of the SA; a text says why there is none. */
  readonly #openers = new Map<number, EspOpener | string>();

  constructor(engine: Engine, ring: KeyRing, table: SaTable) {
    this.#engine = engine;
    this.#table = table;
    this.#given = new GivenKeys(ring.esp);
  }

  observe(at: SeenAt): EspObservation {
    const { carried } = at;
    const { octets } = carried;
    const [spi, sequence] = [espSpi(octets, 0), espSequence(octets, 0)];
    const sa = this.#table.of('esp', spi, carried.from, carried.to, at);
    const encapsulation = carried.kind === 'esp' ? carried.encapsulation : 'ip';
    if (sa !== undefined) {
      sa.encapsulation = encapsulation;
      sa.isInAh ||= carried.layers.at(-1)?.name === 'AH';
    }
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
      cpi: inside.cpi,
      summary: inside.summary,
    };
  }

  /** What was in a packet that was opened before: counts and verdicts stay as they are. */
  reopen(index: number, packet: Uint8Array, sequenceHigh: number | undefined): EspContent | undefined {
    const opener = this.#openers.get(index);
    const opened = typeof opener === 'object' ? opener.reopen(packet, sequenceHigh) : undefined;
    return opened === undefined ? undefined : espContent(opened.payload);
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
    sa.esn = opened.isChecked ? opened.sequenceHigh !== undefined : undefined;
    const replay = opened.isChecked ? sa.judge(sequence, opened.sequenceHigh) : undefined;
    if (content !== undefined) {
      sa.innerOctets += content.inner.length;
      if (isIpInside(content.nextHeader)) sa.innerIsIp += 1;
      else sa.innerIsOther += 1;
    }
    const notes = [
      ...(opened.isChecked ? [] : [opened.icvOctets === 0 ? NO_ICV : UNCHECKED]),
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
      cpi: content?.cpi,
      summary: shown?.summary,
    };
  }

  /** All keys that may be the SA's; a text says why there are none. */
  #keyed(sa: SaWatch): EspOpener | string {
    const known = this.#openers.get(sa.index);
    if (known !== undefined && !sa.hasNewKeys) return known;
    const given = this.#given.for(sa);
    const fromFiles = given.flatMap(({ suites, esn, sequenceHigh, uncheckedIcvOctets }) =>
      suites.map((suite): KeyedSuite => ({ ...suite, esn, sequenceHigh, uncheckedIcvOctets, origin: 'given' })),
    );
    const keyed = [...derivedFor(sa), ...fromFiles].filter(({ suite }) => this.#engine.supports(suite));
    sa.hasNewKeys = false;
    const opener = keyed.length > 0 ? new EspOpener(this.#engine, keyed) : whyNoKey(sa, given[0]);
    this.#openers.set(sa.index, opener);
    return opener;
  }
}

function derivedFor({ child }: SaWatch): readonly KeyedSuite[] {
  const { keyed = [], esn } = child?.child ?? {};
  return keyed.map(({ suite, keys }) => {
    const uncheckedIcvOctets = suite.icvOctets === 0 ? 0 : undefined;
    return { suite, keys, esn, sequenceHigh: undefined, uncheckedIcvOctets, origin: 'derived' };
  });
}

function hasForm(content: EspContent | undefined): boolean {
  return content !== undefined && (content.isPaddedRight || hasIpForm(content));
}

const NO_FORM =
  'its ICV is right, and what is inside has no form: most likely the key of the cipher is another (RFC 4303 §2.4)';
const UNCHECKED = 'its ICV is not checked: the key file does not say with which key';
const NO_ICV = 'it has no ICV of its own: only its form says that the key is right';
const UNCHECKED_NO_FORM = 'its ICV cannot be checked, and what is inside has no form: most likely another key';

type Inside = Pick<
  EspObservation,
  'notes' | 'icv' | 'replay' | 'sequenceHigh' | 'suite' | 'inner' | 'nextHeader' | 'cpi' | 'summary'
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
    cpi: undefined,
    summary: undefined,
  };
}
