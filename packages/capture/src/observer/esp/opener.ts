import {
  copyOctets,
  type Engine,
  type EspKeys,
  type EspSuite,
  type EspTransform,
  JOB_LENGTH,
  JOB_SEQUENCE_HIGH,
  JOB_STATUS,
  JOB_WORDS,
} from '@espalier/crypto';
import { ESP_HEADER_OCTETS, espSequence } from '@espalier/wire';

/** One suite with its keys that may be an SA's. */
export interface KeyedSuite {
  readonly suite: EspSuite;
  readonly keys: EspKeys;
  readonly esn: boolean | undefined;
  readonly sequenceHigh: number | undefined;
  readonly uncheckedIcvOctets: number | undefined;
  readonly origin: 'given' | 'derived';
}

/** What was under the encryption, trailer included. */
export interface OpenedEsp {
  readonly payload: Uint8Array;
  readonly suite: string;
  readonly origin: 'given' | 'derived';
  /** Undefined without ESN. */
  readonly sequenceHigh: number | undefined;
  /** False where the file says that the ICV cannot be checked. */
  readonly isChecked: boolean;
}

/** High halves that are tried of an SA whose beginning was not captured. */
const HIGHS_TRIED = 8;
/** Packets with which a key is tried in every way, before the ways that have opened nothing are left. */
const PATIENCE = 64;

interface Way {
  readonly keyed: KeyedSuite;
  readonly esn: boolean;
  transform: EspTransform | undefined;
}

/** Opens the packets of one SA by whichever of its possible keys is right, with 32 or with 64 bits of sequence number. */
export class EspOpener {
  readonly #engine: Engine;
  readonly #ways: Way[];
  #settled: Way | undefined;
  #tried = 0;
  #high = 0;
  #highestLow = 0;

  constructor(engine: Engine, keyed: readonly KeyedSuite[]) {
    this.#engine = engine;
    this.#ways = keyed.flatMap((one) => {
      const forms = one.uncheckedIcvOctets !== undefined ? [false] : one.esn === undefined ? [false, true] : [one.esn];
      return forms.map((esn) => ({ keyed: one, esn, transform: undefined }));
    });
    this.#high = keyed.find(({ sequenceHigh }) => sequenceHigh !== undefined)?.sequenceHigh ?? 0;
  }

  /** Whether sequence numbers have 64 bits; undefined until a packet was opened. */
  get esn(): boolean | undefined {
    return this.#settled?.esn;
  }

  /** Undefined where no ICV is right. `hasForm`: what tells between keys of which several have the right ICV. */
  open(packet: Uint8Array, hasForm: (payload: Uint8Array) => boolean): OpenedEsp | undefined {
    if (this.#settled !== undefined) return this.#openBy(this.#settled, packet);
    this.#tried += 1;
    const ways = this.#tried > PATIENCE ? this.#ways.slice(0, 1) : this.#ways;
    let formless: OpenedEsp | undefined;
    for (const way of ways) {
      const opened = this.#openBy(way, packet);
      if (opened === undefined) continue;
      if (hasForm(opened.payload)) {
        this.#settled = way;
        return opened;
      }
      formless ??= opened;
    }
    return formless;
  }

  /** A packet that was opened before, with the high half that it had then: nothing is learnt from it. */
  reopen(packet: Uint8Array, sequenceHigh: number | undefined): OpenedEsp | undefined {
    const ways = this.#settled === undefined ? this.#ways : [this.#settled];
    for (const way of ways) {
      if (way.esn !== (sequenceHigh !== undefined)) continue;
      const opened = this.#openWith(way, packet, sequenceHigh);
      if (opened !== undefined) return opened;
    }
    return undefined;
  }

  #openBy(way: Way, packet: Uint8Array): OpenedEsp | undefined {
    if (!way.esn) return this.#openWith(way, packet, undefined);
    const sequence = espSequence(packet, 0);
    for (const high of this.#highs(sequence, way === this.#settled)) {
      const opened = this.#openWith(way, packet, high);
      if (opened === undefined) continue;
      if (high > this.#high || sequence > this.#highestLow) this.#highestLow = sequence;
      this.#high = Math.max(high, this.#high);
      return opened;
    }
    return undefined;
  }

  /** RFC 4303 Appendix A2.2 as far as it goes: the same half, the next where the number has turned over, the one before. */
  #highs(sequence: number, isSettled: boolean): readonly number[] {
    const high = this.#high;
    if (isSettled) {
      const hasTurned = sequence < this.#highestLow && this.#highestLow - sequence > 2 ** 31;
      return hasTurned ? [high + 1, high] : high > 0 ? [high, high - 1] : [0];
    }
    return Array.from({ length: HIGHS_TRIED }, (_, i) => high + i);
  }

  #openWith(way: Way, packet: Uint8Array, high: number | undefined): OpenedEsp | undefined {
    const { suite, keys, uncheckedIcvOctets, origin } = way.keyed;
    const icvOctets = uncheckedIcvOctets ?? suite.icvOctets;
    const least = ESP_HEADER_OCTETS + suite.ivOctets + icvOctets;
    const cipherOctets = packet.length - least;
    if (cipherOctets < 2 || cipherOctets % suite.cipherBlockOctets !== 0) return undefined;
    way.transform ??= this.#engine.createEspTransform({ suite, keys: copied(keys), direction: 'open', esn: way.esn });
    const memory = copyOctets('packet', packet);
    const words = new Int32Array(JOB_WORDS);
    words[JOB_LENGTH] = memory.length - (uncheckedIcvOctets ?? 0);
    words[JOB_SEQUENCE_HIGH] = high ?? 0;
    way.transform.open(memory, { words, count: 1 });
    if (words[JOB_STATUS] !== 1) return undefined;
    const payload = memory.subarray(ESP_HEADER_OCTETS + suite.ivOctets, memory.length - icvOctets);
    return { payload, suite: suite.name, origin, sequenceHigh: high, isChecked: uncheckedIcvOctets === undefined };
  }
}

/** The transform takes them over. */
function copied({ encryption, salt, integrity }: EspKeys): EspKeys {
  return {
    encryption: copyOctets('encryption', encryption),
    salt: copyOctets('salt', salt),
    integrity: copyOctets('integrity', integrity),
  };
}
