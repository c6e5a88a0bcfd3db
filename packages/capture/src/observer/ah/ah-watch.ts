import type { Engine } from '@espalier/crypto';
import { ahNextHeader, ahOctets, ahSequence, readU32 } from '@espalier/wire';
import type { AhSaKeys, KeyRing } from '../../keys/key-ring.ts';
import type { CarriedWhere } from '../../packets/carried.ts';
import type { AhObservation } from '../observation.ts';
import { GivenKeys, whyNoKey } from '../sa/candidates.ts';
import type { SaTable } from '../sa/sa-table.ts';
import { NO_ORDER, type SaWatch } from '../sa/sa-watch.ts';
import { type SeenAt, whereOf } from '../where.ts';
import { AhVerifier, type KeyedAhSuite } from './verifier.ts';

/** Reads along AH: the order of packets, and whether their ICVs are right, with keys that are given or that IKE has shown. */
export class AhWatch {
  readonly #engine: Engine;
  readonly #table: SaTable;
  readonly #given: GivenKeys<AhSaKeys>;
  /** By the number of the SA; a text says why there is none. */
  readonly #verifiers = new Map<number, AhVerifier | string>();

  constructor(engine: Engine, ring: KeyRing, table: SaTable) {
    this.#engine = engine;
    this.#table = table;
    this.#given = new GivenKeys(ring.ah);
  }

  observe(at: SeenAt): AhObservation {
    const { carried } = at;
    const { octets } = carried;
    const [spi, sequence] = [readU32(octets, 4), ahSequence(octets, 0)];
    const sa = this.#table.of('ah', spi, carried.from, carried.to, at);
    const order = sa?.take(sequence, octets.length, at.frame, at.time) ?? NO_ORDER;
    const { note, ...verdict } = this.#verdict(sa, carried, sequence);
    const where = whereOf(at, note === undefined ? [] : [note]);
    const nextHeader = ahNextHeader(octets, 0);
    return { kind: 'ah', spi, sequence, ...order, ...verdict, sa: sa?.index ?? -1, nextHeader, octets, ...where };
  }

  #verdict(sa: SaWatch | undefined, { headers, octets, missing }: CarriedWhere, sequence: number): Verdict {
    if (missing > 0) return unknown(`cut off: ${octets.length} of ${octets.length + missing} octets`);
    if (sa === undefined) return unknown('more SAs than are followed');
    const keyed = this.#keyed(sa);
    if (typeof keyed === 'string') return unknown(keyed);
    if (headers === undefined || ahOctets(octets, 0) > octets.length) return unknown('its header is longer than it is');
    const verified = keyed.verify(headers, octets);
    if (verified === undefined) {
      sa.icvBad += 1;
      return { ...unknown('the ICV is wrong'), icv: 'bad' };
    }
    const { suite, origin, sequenceHigh } = verified;
    sa.opened += 1;
    sa.suite = suite;
    sa.keys = origin;
    sa.esn = sequenceHigh !== undefined;
    return { icv: 'ok', replay: sa.judge(sequence, sequenceHigh), sequenceHigh, suite };
  }

  #keyed(sa: SaWatch): AhVerifier | string {
    const known = this.#verifiers.get(sa.index);
    if (known !== undefined && !sa.hasNewKeys) return known;
    const given = this.#given.for(sa);
    const keyed = [...derivedFor(sa), ...given.flatMap(fromFile)];
    sa.hasNewKeys = false;
    const verifier = keyed.length > 0 ? new AhVerifier(this.#engine, keyed) : whyNoKey(sa, given[0]);
    this.#verifiers.set(sa.index, verifier);
    return verifier;
  }
}

type Verdict = Pick<AhObservation, 'icv' | 'replay' | 'sequenceHigh' | 'suite'> & { readonly note?: string };

function unknown(note: string): Verdict {
  return { icv: 'unknown', replay: undefined, sequenceHigh: undefined, suite: undefined, note };
}

function derivedFor({ child }: SaWatch): readonly KeyedAhSuite[] {
  const { keyedAh = [], esn } = child?.child ?? {};
  return keyedAh.map((one) => ({ ...one, esn, sequenceHigh: undefined, origin: 'derived' }));
}

function fromFile({ suites, esn, sequenceHigh }: AhSaKeys): readonly KeyedAhSuite[] {
  return suites.map((one) => ({ ...one, esn, sequenceHigh, origin: 'given' }));
}
