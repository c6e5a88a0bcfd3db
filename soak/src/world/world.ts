import { Chance, type Nat, Network, type NetworkObserver, seededChoices } from '@espalier/testing/network';
import { type Duration, type Instant, instant, milliseconds } from '@espalier/wire';
import { policyName } from '../plan/configure.ts';
import { gatewayAddress, hostAddress, movedAddress, natOf, publicAddress } from '../plan/places.ts';
import type { ChildPlan, DisasterPlan, TunnelPlan, WorldPlan } from '../plan/plan.ts';
import { encodeInner } from './inner-packet.ts';
import { Oracle, type Sent } from './oracle.ts';
import { Site } from './site.ts';
import { stormsOf } from './storms.ts';
import { checkClosed, checkLifetimes, checkNumbers } from './upkeep.ts';
import type { Violation } from './violation.ts';

/** How often SAs are looked at, in milliseconds. */
const UPKEEP = 30_000;
/** How long a packet may be on its way in calm. */
const ON_ITS_WAY: Duration = milliseconds(5000);
const LOG_ENTRIES = 4000;

/** What became of a world. */
export interface Outcome {
  readonly violations: readonly Violation[];
  /** Packets that were handed in, and sealed at once. */
  readonly sent: number;
  readonly delivered: number;
  /** Packets that nodes were handed. */
  readonly handled: number;
  readonly handshakes: number;
  /** Pairs of SAs that were made. */
  readonly pairs: number;
  /** Of virtual time, in milliseconds. */
  readonly lasted: number;
  /** How long after the network had healed the last packet was lost or had no SA, in milliseconds. */
  readonly convergedAfter: number;
  readonly blackHoled: number;
  readonly digest: string;
  /** Of the last minute before the first violation. */
  readonly log: readonly string[];
}

/** For who looks closer. */
export interface Watch {
  /** Is told of every packet that a gateway sends or is handed. */
  readonly logged?: (event: { readonly at: number }) => void;
  /** Gateways that are switched on know nothing of what was kept: no law can hold then. Default false. */
  readonly forgetful?: boolean;
}

/** Lets a world happen, up to its first violation. */
export function runWorld(plan: WorldPlan, watch: Watch = {}): Outcome {
  return new World(plan, watch).run();
}

class World {
  readonly #plan: WorldPlan;
  readonly #watch: Watch;
  readonly #chance: Chance;
  readonly #network: Network;
  readonly #oracle: Oracle;
  readonly #sites: Site[] = [];
  readonly #nats: (Nat | undefined)[];
  /** Numbers of sites that are switched off. */
  readonly #off = new Set<number>();
  #ids = 0;
  #isQuiet = false;
  #lastFailure = 0;

