import type { Endpoint } from '@espalier/ike';
import { NAT_TRAVERSAL_PORT } from '@espalier/wire';

/** RFC 2408 §2.5.1. */
const IKE_PORT = 500;

/** Which ports stand for 500 and for 4500 (RFC 3948 §2) at one address. */
export interface UdpPorts {
  /** For IKE, in the place of 500. */
  readonly ike: number;
  /** For IKE and ESP in UDP, in the place of 4500. */
  readonly natTraversal: number;
}

export const WELL_KNOWN_PORTS: UdpPorts = { ike: IKE_PORT, natTraversal: NAT_TRAVERSAL_PORT };

/** The port that stands for a well-known one; any other stands for itself. */
export function realPort(ports: UdpPorts, port: number): number {
  if (port === IKE_PORT) return ports.ike;
  return port === NAT_TRAVERSAL_PORT ? ports.natTraversal : port;
}

/** The well-known port that one stands for. */
function wellKnownPort(ports: UdpPorts, port: number): number {
  if (port === ports.natTraversal) return NAT_TRAVERSAL_PORT;
  return port === ports.ike ? IKE_PORT : port;
}

/** Peers that are not at the well-known ports: an endpoint, which knows no others, sees them there. */
export class PeerPorts {
  readonly #ports = new Map<string, UdpPorts>();

  set(address: string, ports: UdpPorts): void {
    this.#ports.set(address, ports);
  }

  /** Where the peer is that an endpoint sees at `seen`. */
  real(seen: Endpoint): Endpoint {
    const ports = this.#ports.size === 0 ? undefined : this.#ports.get(seen.address);
    return ports === undefined ? seen : { address: seen.address, port: realPort(ports, seen.port) };
  }

  /** Where an endpoint sees the peer that is at `real`. */
  seen(real: Endpoint): Endpoint {
    const ports = this.#ports.size === 0 ? undefined : this.#ports.get(real.address);
    return ports === undefined ? real : { address: real.address, port: wellKnownPort(ports, real.port) };
  }
}
