/** Octets of a slot: an inner packet of 1408 octets and what ESP adds. */
const SLOT_OCTETS = 1536;
export const BATCH = 128;

const OWNER = 0;
const CONTROL_WORDS = 2;

/** Whose turn it is with a batch. */
export const TURN = { main: 0, worker: 1, nobody: 2 } as const;
export type Turn = (typeof TURN)[keyof typeof TURN];

/** A batch of packets in memory that two threads share: each waits for its turn. */
export class SharedBatch {
  readonly buffer: SharedArrayBuffer;
  readonly packets: readonly Uint8Array[];
  readonly #control: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(CONTROL_WORDS * 4 + BATCH * SLOT_OCTETS)) {
    this.buffer = buffer;
    this.#control = new Int32Array(buffer, 0, CONTROL_WORDS);
    const slotAt = (i: number): number => CONTROL_WORDS * 4 + i * SLOT_OCTETS;
    this.packets = Array.from({ length: BATCH }, (_, i) => new Uint8Array(buffer, slotAt(i), SLOT_OCTETS));
  }

  /** Sleeps while it is the turn of `other`; says whose turn it is now. */
  await(other: Turn): Turn {
    Atomics.wait(this.#control, OWNER, other);
    const owner = Atomics.load(this.#control, OWNER);
    return owner === TURN.main ? TURN.main : owner === TURN.worker ? TURN.worker : TURN.nobody;
  }

  give(turn: Turn): void {
    Atomics.store(this.#control, OWNER, turn);
    Atomics.notify(this.#control, OWNER);
  }
}
