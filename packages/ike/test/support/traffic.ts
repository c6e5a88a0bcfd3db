import type { IkeEvent } from '@espalier/ike';
import { type Duration, milliseconds, type Spi } from '@espalier/wire';
import type { Node, Pair } from './pair.ts';

/** The child SAs of one end as a gateway keeps them: by the events alone. */
class Tunnel {
  readonly receives = new Set<Spi>();
  /** Outbound SPIs that may send, oldest first, by their inbound ones. */
  sends = new Map<Spi, Spi>();
  #seen = 0;

  follow(events: readonly IkeEvent[]): void {
    for (const event of events.slice(this.#seen)) this.#take(event);
    this.#seen = events.length;
  }

  get sending(): Spi | undefined {
    return [...this.sends.values()].at(-1);
  }

  #take(event: IkeEvent): void {
    if (event.kind === 'child-negotiated') this.receives.add(event.child.inbound);
    else if (event.kind === 'child-established') {
      this.receives.add(event.child.inbound);
      this.sends.set(event.child.inbound, event.child.outbound);
    } else if (event.kind === 'child-superseded') {
      this.sends.delete(event.inbound);
      this.sends = new Map([[event.inbound, event.outbound], ...this.sends]);
    } else if (event.kind === 'child-deleted') {
      this.receives.delete(event.inbound);
      this.sends.delete(event.inbound);
    }
  }
}

export interface TrafficCount {
  sent: number;
  lost: number;
}

/**
 * Sends a packet each way every `interval` for `duration`, each under way for `latency`: lost is what an end has no SA
 * to send with, or the other no SA to receive.
 */
export function traffic(
  pair: Pair,
  duration: Duration,
  interval: Duration,
  latency: Duration = milliseconds(10),
): TrafficCount {
  const count = { sent: 0, lost: 0 };
  const tunnels = new Map<Node, Tunnel>(pair.nodes.map((node) => [node, new Tunnel()]));
  const follow = (): void => {
    for (const [node, tunnel] of tunnels) tunnel.follow(node.events);
  };
  const rest = milliseconds(interval - latency);
  for (let t = 0; t < duration; t += interval) {
    follow();
    const packets = pair.nodes.map((node) => ({ to: pair[node.peer], spi: tunnels.get(node)?.sending }));
    pair.run(latency);
    follow();
    for (const { to, spi } of packets) {
      count.sent++;
      if (spi === undefined || tunnels.get(to)?.receives.has(spi) !== true) count.lost++;
      else pair.on(to.side, (endpoint, now) => endpoint.confirmChild(now, spi));
    }
    pair.run(rest);
  }
  return count;
}
