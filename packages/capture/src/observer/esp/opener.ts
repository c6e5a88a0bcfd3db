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
import { type Numbering, type Way, Ways } from '../sa/ways.ts';

/** One suite with its keys that may be an SA's. */
export interface KeyedSuite extends Numbering {
  readonly suite: EspSuite;
  readonly keys: EspKeys;
  /** So many octets of ICV that are passed over, since nobody can check them; 0 of what has none. */
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
  /** False where nothing vouches for it: `icvOctets` of an ICV whose key is not known, or 0 of what has none. */
  readonly isChecked: boolean;
  readonly icvOctets: number;
}

/** Opens the packets of one SA by whichever of its possible keys is right, with 32 or with 64 bits of sequence number. */
export class EspOpener {
  readonly #engine: Engine;
  readonly #ways: Ways<KeyedSuite>;
  readonly #transforms = new Map<Way<KeyedSuite>, EspTransform>();

  constructor(engine: Engine, keyed: readonly KeyedSuite[]) {
    this.#engine = engine;
    // What is not checked does not tell.
    this.#ways = new Ways(keyed.map((one) => (one.uncheckedIcvOctets === undefined ? one : { ...one, esn: false })));
  }

  /** Undefined where no ICV is right. `hasForm`: what tells between keys of which several have the right ICV. */
  open(packet: Uint8Array, hasForm: (payload: Uint8Array) => boolean): OpenedEsp | undefined {
    return this.#ways.try(
      espSequence(packet, 0),
      (way, high) => this.#openWith(way, packet, high),
      ({ payload }) => hasForm(payload),
    );
  }

  /** A packet that was opened before, with the high half that it had then: nothing is learnt from it. */
  reopen(packet: Uint8Array, sequenceHigh: number | undefined): OpenedEsp | undefined {
    for (const way of this.#ways.open) {
      if (way.esn !== (sequenceHigh !== undefined)) continue;
      const opened = this.#openWith(way, packet, sequenceHigh);
      if (opened !== undefined) return opened;
    }
    return undefined;
  }

  #openWith(way: Way<KeyedSuite>, packet: Uint8Array, high: number | undefined): OpenedEsp | undefined {
    const { suite, uncheckedIcvOctets, origin } = way.keyed;
    const icvOctets = uncheckedIcvOctets ?? suite.icvOctets;
    const least = ESP_HEADER_OCTETS + suite.ivOctets + icvOctets;
    const cipherOctets = packet.length - least;
    if (cipherOctets < 2 || cipherOctets % suite.cipherBlockOctets !== 0) return undefined;
    const memory = copyOctets('packet', packet);
    const words = new Int32Array(JOB_WORDS);
    words[JOB_LENGTH] = memory.length - (uncheckedIcvOctets ?? 0);
    words[JOB_SEQUENCE_HIGH] = high ?? 0;
    this.#transform(way).open(memory, { words, count: 1 });
    if (words[JOB_STATUS] !== 1) return undefined;
    const payload = memory.subarray(ESP_HEADER_OCTETS + suite.ivOctets, memory.length - icvOctets);
    const isChecked = uncheckedIcvOctets === undefined;
    return { payload, suite: suite.name, origin, sequenceHigh: high, isChecked, icvOctets };
  }

  #transform(way: Way<KeyedSuite>): EspTransform {
    const known = this.#transforms.get(way);
    if (known !== undefined) return known;
    const { suite, keys } = way.keyed;
    const made = this.#engine.createEspTransform({ suite, keys: copied(keys), direction: 'open', esn: way.esn });
    this.#transforms.set(way, made);
    return made;
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
