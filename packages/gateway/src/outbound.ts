import type { EspRefusal } from '@espalier/esp';
import type { Instant } from '@espalier/wire';
import type { Doors } from './doors.ts';
import { wholePacket } from './ip-packet.ts';
import type { KeyManagement } from './key-management.ts';
import { fitToMtu, fragmentationNeeded, MAX_PACKET_OCTETS } from './path-mtu.ts';
import { ACCEPTED, type Outcome, type RefusalCounter } from './refusals.ts';
import type { Routing } from './routing.ts';
import type { SaPair } from './sa-pair.ts';
import type { Tunnel } from './tunnel.ts';

/** Outbound IP traffic processing, from the inside to the outside (RFC 4301 §5.1). */
export class OutboundProcessing {
  readonly #routing: Routing;
  readonly #keys: KeyManagement;
  readonly #refusals: RefusalCounter;
  readonly #doors: Doors;
  readonly #scratch = new Uint8Array(MAX_PACKET_OCTETS);

  constructor(routing: Routing, keys: KeyManagement, refusals: RefusalCounter, doors: Doors) {
    this.#routing = routing;
    this.#keys = keys;
    this.#refusals = refusals;
    this.#doors = doors;
  }

  take(now: Instant, octets: Uint8Array, insideInterface: string | undefined): Outcome {
    const packet = wholePacket(octets);
    if (packet === undefined) return this.#refusals.refuse('malformed-packet');
    const action = this.#routing.lookUpOutbound(packet, insideInterface);
    switch (action?.kind) {
      case undefined:
        return this.#refusals.refuse('no-service-set');
      case 'discard':
        return this.#refusals.refuse('discarded-by-policy');
      case 'bypass':
        this.#doors.outside.push({ kind: 'packet', octets: packet.slice() });
        return ACCEPTED.bypassed;
      case 'protect':
        return this.#protect(now, action.target, packet);
    }
  }

  /** Sends what waited for an SA of `tunnel`. */
  release(now: Instant, tunnel: Tunnel): void {
    for (const packet of tunnel.waiting.take()) this.#protect(now, tunnel, packet);
  }

  #protect(now: Instant, tunnel: Tunnel, packet: Uint8Array): Outcome {
    const pair = tunnel.sending;
    if (pair === undefined) return this.#wait(now, tunnel, packet);
    if (pair.outbound.lifetimeState(now) === 'hard') {
      this.#keys.retire(now, pair);
      return tunnel.sending === pair ? this.#refuse(tunnel, 'expired') : this.#protect(now, tunnel, packet);
    }
    const pieces = fitToMtu(packet, pair.mtu, tunnel.plan.term.clearDontFragment);
    if (pieces === undefined) return this.#answerTooLarge(tunnel, packet, pair.mtu);
    let outcome: Outcome = ACCEPTED.protected;
    for (const piece of pieces) outcome = this.#seal(now, tunnel, pair, piece);
    if (pair.outbound.lifetimeState(now) === 'soft') this.#keys.renew(now, pair);
    return outcome;
  }

  #seal(now: Instant, tunnel: Tunnel, pair: SaPair, packet: Uint8Array): Outcome {
    const sealed = pair.outbound.sealInto(now, packet, this.#scratch);
    if (!sealed.ok) return this.#refuse(tunnel, sealed.reason);
    tunnel.statistics.encrypted(packet.length);
    this.#doors.outside.push({ kind: 'packet', octets: sealed.octets.slice() });
    return ACCEPTED.protected;
  }

  #wait(now: Instant, tunnel: Tunnel, packet: Uint8Array): Outcome {
    if (!this.#keys.seek(now, tunnel)) return this.#refusals.refuse('no-security-association');
    return tunnel.waiting.add(packet) ? ACCEPTED.queued : this.#refusals.refuse('queue-full');
  }

  #answerTooLarge(tunnel: Tunnel, packet: Uint8Array, mtu: number): Outcome {
    const answer = fragmentationNeeded(packet, mtu, tunnel.localAddress);
    if (answer !== undefined) this.#doors.inside.push({ packet: answer, insideInterface: tunnel.insideInterface });
    return this.#refusals.refuse('fragmentation-needed');
  }

  #refuse(tunnel: Tunnel, reason: EspRefusal): Outcome {
    tunnel.statistics.refused(reason);
    return this.#refusals.refuseByEsp(reason);
  }
}