  constructor(plan: WorldPlan, watch: Watch) {
    this.#plan = plan;
    this.#watch = watch;
    // The plan is made of the seed itself; what happens is of others.
    this.#chance = new Chance(seededChoices(plan.seed ^ 0x5eed));
    this.#oracle = new Oracle(
      plan.seed,
      () => this.#network.now,
      (what, node) => this.#network.note(what, node),
    );
    this.#oracle.calmAt = plan.calmAt;
    this.#network = new Network({
      seed: this.#chance.below(2 ** 31),
      observer: this.#observer(),
      latency: this.#chance.between(1, 100),
      logEntries: LOG_ENTRIES,
    });
    this.#nats = plan.sites.map((site, i) => natOf(i, site));
  }

  run(): Outcome {
    try {
      this.#build();
      this.#live();
      if (!this.#isViolated) this.#end();
    } catch (error) {
      this.#oracle.violated('exception', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    return this.#outcome();
  }

  #observer(): NetworkObserver {
    const { observer } = this.#oracle;
    const { logged } = this.#watch;
    if (logged === undefined) return observer;
    return {
      sent: (passage) => {
        logged({ at: this.#network.now });
        observer.sent?.(passage);
      },
      arrives: (to, passage, isIntact) => {
        logged({ at: this.#network.now });
        observer.arrives?.(to, passage, isIntact);
      },
    };
  }

  get #isViolated(): boolean {
    return this.#oracle.violations.length > 0;
  }

  #build(): void {
    const { sites, tunnels, disasters } = this.#plan;
    sites.forEach((plan, i) => {
      const site = this.#site(i);
      this.#sites.push(site);
      const nat = this.#nats[i];
      this.#network.attach(site.name, site, {
        addresses: [gatewayAddress(i, plan, 4), gatewayAddress(i, plan, 6)],
        outwards: stormsOf(this.#plan, i, 'outwards'),
        inwards: stormsOf(this.#plan, i, 'inwards'),
        ...(nat === undefined ? {} : { nat }),
        clock: { offset: plan.clockOffset, rate: plan.clockRate },
      });
    });
    tunnels.forEach((tunnel, i) => {
      tunnel.children.forEach((child, j) => {
        const policy = policyName(i, j);
        const chance = this.#chance.fork();
        for (const end of [0, 1] as const) this.#talk(chance.fork(), tunnel, child, policy, end);
      });
    });
    for (const disaster of disasters) this.#network.at(instant(disaster.at), () => this.#strike(disaster));
    this.#network.at(instant(UPKEEP), this.#upkeep);
  }

  #site(index: number, before?: Site): Site {
    const around = {
      oracle: this.#oracle,
      chance: this.#chance.fork(),
      later: (site: Site, delay: number, event: (now: Instant) => void) => {
        const at = instant(this.#network.now + delay);
        this.#network.at(at, () => {
          if (this.#sites[index] === site && !this.#off.has(index)) this.#network.on(site.name, event);
        });
      },
    };
    const site = new Site(this.#plan, index, around, before);
    this.#oracle.joined(site);
    return site;
  }

  #live(): void {
    const end = milliseconds(this.#plan.endsAt);
    this.#network.runUntil(() => this.#isViolated, end);
  }

  /** Nobody sends any more, and all are closed, one after the other. */
  #end(): void {
    this.#isQuiet = true;
    this.#network.run(ON_ITS_WAY);
    this.#checkCalm();
    for (const site of this.#sites) checkNumbers(this.#oracle, site);
    if (this.#isViolated) return;
    for (const site of this.#sites) {
      this.#network.on(site.name, (now) => site.close(now));
      checkClosed(this.#oracle, site);
      this.#network.run(milliseconds(1000));
    }
  }

  /** One end of a child sends, now and then. */
  #talk(chance: Chance, tunnel: TunnelPlan, child: ChildPlan, policy: string, end: 0 | 1): void {
    const pause = child.pauses[end];
    const next = (): void => {
      const wait = chance.between(Math.floor(pause / 2), Math.ceil(pause * 1.5));
      this.#network.at(instant(this.#network.now + wait), () => {
        if (this.#isQuiet) return;
        const octets = chance.between(12, child.longest);
        this.#send(tunnel, child, policy, end, octets, chance.happens(0.3));
        next();
      });
    };
    next();
  }

  #send(tunnel: TunnelPlan, child: ChildPlan, policy: string, end: 0 | 1, octets: number, dontFragment: boolean): void {
    const [from, to] = end === 0 ? [tunnel.a, tunnel.b] : [tunnel.b, tunnel.a];
    const site = this.#sites[from];
    if (site === undefined || this.#off.has(from)) return;
    const { now } = this.#network;
    const id = this.#ids++;
    const byHand = tunnel.authentication === 'by-hand';
    const sent: Sent = { id, at: now, from, to, policy, byHand, window: child.window, esn: child.esn, delivered: 0 };
    const [source, destination] = [from, to].map((index) => this.#innerAddress(index, index === from, tunnel, child));
    const inner = { id, source: source ?? '', destination: destination ?? '', octets, dontFragment };
    const packet = encodeInner(this.#oracle.marker, inner);
    this.#oracle.sending(sent);
    const outcome = this.#network.on(site.name, (at) => site.send(at, packet, policy));
    this.#oracle.done();
    if (outcome.ok && outcome.action === 'protected') return;
    const isTooLong = !outcome.ok && outcome.reason === 'fragmentation-needed';
    // What waits may still be delivered; what is refused may not.
    if (!outcome.ok) this.#oracle.sent.delete(id);
    if (isTooLong) return;
    if (now >= this.#plan.healsAt) this.#lastFailure = Math.max(this.#lastFailure, now);
    if (now < this.#plan.calmAt) return;
    const why = outcome.ok ? outcome.action : `${outcome.by}: ${outcome.reason}`;
    this.#oracle.violated('lost', `${site.name} has no SA for ${policy}: ${why}`);
  }

  #innerAddress(index: number, isOwn: boolean, { outer }: TunnelPlan, { mode, inner }: ChildPlan): string {
    const plan = this.#plan.sites[index];
    if (mode === 'tunnel' || plan === undefined) return hostAddress(index, inner);
    return isOwn ? gatewayAddress(index, plan, outer) : publicAddress(index, plan, outer);
  }

  #strike(disaster: DisasterPlan): void {
    const { sites } = this.#plan;
    switch (disaster.kind) {
      case 'restart': {
        const site = this.#sites[disaster.site];
        if (site === undefined) return;
        this.#off.add(disaster.site);
        this.#network.replace(site.name, undefined);
        this.#network.at(instant(this.#network.now + disaster.pause), () => this.#restart(disaster.site));
        return;
      }
      case 'partition': {
        const name = (index: number): string => this.#sites[index]?.name ?? '';
        this.#network.partition(disaster.sites.map(name));
        this.#network.at(instant(disaster.until), () => this.#network.heal());
        return;
      }
      case 'jump':
        this.#network.jump(`s${disaster.site}`, disaster.by);
        return;
      case 'reconfigure':
        this.#reconfigure(disaster);
        return;
      case 'rebind':
        if (sites[disaster.site] === undefined) return;
        this.#nats[disaster.site]?.rebind(disaster.moves ? movedAddress(disaster.site) : undefined);
        this.#network.note('NAT forgets', `s${disaster.site}`);
    }
  }

  #reconfigure({ site: index, what, sas }: Extract<DisasterPlan, { kind: 'reconfigure' }>): void {
    const site = this.#sites[index];
    if (site === undefined || this.#off.has(index)) return;
    this.#network.note(`${what} configured again: ${sas}`, site.name);
    this.#network.on(site.name, (now) => site.reconfigure(now, what, sas));
  }

  #restart(index: number): void {
    const before = this.#sites[index];
    if (before === undefined) return;
    if (this.#watch.forgetful === true) before.kept.clear();
    const site = this.#site(index, before);
    this.#sites[index] = site;
    this.#off.delete(index);
    this.#network.replace(site.name, site);
  }

  readonly #upkeep = (): void => {
    for (const site of this.#sites.filter(({ index }) => !this.#off.has(index)))
      checkLifetimes(this.#oracle, site, this.#network.clockOf(site.name));
    if (!this.#isQuiet) this.#network.at(instant(this.#network.now + UPKEEP), this.#upkeep);
  };

  /** Of what was sent since the network is whole: when the last one was lost, and that none was in calm. */
  #checkCalm(): void {
    const { healsAt, calmAt, endsAt } = this.#plan;
    for (const { id, at, delivered, policy, from } of this.#oracle.sent.values()) {
      if (delivered > 0 || at < healsAt) continue;
      this.#lastFailure = Math.max(this.#lastFailure, at);
      if (at >= calmAt && at < endsAt) {
        this.#oracle.violated('lost', `packet ${id} of s${from} by ${policy}, sent at ${at}, has not arrived`);
      }
    }
  }

  #outcome(): Outcome {
    const { healsAt } = this.#plan;
    const [first] = this.#oracle.violations;
    const since = instant(Math.max(0, (first?.at ?? 0) - 60_000));
    const sent = [...this.#oracle.sent.values()];
    return {
      violations: this.#oracle.violations,
      sent: this.#ids,
      delivered: sent.filter(({ delivered }) => delivered > 0).length,
      handled: this.#network.packetsHandled,
      handshakes: this.#oracle.handshakes,
      pairs: this.#oracle.pairs,
      lasted: this.#network.now,
      convergedAfter: Math.max(0, this.#lastFailure - healsAt),
      blackHoled: this.#oracle.blackHoled,
      digest: this.#network.log.digest,
      log: first === undefined ? [] : this.#network.log.lines(since),
    };
  }
}
