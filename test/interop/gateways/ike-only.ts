import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GatewayRouter, on } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { type Caller, type GatewaySettings, PRE_SHARED_KEY, type Role, type Tally } from './gateway.ts';
import { NOTHING, OurProgram } from './our-program.ts';
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
export class IkeOnly implements Caller {
  readonly program = 'espalier-ike';
  readonly router: GatewayRouter;
  readonly inside = undefined;
  readonly #bed: Testbed;
  readonly #settings: GatewaySettings;
  readonly #folder: string;
  #program: OurProgram | undefined;
  #starts = 0;

  constructor(bed: Testbed, router: GatewayRouter, settings: GatewaySettings) {
    this.router = router;
    this.#bed = bed;
    this.#settings = settings;
    this.#folder = bed.folderOf(`${router}-ike`);
  }

  async start(role: Role): Promise<void> {
    const argv = this.#prepare(role);
    const output = join(this.#folder, `events-${this.#starts}.jsonl`);
    const name = `${this.router}-ike`;
    this.#program = new OurProgram(this.#bed, 'IKE', { router: this.router, name, argv, output }, 'child');
    await this.#program.listens();
  }

  async readyToCall(): Promise<string> {
    return `exec ${[...on(this.router), ...this.#prepare('initiator')].join(' ')} > ${join(this.#folder, 'events.jsonl')} 2>&1`;
  }

  /** Its configuration, and the words that start it. */
  #prepare(role: Role): readonly string[] {
    const { address, peerAddress, near, far } = this.#bed.placeOf(this.router);
    const { protection, mode = 'main', signs, road } = this.#settings;
    if (protection === undefined) throw new Error('it is not said what protects the child');
    const config = join(this.#folder, 'ike.json');
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
    return [process.execPath, PROGRAM, config];
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  async kill(): Promise<void> {
    await this.#program?.kill();
  }

  async established(): Promise<Tally> {
    return this.#program?.established ?? NOTHING;
  }

  async alive(): Promise<Tally> {
    return this.#program?.alive ?? NOTHING;
  }

  /** What it said of negotiations that failed, a line each. */
  failures(): readonly string[] {
    return this.#program?.lines('ike-failed', 'negotiation-refused') ?? [];
  }

  memory(): number {
    return this.#program?.memory ?? 0;
  }
}
