import {
  copyOctets,
  type Engine,
  type EspSuite,
  type EspTransform,
  JOB_LENGTH,
  JOB_STATUS,
  JOB_WORDS,
} from '@espalier/crypto';
import { type ReplayVerdict, ReplayWindow } from '@espalier/replay';
import { ESP_HEADER_OCTETS, espSequence, espSpi } from '@espalier/wire';
import type { EspSaKeys } from '../keys/keys.ts';

export interface ObservedEsp {
  readonly kind: 'esp';
  readonly spi: number;
  readonly sequence: number;
  readonly icv: 'ok' | 'bad' | 'unknown';
  /** What a receiver's window of 64 would say; undefined where the ICV does not vouch for the sequence number. */
  readonly replay: ReplayVerdict | undefined;
  readonly inner: Uint8Array | undefined;
  /** Why there is no inner packet. */
  readonly note: string | undefined;
}

interface ObservedSa {
  readonly suite: EspSuite;
  readonly transform: EspTransform;
  readonly window: ReplayWindow;
}

/**
 * Opens ESP packets with known keys. It watches: what a gateway would refuse after the ICV (a replayed packet, an inner
 * packet of another kind than the next header says) is shown all the same.
 */
export class EspObserver {
  readonly #engine: Engine;
  readonly #keys: ReadonlyMap<number, EspSaKeys>;
  readonly #sas = new Map<number, ObservedSa>();

  constructor(engine: Engine, keys: ReadonlyMap<number, EspSaKeys>) {
    this.#engine = engine;
    this.#keys = keys;
  }

  /** Undefined for octets too few to be an ESP header. */
  observe(packet: Uint8Array): ObservedEsp | undefined {
    if (packet.length < ESP_HEADER_OCTETS) return undefined;
    const header = { kind: 'esp', spi: espSpi(packet, 0), sequence: espSequence(packet, 0) } as const;
    const closed = { ...header, icv: 'unknown', replay: undefined, inner: undefined } as const;
    const keys = this.#keys.get(header.spi);
    if (keys === undefined) return { ...closed, note: 'no key for this SPI' };
    const sa = this.#saOf(keys);
    if (sa === undefined) return { ...closed, note: `cannot open ${keys.algorithms}: not supported` };
    const payload = open(sa, packet);
    if (payload === undefined) return { ...closed, icv: 'bad', note: 'the ICV is wrong' };
    const replay = sa.window.check(header.sequence);
    if (replay === 'new') sa.window.commit(header.sequence, 0);
    const inner = withoutTrailer(payload);
    return { ...header, icv: 'ok', replay, inner, note: inner === undefined ? 'the padding is wrong' : undefined };
  }

  #saOf({ spi, suite, keys }: EspSaKeys): ObservedSa | undefined {
    if (suite === undefined || !this.#engine.supports(suite)) return undefined;
    const known = this.#sas.get(spi);
    if (known !== undefined) return known;
    const transform = this.#engine.createEspTransform({ suite, keys, direction: 'open', esn: false });
    const sa = { suite, transform, window: new ReplayWindow({ packets: 64 }) };
    this.#sas.set(spi, sa);
    return sa;
  }
}

/** What was encrypted, trailer included; undefined where the ICV is wrong, or has no room. */
function open({ suite, transform }: ObservedSa, packet: Uint8Array): Uint8Array | undefined {
  const memory = copyOctets('packet', packet);
  const words = new Int32Array(JOB_WORDS);
  words[JOB_LENGTH] = memory.length;
  transform.open(memory, { words, count: 1 });
  if (words[JOB_STATUS] !== 1) return undefined;
  return memory.subarray(ESP_HEADER_OCTETS + suite.ivOctets, memory.length - suite.icvOctets);
}

/** Undefined unless padding of 1, 2, 3 ... stands before its length (RFC 4303 §2.4). */
function withoutTrailer(payload: Uint8Array): Uint8Array | undefined {
  const padLength = payload.at(-2);
  if (padLength === undefined || padLength + 2 > payload.length) return undefined;
  const end = payload.length - 2 - padLength;
  const padding = payload.subarray(end, -2);
  return padding.every((octet, index) => octet === index + 1) ? payload.subarray(0, end) : undefined;
}
