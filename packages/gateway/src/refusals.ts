import { ESP_REFUSALS, type EspRefusal, EspRefusalCounter } from '@espalier/esp';
import type { IkeRefusal } from '@espalier/ike';

/** Why the gateway itself did not take a packet; ESP and IKE have refusals of their own. */
export const GATEWAY_REFUSALS = [
  /** Not a whole IP packet, or its header's checksum is wrong. */
  'malformed-packet',
  /** No SPD is for packets of this inside interface, or for what comes in the clear; or no peer is spoken to here. */
  'no-policy',
  /** The policy discards it (RFC 4301 §4.4.1). */
  'discarded-by-policy',
  /** It came in the clear, or in AH without the ESP that should be in it, and the policy wants it protected (RFC 4301 §5.2). */
  'unprotected',
  /** What the SA carried is not what it was negotiated for (RFC 4301 §5.2). */
  'selector-mismatch',
  /** What the SA carried, or IPComp made of it, is no packet: the latter within the bounds of one (RFC 3173 §2). */
  'bad-compression',
  /** Larger than the tunnel's MTU with Don't Fragment set; the sender is told (RFC 4301 §8.2). */
  'fragmentation-needed',
  /** There is no SA, and after a failed negotiation none is sought for a while. */
  'no-security-association',
  /** A negotiation is under way, and as many packets wait for it as may. */
  'queue-full',
  /** It waited for an SA whose negotiation failed. */
  'negotiation-failed',
  /** ESP or AH with an SPI that is no SA's; ESP that must come in AH, without it. */
  'unknown-spi',
  /** A fragment that the bounded reassembler has no place for, or that overlaps another. */
  'bad-fragment',
  /** UDP to no port of IKE, from port 0, or on port 4500 neither IKE, nor ESP, nor a keepalive (RFC 3948 §2). */
  'unexpected-datagram',
  /** Neither ESP nor AH nor UDP, nor ICMP that says that a packet of an SA was too big. */
  'unexpected-protocol',
  /** The caller leaves outputs or events where they are: no more is taken until they are fetched. */
  'outputs-pending',
  /** The gateway is closed. */
  'closed',
] as const;

/** Why the gateway itself did not take a packet: one of `GATEWAY_REFUSALS`. */
export type GatewayRefusal = (typeof GATEWAY_REFUSALS)[number];

/**
 * `protected`: sealed and sent. `queued`: waits for an SA. `accepted`: opened, or taken by IKE, or news of the path's MTU. `bypassed`: passed on
 * in the clear, as the policy says. `held`: a fragment that waits for the others, a dummy packet, or a keepalive.
 */
export type Action = 'protected' | 'queued' | 'accepted' | 'bypassed' | 'held';

/** What became of a packet that was taken. Frozen; one value for each action. */
export interface Accepted {
  readonly ok: true;
  readonly action: Action;
}

/** Who did not take a packet, and why. */
export type Refused =
  | { readonly ok: false; readonly by: 'gateway'; readonly reason: GatewayRefusal }
  | { readonly ok: false; readonly by: 'esp' | 'ah'; readonly reason: EspRefusal }
  | { readonly ok: false; readonly by: 'ike'; readonly reason: IkeRefusal };

/** What became of one packet. */
export type Outcome = Accepted | Refused;

/** Outcomes of the packet path are frozen, one value for each, so that a packet costs no allocation for its verdict. */
export const ACCEPTED: { readonly [A in Action]: Accepted } = {
  protected: Object.freeze({ ok: true, action: 'protected' }),
  queued: Object.freeze({ ok: true, action: 'queued' }),
  accepted: Object.freeze({ ok: true, action: 'accepted' }),
  bypassed: Object.freeze({ ok: true, action: 'bypassed' }),
  held: Object.freeze({ ok: true, action: 'held' }),
};

const BY_GATEWAY = new Map(
  GATEWAY_REFUSALS.map((reason) => [reason, Object.freeze({ ok: false, by: 'gateway', reason } as const)]),
);
const BY_ESP = new Map(
  ESP_REFUSALS.map((reason) => [reason, Object.freeze({ ok: false, by: 'esp', reason } as const)]),
);
const BY_AH = new Map(ESP_REFUSALS.map((reason) => [reason, Object.freeze({ ok: false, by: 'ah', reason } as const)]));

/** Refusals since construction, by whose they are and why; zeros included. */
export interface Refusals {
  readonly gateway: Readonly<Record<GatewayRefusal, number>>;
  readonly esp: Readonly<Record<EspRefusal, number>>;
  /** AH refuses for the same reasons. */
  readonly ah: Readonly<Record<EspRefusal, number>>;
  readonly ike: Readonly<Record<IkeRefusal, number>>;
}

/** Makes refusals of packets and counts them; what IKE refuses, IKE counts. */
export class RefusalCounter {
  readonly #gateway: Record<GatewayRefusal, number> = { ...NONE_BY_GATEWAY };
  readonly #esp = new EspRefusalCounter();
  readonly #ah = new EspRefusalCounter();

  snapshot(): Pick<Refusals, 'gateway' | 'esp' | 'ah'> {
    return { gateway: { ...this.#gateway }, esp: this.#esp.snapshot(), ah: this.#ah.snapshot() };
  }

  refuse(reason: GatewayRefusal, packets = 1): Refused {
    this.#gateway[reason] += packets;
    return BY_GATEWAY.get(reason) ?? { ok: false, by: 'gateway', reason };
  }

  refuseByEsp(reason: EspRefusal): Refused {
    this.#esp.count(reason);
    return BY_ESP.get(reason) ?? { ok: false, by: 'esp', reason };
  }

  refuseByAh(reason: EspRefusal): Refused {
    this.#ah.count(reason);
    return BY_AH.get(reason) ?? { ok: false, by: 'ah', reason };
  }
}

export function refusedByIke(reason: IkeRefusal): Refused {
  return { ok: false, by: 'ike', reason };
}

const NONE_BY_GATEWAY: Readonly<Record<GatewayRefusal, number>> = {
  'malformed-packet': 0,
  'no-policy': 0,
  'discarded-by-policy': 0,
  unprotected: 0,
  'selector-mismatch': 0,
  'bad-compression': 0,
  'fragmentation-needed': 0,
  'no-security-association': 0,
  'queue-full': 0,
  'negotiation-failed': 0,
  'unknown-spi': 0,
  'bad-fragment': 0,
  'unexpected-datagram': 0,
  'unexpected-protocol': 0,
  'outputs-pending': 0,
  closed: 0,
};
