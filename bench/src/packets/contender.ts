import type { ContenderName } from '../measurement.ts';

/** One way to seal and open packets of one SA or several in each direction, with the keys of `keysFor` and without outer header. */
export interface Contender {
  readonly name: ContenderName;
  /** Packets that it takes together; 1 for what works packet by packet. */
  readonly batch: number;
  /** SAs in each direction that packets are of, one after the other. */
  readonly sas: number;
  /** Whether the collector of garbage has much to do for it, which belongs into its time. */
  readonly leavesGarbage: boolean;
  /** One packet, from its SPI to its ICV. */
  seal(inner: Uint8Array): Awaitable<Uint8Array>;
  /** The inner packet; undefined when it is refused. */
  open(packet: Uint8Array): Awaitable<Uint8Array | undefined>;
  /** Milliseconds that it takes to seal `inner` `count` times: a multiple of `batch`. */
  timeSeal(inner: Uint8Array, count: number): Awaitable<number>;
  /** Milliseconds that it takes to open the first `count` of packets that it has not seen: a multiple of `batch`. */
  timeOpen(packets: readonly Uint8Array[], count: number): Awaitable<number>;
  close(): void;
}

/** What only native code outside of this process needs to be waited for. */
type Awaitable<T> = T | Promise<T>;
