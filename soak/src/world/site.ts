import { hash, nobleEngine } from '@espalier/crypto';
import { Gateway, type ManualSnapshot, type Outcome } from '@espalier/gateway';
import { type Answer, Passwords, type Question, type SasOfOld } from '@espalier/ike';
import { answerWith } from '@espalier/pki';
import { type Chance, datagramIn, type Node, packetAround } from '@espalier/testing/network';
import { type Instant, Reassembler } from '@espalier/wire';
import { EPOCH, pkiOf } from '../plan/certificates.ts';
import { configure } from '../plan/configure.ts';
import { sharedKey, userOf, verifyingKey } from '../plan/keys.ts';
import { hostAddress, siteName } from '../plan/places.ts';
import type { WorldPlan } from '../plan/plan.ts';
import { type Held, worldEngine } from './engine.ts';
import type { Oracle } from './oracle.ts';

/** What a site needs of the world around it. */
export interface Surroundings {
  readonly oracle: Oracle;
  readonly chance: Chance;
  /** Answers later, at the site's own time. */
  later(site: Site, milliseconds: number, event: (now: Instant) => void): void;
}

/** Of SAs by hand: packets that one snapshot covers. */
const AHEAD = 32;

/** A gateway with what is around it: its engine, who answers its questions, and what survives a power cut. */
export class Site implements Node {
  readonly name: string;
  readonly index: number;
  readonly gateway: Gateway;
  /** Counts how often it was switched on. */
  readonly life: number;
  readonly held: Held = { octets: 0, transforms: 0, keyPairs: 0 };
  /** What is on its disk: it outlives the gateway. */
  readonly kept: Map<string, ManualSnapshot>;
  readonly #plan: WorldPlan;
  readonly #around: Surroundings;
  readonly #isIp: boolean;
  /** The host behind it. */
  readonly #reassembler = new Reassembler();
  /** That of the host whose sockets it has. */
  readonly #hostReassembler = new Reassembler();

  constructor(plan: WorldPlan, index: number, around: Surroundings, before?: Site) {
    this.name = siteName(index);
    this.index = index;
    this.life = (before?.life ?? 0) + 1;
    this.kept = before?.kept ?? new Map();
    this.#plan = plan;
    this.#around = around;
    const outside = plan.sites[index]?.outside ?? 'ip';
    this.#isIp = outside === 'ip';
    this.gateway = new Gateway({
      config: configure(plan, index, this.kept),
      engine: worldEngine(nobleEngine(), this.held),
      rng: around.chance.rng(),
      outside,
      packetSlots: 16,
      keyLog: (entry) => {
        if (entry.kind !== 'ike') around.oracle.keyed(this, entry.spi);
      },
    });
  }

  /** A packet of a host behind it, by a policy. */
  send(now: Instant, packet: Uint8Array, policy: string): Outcome {
    const outcome = this.gateway.handleInside(now, packet);
    const isKept = outcome.ok || outcome.reason !== 'not-kept';
    const last = isKept ? outcome : this.#sendKept(now, packet, policy);
    this.#settle(now);
    return last;
  }

  /** Writes down what is to be kept, and then sends. */
  #sendKept(now: Instant, packet: Uint8Array, policy: string): Outcome {
    const snapshot: ManualSnapshot = JSON.parse(JSON.stringify(this.gateway.snapshotByHand(policy, AHEAD)));
    this.kept.set(policy, snapshot);
    this.gateway.keptByHand(policy, snapshot);
    return this.gateway.handleInside(now, packet);
  }

  handlePacket(now: Instant, packet: Uint8Array): void {
    const outcome = this.#receive(now, packet);
    if (outcome !== undefined) this.#around.oracle.judged(this, packet, outcome);
    this.#settle(now);
  }

  #receive(now: Instant, packet: Uint8Array): Outcome | undefined {
    if (this.#isIp) return this.gateway.handleOutside(now, packet);
    const result = this.#hostReassembler.accept(now, packet);
    const datagram = result.kind === 'whole' ? datagramIn(result.packet) : undefined;
    return datagram && this.gateway.handleDatagram(now, datagram.source, datagram.destination, datagram.octets);
  }

  handleTimeout(now: Instant): void {
    this.gateway.handleTimeout(now);
    this.#settle(now);
  }

  /** Puts the same configuration in the place of what it has. */
  reconfigure(now: Instant, what: 'peers' | 'policies', sas: SasOfOld): void {
    const { peers, policies } = configure(this.#plan, this.index, this.kept);
    if (what === 'peers') for (const peer of peers) this.gateway.replacePeer(now, peer, sas);
    else for (const policy of policies) this.gateway.replacePolicy(now, policy, sas);
    this.#settle(now);
  }

  close(now: Instant): void {
    this.gateway.close(now);
    this.#settle(now);
  }

  pollTransmit(): Uint8Array | undefined {
    const out = this.gateway.pollTransmit();
    return out?.kind === 'datagram' ? packetAround(out) : out?.octets;
  }

  pollTimeout(): { readonly at: Instant } | undefined {
    return this.gateway.pollTimeout();
  }

  #settle(now: Instant): void {
    const { gateway } = this;
    const { oracle } = this.#around;
    for (let event = gateway.pollEvent(); event !== undefined; event = gateway.pollEvent())
      oracle.happened(this, event);
    for (let inner = gateway.pollInside(); inner !== undefined; inner = gateway.pollInside()) {
      const result = this.#reassembler.accept(now, inner.packet);
      if (result.kind === 'whole') oracle.delivered(this, result.packet);
      if (result.kind === 'refused') oracle.deliveredBroken(this, result.reason);
    }
    for (let asked = gateway.pollQuestion(); asked !== undefined; asked = gateway.pollQuestion()) this.#ask(asked);
  }

  #ask(question: Question): void {
    const tunnel = this.#plan.tunnels[Number(/\d+/.exec(question.peer)?.[0])];
    const most = tunnel?.answerDelay ?? 0;
    this.#around.later(this, this.#around.chance.between(0, most), (now) => {
      this.gateway.answer(now, question.id, this.#answer(question));
      this.#settle(now);
    });
  }

  #answer(question: Question): Answer {
    const index = Number(/\d+/.exec(question.peer)?.[0]);
    const tunnel = this.#plan.tunnels[index];
    const end = tunnel?.a === this.index ? 0 : 1;
    const byCertificate = tunnel?.authentication === 'certificate';
    switch (question.kind) {
      case 'shared-key':
        return { kind: 'shared-key', key: sharedKey(index) };
      case 'sign': {
        const signature = hash('sha2-512', question.hash);
        if (!byCertificate) return { kind: 'sign', signature };
        const pki = pkiOf(this.index);
        return { kind: 'sign', signature, certificates: pki.credentials.flatMap((one) => pki.certificatesOf(one)) };
      }
      case 'verify-chain': {
        const verdict = byCertificate ? answerWith(pkiOf(this.index))(question, EPOCH) : undefined;
        return verdict ?? { kind: 'verify-chain', key: verifyingKey(end === 0 ? 1 : 0) };
      }
      case 'verify-credentials':
        return new Passwords([userOf(index)]).answer(question);
      case 'lease':
        return { kind: 'lease', lease: { addresses: [hostAddress(tunnel?.a ?? 0, 4)] } };
      default:
        throw new Error(`nobody is to ask for ${question.kind}`);
    }
  }
}
