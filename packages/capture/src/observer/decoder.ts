import type { Engine } from '@espalier/crypto';
import type { Frame } from '../formats/reader.ts';
import type { KeyRing } from '../keys/keys.ts';
import { PacketFinder } from '../packets/finder.ts';
import { EspObserver, type ObservedEsp } from './esp-observer.ts';
import { IkeObserver, type ObservedMessage } from './ike-observer.ts';

/** One thing of IPsec that a frame holds. */
export type Observation = { readonly frame: Frame; readonly source: string; readonly destination: string } & (
  | ObservedMessage
  | ObservedEsp
  | { readonly kind: 'keepalive' }
);

/** Decodes a capture frame by frame, in order: state is learnt along the way. */
export class Decoder {
  readonly #finder = new PacketFinder();
  readonly #ike: IkeObserver;
  readonly #esp: EspObserver;

  constructor(engine: Engine, keys: KeyRing) {
    this.#ike = new IkeObserver(keys.ike);
    this.#esp = new EspObserver(engine, keys.esp);
  }

  decode(frame: Frame): readonly Observation[] {
    const carried = this.#finder.find(frame);
    if (carried === undefined) return [];
    const { kind, source, destination, octets } = carried;
    const where = { frame, source, destination };
    if (kind === 'keepalive') return [{ ...where, kind }];
    if (kind === 'isakmp') return this.#ike.observe(source, octets).map((message) => ({ ...where, ...message }));
    const packet = this.#esp.observe(octets);
    return packet === undefined ? [] : [{ ...where, ...packet }];
  }
}
