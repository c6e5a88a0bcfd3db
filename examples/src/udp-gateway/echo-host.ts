import type { JunosInterface } from '@espalier/junos';
import { DecodeError, decodeIpv4, encodeIpv4, formatAddress } from '@espalier/wire';
import { echoReply, icmpOf } from '../common/icmp.ts';

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
      const { protocol, source, destination } = decodeIpv4(packet);
      const payload = this.#addresses.has(formatAddress(destination)) ? echoReply(icmpOf(packet)) : undefined;
      return payload && encodeIpv4({ protocol, source: destination, destination: source, payload });
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  }
}
