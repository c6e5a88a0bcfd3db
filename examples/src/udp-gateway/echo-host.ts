import type { JunosInterface } from '@espalier/gateway';
import { DecodeError, decodeIcmp, decodeIpv4, encodeIcmp, encodeIpv4, formatAddress, PROTOCOL } from '@espalier/wire';

/** Stands for the host behind the gateway where there is no TUN: it answers ICMP echo. */
export class EchoHost {
  readonly #addresses: ReadonlySet<string>;

  /** `outside`: the address of the gateway itself, which is not inside. */
  constructor(interfaces: readonly JunosInterface[], outside: string) {
    const addresses = interfaces.flatMap((unit) => unit.addresses.map((prefix) => prefix.replace(/\/.*/, '')));
    this.#addresses = new Set(addresses.filter((address) => address !== outside));
  }

  /** Whom one may ping through the tunnel. */
  get addresses(): readonly string[] {
    return [...this.#addresses];
  }

  /** The answer to an echo request for one of the addresses. */
  answer(packet: Uint8Array): Uint8Array | undefined {
    try {
      const { protocol, source, destination, payload } = decodeIpv4(packet);
      if (protocol !== PROTOCOL.icmp || !this.#addresses.has(formatAddress(destination))) return undefined;
      const request = decodeIcmp(payload);
      if (request.kind !== 'echo-request') return undefined;
      const reply = encodeIcmp({ ...request, kind: 'echo-reply' });
      return encodeIpv4({ protocol, source: destination, destination: source, payload: reply });
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  }
}
