import { type Engine, type EspSuite, type Rng, wipe } from '@espalier/crypto';
import { InboundSa, type Lifetime, type LifetimeLimits, OutboundSa } from '@espalier/esp';
import type { ChildKeys, NegotiatedChild, Role } from '@espalier/ike';
import { after, type Identification, type Instant } from '@espalier/wire';
import type { SaName } from './config.ts';
import { innerMtu, MAX_PACKET_OCTETS } from './path-mtu.ts';
import type { TunnelPlan } from './tunnel-plan.ts';

/** The share of a lifetime in octets after which a successor is sought. */
const SOFT_SHARE = 0.9;

/** The two SAs that one Quick Mode agreed on. */
export class SaPair {
  readonly name: SaName;
  readonly role: Role;
  readonly suite: EspSuite;
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
  readonly softExpiry: Instant;
  readonly hardExpiry: Instant;
  readonly replayWindow: number | 'off';
  /** Octets of the largest inner packet. */
  readonly mtu: number;
  readonly inbound: InboundSa;
  readonly outbound: OutboundSa;
  /** Whether a successor was asked for. */
  rekeying = false;

  /** Builds both SAs and wipes the keys of `child`. */
  constructor(engine: Engine, rng: Rng, { serviceSet, rule, term }: TunnelPlan, child: NegotiatedChild) {
    this.name = {
      serviceSet: serviceSet.name,
      rule: rule.name,
      term: term.name,
      inbound: child.inbound.spi,
      outbound: child.outbound.spi,
    };
    this.role = child.role;
    this.suite = child.suite;
    this.localIdentity = child.localIdentity;
    this.remoteIdentity = child.remoteIdentity;
    this.softExpiry = after(child.establishedAt, child.softLifetime);
    this.hardExpiry = after(child.establishedAt, child.lifetime);
    this.replayWindow = term.antiReplayWindow;
    const fitting = innerMtu(serviceSet.outsideMtu ?? MAX_PACKET_OCTETS, child.suite);
    this.mtu = Math.min(term.tunnelMtu ?? fitting, fitting);
    const common = { engine, suite: child.suite, esn: child.esn, lifetime: lifetimeOf(child) };
    this.inbound = new InboundSa({
      ...common,
      keys: child.inbound,
      spi: child.inbound.spi,
      replayWindow: term.antiReplayWindow,
    });
    this.outbound = new OutboundSa({
      ...common,
      keys: child.outbound,
      spi: child.outbound.spi,
      rng,
      outer: {
        source: child.local.address,
        destination: child.remote.address,
        df: term.clearDontFragment ? 'clear' : 'copy',
      },
    });
    wipeKeys(child.inbound);
    wipeKeys(child.outbound);
  }

  wipe(): void {
    this.inbound.wipe();
    this.outbound.wipe();
  }
}

/** Time as a soft bound is left to IKE, which rekeys by it; octets are known here alone. */
function lifetimeOf(child: NegotiatedChild): Lifetime {
  const octets = child.lifetimeKilobytes === undefined ? undefined : child.lifetimeKilobytes * 1024;
  const soft: LifetimeLimits = octets === undefined ? {} : { octets: octets * SOFT_SHARE };
  const hard: LifetimeLimits = octets === undefined ? { time: child.lifetime } : { time: child.lifetime, octets };
  return { establishedAt: child.establishedAt, soft, hard };
}

function wipeKeys({ encryption, salt, integrity }: ChildKeys): void {
  wipe(encryption, salt, integrity);
}
