/** Sealing or opening. */
export type Direction = 'seal' | 'open';

export const DIRECTIONS: readonly Direction[] = ['seal', 'open'];

/** Who does the work: our engines, what people write on node:crypto, and C. */
export type EngineName = 'noble' | 'wasm' | 'node' | 'naive-node' | 'tuned-node' | 'c-openssl';

/** `noble-direct`: @noble/ciphers and @noble/hashes called for every packet. It is in the table alone. */
export type ContenderName = EngineName | 'noble-direct';

/** The median of one cell of the matrix. */
export interface Measurement {
  readonly suite: string;
  /** Octets of the inner IP packet. */
  readonly size: number;
  readonly direction: Direction;
  readonly engine: ContenderName;
  /** Packets that were handed over together; 1 for what works packet by packet. */
  readonly batch: number;
  /** SAs that these packets were of, in turns. */
  readonly sas: number;
  readonly nsPerPacket: number;
}

/** What a measurement is about, without its result. */
export type Cell = Omit<Measurement, 'nsPerPacket'>;

/** The nanoseconds of that cell; undefined where it was not measured. */
export function find(measurements: readonly Measurement[], cell: Cell): number | undefined {
  return measurements.find(
    ({ suite, size, direction, engine, batch, sas }) =>
      suite === cell.suite &&
      size === cell.size &&
      direction === cell.direction &&
      engine === cell.engine &&
      batch === cell.batch &&
      sas === cell.sas,
  )?.nsPerPacket;
}
