import type { Datagram } from '@espalier/gateway';
import type { IkeEndpoint, IkeEvent } from '@espalier/ike';
import { classifyUdpEncapsulated, type Instant, NAT_TRAVERSAL_PORT } from '@espalier/wire';
import type { OnRefused, Party } from './party.ts';

/** What is done with datagrams that are not IKE's to take. */
export interface IkeDatagrams {
  readonly refused: OnRefused | undefined;
  /** ESP in UDP (RFC 3948 §2.1). */
  readonly esp: ((datagram: Datagram) => void) | undefined;
}

/** An IKE endpoint by itself: ESP is its caller's. */
export class IkeParty implements Party<IkeEvent> {
  readonly endpoint: IkeEndpoint;
  readonly #datagrams: IkeDatagrams;

  constructor(endpoint: IkeEndpoint, datagrams: IkeDatagrams) {
    this.endpoint = endpoint;
    this.#datagrams = datagrams;
  }

  receive(now: Instant, datagrams: readonly Datagram[]): void {
    const { refused, esp } = this.#datagrams;
    for (const datagram of datagrams) {
      if (esp !== undefined && isEsp(datagram)) {
        esp(datagram);
        continue;
      }
      const result = this.endpoint.handleDatagram(now, datagram.source, datagram.destination, datagram.octets);
      if (!result.ok) refused?.(result, datagram);
    }
  }

  takeInside(): void {}

  transmit(send: (datagram: Datagram, memory: Uint8Array, offset: number, length: number) => void): void {
    for (let out = this.endpoint.pollTransmit(); out !== undefined; out = this.endpoint.pollTransmit()) {
      send(out, out.octets, 0, out.octets.length);
    }
  }

  deliver(): void {}
}

function isEsp({ destination, octets }: Datagram): boolean {
  return destination.port === NAT_TRAVERSAL_PORT && classifyUdpEncapsulated(octets) === 'esp';
}
