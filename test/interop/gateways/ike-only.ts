import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Daemon } from '../machine/daemon.ts';
import { check } from '../machine/failures.ts';
import type { GatewayRouter } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { type Gateway, type GatewaySettings, PRE_SHARED_KEY, type Role, type Tally } from './gateway.ts';
import { listensOn, readLog, residentOctets } from './observe.ts';
import type { ChosenProtection } from './protection.ts';
import type { RoadSettings } from './road.ts';
import { type Signers, signersIn } from './signers.ts';
import type { Signing } from './signing.ts';

/** What programs/ike-only.ts reads. */
export interface IkeOnlySettings {
  readonly local: string;
  readonly remote: string;
  readonly near: string;
  readonly far: string;
  readonly preSharedKey: string;
  /** Phase 1, as strongSwan writes it. */
  readonly ike: string;
  readonly initiates: boolean;
  /** The exchange of phase 1. */
  readonly exchange: 'main' | 'aggressive';
  /** The initiator is a user on the road. */
  readonly road: RoadSettings | undefined;
  /** Signatures in the place of the key, of this router. */
  readonly signs: { readonly signing: Signing; readonly signers: Signers; readonly router: GatewayRouter } | undefined;
  readonly protection: ChosenProtection;
  /** The file of its recording; undefined for none. */
  readonly record: string | undefined;
}

const PROGRAM = fileURLToPath(new URL('../programs/ike-only.js', import.meta.url));

/** Our IKE alone: for what a peer whose kernel carries nothing negotiates. */
export class IkeOnly implements Gateway {
  readonly program = 'espalier-ike';
  readonly router: GatewayRouter;
  readonly inside = undefined;
  readonly #bed: Testbed;
  readonly #settings: GatewaySettings;
  #node: Daemon | undefined;
  #events = '';
  #starts = 0;

  constructor(bed: Testbed, router: GatewayRouter, settings: GatewaySettings) {
    this.router = router;
    this.#bed = bed;
    this.#settings = settings;
  }

  async start(role: Role): Promise<void> {
    const folder = this.#bed.folderOf(`${this.router}-ike`);
    const { address, peerAddress, near, far } = this.#bed.placeOf(this.router);
    const { protection, mode = 'main', signs, road } = this.#settings;
    if (protection === undefined) throw new Error('it is not said what protects the child');
    const config = join(folder, 'ike.json');
    const settings: IkeOnlySettings = {
      local: address,
      remote: peerAddress,
      near,
      far,
      preSharedKey: PRE_SHARED_KEY,
      ike: this.#settings.suite.strongSwan.ike,
      initiates: role === 'initiator',
      exchange: mode,
      road,
      signs: signs && { signing: signs, signers: signersIn(this.#bed.runFolder, signs), router: this.router },
      protection,
      record: this.#bed.recording(`${this.router}-ike-${++this.#starts}`),
    };
    writeFileSync(config, JSON.stringify(settings));
    this.#events = join(folder, `events-${this.#starts}.jsonl`);
    const argv = [process.execPath, PROGRAM, config];
    const node = this.#bed.start({ router: this.router, name: `${this.router}-ike`, argv, output: this.#events });
    this.#node = node;
    await this.#bed.until(`IKE on ${this.router}`, 20, () => {
      check(node.running, `IKE on ${this.router} ended; see ${this.#bed.folder}/${this.router}-ike.out`);
      return (listensOn(node.pid, 500) && listensOn(node.pid, 4500)) || undefined;
    });
  }

  async stop(): Promise<void> {
    await this.#node?.stop();
  }

  async kill(): Promise<void> {
    await this.#node?.kill();
  }

  async established(): Promise<Tally> {
    return { ike: this.#count('ike-established'), child: this.#count('child-established') };
  }

  async alive(): Promise<Tally> {
    if (!this.#node?.running) return { ike: 0, child: 0 };
    return {
      ike: this.#count('ike-established') - this.#count('ike-deleted'),
      child: this.#count('child-established') - this.#count('child-deleted'),
    };
  }

  /** What it said of negotiations that failed, a line each. */
  failures(): readonly string[] {
    return readLog(this.#events)
      .split('\n')
      .filter((line) => line.startsWith('{"kind":"ike-failed"') || line.startsWith('{"kind":"negotiation-refused"'));
  }

  memory(): number {
    return residentOctets(this.#node?.pid ?? 0);
  }

  #count(kind: string): number {
    return readLog(this.#events).split(`{"kind":"${kind}"`).length - 1;
  }
}
