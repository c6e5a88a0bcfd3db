import { type Duration, milliseconds } from '@espalier/wire';
import type { VirtualClock } from './clock.ts';

/** What a router's interface is plugged into. */
export interface Attachment {
  /** The packet is the attachment's from now on. */
  send(packet: Uint8Array): void;
  /** Takes what arrives. */
  receiver: (packet: Uint8Array) => void;
}

/** Sees a packet as it is sent; what it keeps, it must copy. */
export type Tap = (packet: Uint8Array) => void;

/** The two ends of a link that loses nothing. */
export function createLink(
  clock: VirtualClock,
  { latency, bitsPerSecond }: { readonly latency: Duration; readonly bitsPerSecond: number },
  tap?: Tap,
): readonly [Attachment, Attachment] {
  const left: Attachment = { send: (packet) => carry(packet, right), receiver: () => {} };
  const right: Attachment = { send: (packet) => carry(packet, left), receiver: () => {} };
  return [left, right];

  function carry(packet: Uint8Array, to: Attachment): void {
    tap?.(packet);
    const transmission = (packet.length * 8 * 1000) / bitsPerSecond;
    clock.after(milliseconds(latency + transmission), () => to.receiver(packet));
  }
}
