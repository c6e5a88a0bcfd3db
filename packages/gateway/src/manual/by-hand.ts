import type { Engine, Rng } from '@espalier/crypto';
import { parseAddress } from '@espalier/wire';
import type { FiledPairs } from '../sas/filed-pairs.ts';
import type { KeyManagement } from '../sas/key-management.ts';
import { SaPair } from '../sas/sa-pair.ts';
import type { Tunnel } from '../tunnels/tunnel.ts';
import type { TunnelForm } from '../tunnels/tunnel-form.ts';
import { manualAgreement } from './agreement.ts';
import type { ManualPolicy } from './policy.ts';

interface Parts {
  readonly keys: KeyManagement;
  readonly pairs: FiledPairs;
  readonly engine: Engine;
  readonly rng: Rng;
  readonly outside: 'ip' | 'udp';
}

/** The pairs of SAs that are given by hand (RFC 4301 §4.5.1), of which IKE knows nothing. */
export class SasByHand {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Builds a pair, and nothing more.
   * @throws RangeError when the engine's arena is spent, TypeError for a suite that the engine does not support.
   */
  build({ peer, policy }: Pick<TunnelForm<ManualPolicy>, 'peer' | 'policy'>): SaPair {
    const { engine, rng, outside } = this.#parts;
    return new SaPair(engine, rng, outside, peer, policy, manualAgreement(policy), parseAddress(peer.local));
  }

  /** Puts a pair to use that was built, in the place of one that was there before. */
  install(tunnel: Tunnel, pair: SaPair): void {
    this.remove(tunnel);
    this.#parts.pairs.addManual({ tunnel, pair });
    tunnel.establish(pair);
  }

  /** Takes the pair of a tunnel out of use, if there is one, and overwrites its keys. */
  remove(tunnel: Tunnel): void {
    const pair = this.#parts.pairs.takeManual(tunnel);
    if (pair === undefined) return;
    tunnel.remove(pair);
    tunnel.silence.end();
    pair.wipe();
    this.#parts.keys.endIfBare(tunnel);
  }

  /** The pair of a policy. @throws RangeError where there is none. */
  of(policyName: string): SaPair {
    const pair = this.#parts.pairs.manual(policyName);
    if (pair === undefined) throw new RangeError(`policyName: no SAs by hand are those of ${policyName}`);
    return pair;
  }

  removeAll(): void {
    for (const tunnel of this.#parts.pairs.manualTunnels) this.remove(tunnel);
  }
}
