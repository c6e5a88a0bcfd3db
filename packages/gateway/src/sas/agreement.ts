import type { EspSuite } from '@espalier/crypto';
import type { Lifetime, LifetimeLimits } from '@espalier/esp';
import type { ChildKeys, Endpoint, EspProtection, IpsecMode, NegotiatedChild, Role } from '@espalier/ike';
import { after, type Identification, type Instant } from '@espalier/wire';

/** What one direction is protected by; who builds of it wipes its keys. */
export interface AgreedSa extends ChildKeys {
  readonly suite: EspSuite;
}

/** What a pair of SAs is to be: what IKE has agreed on with the peer, or what is given by hand at both ends. */
export interface SaAgreement {
  /** Name of the peer; of SAs given by hand the address of the other end. */
  readonly peer: string;
  /** Undefined where nobody has begun: given by hand. */
  readonly role: Role | undefined;
  readonly inbound: AgreedSa;
  readonly outbound: AgreedSa;
  readonly mode: IpsecMode;
  /** Of transport mode in UDP, where the peer told them: see `NegotiatedChild`. */
  readonly originalAddresses: NegotiatedChild['originalAddresses'];
  /** Whether ESP goes in UDP (RFC 3948). */
  readonly inUdp: boolean;
  readonly esn: boolean;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
  readonly antiReplayWindow: number | 'off';
  /** What tells a packet that comes, beside its SPI (RFC 4301 §4.1). */
  readonly toldBy: 'spi' | 'destination' | 'both-ends';
  /** Undefined where nothing but its sequence numbers ends it. */
  readonly life: AgreedLife | undefined;
}

export interface AgreedLife {
  readonly softExpiry: Instant;
  readonly hardExpiry: Instant;
  readonly lifetime: Lifetime;
}

/** Packets, where a policy says nothing. */
const ANTI_REPLAY_WINDOW = 64;

/** The share of a lifetime in octets after which a successor is sought. */
const SOFT_SHARE = 0.9;

/** What IKE has agreed on, `esp` being all that protects the child. */
export function negotiatedAgreement(
  child: NegotiatedChild,
  { suite, inbound, outbound }: EspProtection,
  antiReplayWindow: number | 'off' = ANTI_REPLAY_WINDOW,
): SaAgreement {
  return {
    ...child,
    inbound: { suite, ...inbound },
    outbound: { suite, ...outbound },
    antiReplayWindow,
    toldBy: 'destination',
    life: {
      softExpiry: after(child.establishedAt, child.softLifetime),
      hardExpiry: after(child.establishedAt, child.lifetime),
      lifetime: lifetimeOf(child),
    },
  };
}

/** Time as a soft bound is left to IKE, which rekeys by it; octets are known here alone. */
function lifetimeOf(child: NegotiatedChild): Lifetime {
  const octets = child.lifetimeKilobytes === undefined ? undefined : child.lifetimeKilobytes * 1024;
  const soft: LifetimeLimits = octets === undefined ? {} : { octets: octets * SOFT_SHARE };
  const hard: LifetimeLimits = octets === undefined ? { time: child.lifetime } : { time: child.lifetime, octets };
  return { establishedAt: child.establishedAt, soft, hard };
}
