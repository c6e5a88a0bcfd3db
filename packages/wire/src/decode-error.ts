/** Everything that can be wrong with octets as they are decoded. */
export const FAULTS = [
  /** Fewer octets than a field needs. */
  'truncated',
  /** Octets that no field claims. */
  'leftover',
  /** A length field that contradicts its own header, or what it counts. */
  'length',
  /** A field that must be zero is not. */
  'reserved',
  /** A count field that disagrees with what follows it. */
  'count',
  /** A chain pointer to a payload that cannot stand there. */
  'next-payload',
  /** More of something than a named limit allows. */
  'limit',
  'major-version',
  'minor-version',
  /** Undefined bits among the flags. */
  'flags',
  /** Encrypted octets where clear ones are decoded. */
  'encrypted',
  'doi',
  'situation',
  /** An SPI longer than 16 octets, or none where there must be one. */
  'spi-length',
  /** A field whose value is outside what its definition allows. */
  'value',
  'checksum',
] as const;

/** What is wrong with octets: one of `FAULTS`. */
export type Fault = (typeof FAULTS)[number];

/** The one refusal of every decoder in this package. Its text never holds octets of the message. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly fault: Fault;
  /** Octets from the start of what was decoded to the field at fault. */
  readonly offset: number;
  /** The structure at fault, outermost first, for example `message/sa[0]/proposal[1]`. */
  readonly path: string;

  constructor(fault: Fault, offset: number, path: string) {
    super(`${fault} at octet ${offset}, in ${path}`);
    this.fault = fault;
    this.offset = offset;
    this.path = path;
  }
}
