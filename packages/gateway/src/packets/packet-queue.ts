/** Packets that wait for an SA: as many as the bounds allow, in the order of their arrival. */
export class PacketQueue {
  readonly #limits: { readonly packets: number; readonly octets: number };
  #packets: Uint8Array[] = [];
  #octets = 0;

  constructor(limits: { readonly packets: number; readonly octets: number }) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#packets.length;
  }

  /** Keeps a copy of `packet`; false when there is no room for it. */
  add(packet: Uint8Array): boolean {
    const { packets, octets } = this.#limits;
    if (this.#packets.length >= packets || this.#octets + packet.length > octets) return false;
    this.#packets.push(packet.slice());
    this.#octets += packet.length;
    return true;
  }

  /** Empties the queue. */
  take(): readonly Uint8Array[] {
    const taken = this.#packets;
    this.#packets = [];
    this.#octets = 0;
    return taken;
  }
}
