import { checksum, ip, onesSum, PROTOCOL, readU16, updateChecksum, writeU16 } from '@espalier/wire';
import { addressOf } from '../sa/arguments.ts';

/** The addresses that a packet was sent between, in text: those of NAT-OA, as the sender knew them (RFC 3947 §5.2). */
export interface OriginalAddresses {
  readonly source: string;
  readonly destination: string;
}

/** Where each protocol has the checksum that covers the addresses, and the least octets of its header. */
const CHECKSUMS: ReadonlyMap<number, { readonly at: number; readonly least: number }> = new Map([
  [PROTOCOL.tcp, { at: 16, least: 20 }],
  [PROTOCOL.udp, { at: 6, least: 8 }],
  [PROTOCOL.icmpv6, { at: 2, least: 4 }],
]);

/**
 * Mends what a NAT made wrong: checksums in ESP, over addresses that are now others (RFC 3948 §3.1.2). `InboundSa` does it
 * itself; what comes compressed in ESP can be mended only when it is decompressed.
 */
export class ChecksumRepair {
  /** The sum of the original addresses; undefined where nobody told them. */
  readonly #originalSum: number | undefined;

  /** @throws RangeError for an address that is none; TypeError for what are no addresses. */
  constructor(original: OriginalAddresses | 'unknown') {
    if (original === 'unknown') {
      this.#originalSum = undefined;
      return;
    }
    if (typeof original !== 'object' || original === null) {
      throw new TypeError("originalAddresses must be an object or 'unknown'");
    }
    const source = addressOf('originalAddresses.source', original.source);
    const destination = addressOf('originalAddresses.destination', original.destination);
    if (source.length !== destination.length) throw new RangeError('originalAddresses: must be of one family');
    this.#originalSum = onesSum(destination, 0, destination.length, onesSum(source, 0, source.length));
  }

  /** Of the whole packet at `at`, which ends before `end`. What is no TCP, UDP or ICMPv6 stays as it is. */
  repair(memory: Uint8Array, at: number, end: number): void {
    const protocol = ip.protocol(memory, at, end);
    const known = CHECKSUMS.get(protocol);
    const payloadAt = ip.payloadAt(memory, at, end);
    if (known === undefined || payloadAt + known.least > end) return;
    const sumAt = payloadAt + known.at;
    const before = readU16(memory, sumAt);
    const isUdp = protocol === PROTOCOL.udp;
    // No checksum stays none (RFC 768).
    if (isUdp && before === 0) return;
    const sourceAt = ip.sourceAt(memory, at);
    const addressesEnd = sourceAt + 2 * ip.addressOctets(memory, at);
    const addresses = onesSum(memory, sourceAt, addressesEnd);
    if (this.#originalSum !== undefined) {
      const sum = updateChecksum(before, this.#originalSum, addresses);
      writeU16(memory, sumAt, isUdp && sum === 0 ? 0xffff : sum);
      return;
    }
    writeU16(memory, sumAt, 0);
    if (isUdp && ip.version(memory, at) === 4) return;
    const sum = checksum(memory, payloadAt, end, addresses + protocol + end - payloadAt);
    writeU16(memory, sumAt, isUdp && sum === 0 ? 0xffff : sum);
  }
}
