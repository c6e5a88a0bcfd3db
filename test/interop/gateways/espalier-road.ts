import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Daemon } from '../machine/daemon.ts';
import { ip, type Seat } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { type Gateway, type GatewaySettings, PRE_SHARED_KEY, type Role, type Tally } from './gateway.ts';
import { NOTHING, OurProgram } from './our-program.ts';
import { ROAD, type RoadSettings } from './road.ts';
import { endOf, signersIn } from './signers.ts';
import { nameOf } from './signing.ts';
import { makeTun, relayTun, TUN_RELAY } from './tun.ts';

/** From test/interop/dist/gateways. */
const PROGRAM = fileURLToPath(new URL('../../../../examples/dist/road-warrior.js', import.meta.url));

/** Ours: examples/road-warrior; as initiator the client, as responder the gateway. */
export class EspalierRoad implements Gateway {
  readonly program = 'espalier';
  readonly router: Seat;
  readonly inside = 'sp0';
  readonly #bed: Testbed;
  readonly #settings: GatewaySettings;
  readonly #road: RoadSettings;
  readonly #folder: string;
  #program: OurProgram | undefined;
  #relay: Daemon | undefined;
  #starts = 0;

  constructor(bed: Testbed, router: Seat, settings: GatewaySettings, road: RoadSettings) {
    this.router = router;
    this.#bed = bed;
    this.#settings = settings;
    this.#road = road;
    this.#folder = bed.folderOf(`${router}-espalier`);
  }

  async start(role: Role): Promise<void> {
    await this.#startRelay();
    const { address, peerAddress, near, far } = this.#bed.placeOf(this.router);
    const output = join(this.#folder, `events-${++this.#starts}.jsonl`);
    const recording = this.#bed.recording(`${this.router}-ike-${this.#starts}`);
    const argv = [
      ...[process.execPath, PROGRAM, role === 'initiator' ? 'client' : 'gateway', '--bind', address, '--json'],
      ...['--gateway', peerAddress, '--group', ROAD.group, '--user', ROAD.user, '--pool', ROAD.pool],
      ...['--net', this.#road.everything ? '0.0.0.0/0' : role === 'initiator' ? far : near, '--dns', ROAD.dns],
      ...['--tun', `${TUN_RELAY.packetsFromKernel}:${TUN_RELAY.packetsToKernel}`],
      ...(this.#road.method === 'push' ? ['--push'] : []),
      ...(this.#settings.mode === 'aggressive' ? [] : ['--main']),
      ...this.#certificates(role),
      ...(recording === undefined ? [] : ['--record', recording, '--record-secrets']),
    ];
    const environment = { ROAD_KEY: PRE_SHARED_KEY, ROAD_PASSWORD: ROAD.password };
    const name = `${this.router}-gateway`;
    this.#program = new OurProgram(this.#bed, 'the gateway', { router: this.router, name, argv, output, environment });
    await this.#program.listens();
    if (role === 'responder') await ip(this.router, 'route', 'replace', ROAD.pool, 'dev', this.inside);
  }

  /** As client: the address that it was given; its interface has it from then on, and the net behind the gateway a route. */
  async address(): Promise<string | undefined> {
    const address = this.given();
    if (address === undefined) return undefined;
    await ip(this.router, 'addr', 'replace', `${address}/32`, 'dev', this.inside);
    const { far } = this.#bed.placeOf(this.router);
    await ip(this.router, 'route', 'replace', far, 'dev', this.inside, 'src', address);
    return address;
  }

  /** The address that a client was given last. */
  given(): string | undefined {
    return /"addresses":\["([\d.]+)"/.exec(this.#program?.lines('configured').at(-1) ?? '')?.[1];
  }

  async stop(): Promise<void> {
    await this.#program?.stopWell();
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

  memory(): number {
    return this.#program?.memory ?? 0;
  }

  /** The options by which it is given its certificate, if it needs one, and that of the authority. */
  #certificates(role: Role): readonly string[] {
    const { signs } = this.#settings;
    if (signs === undefined) return [];
    const signers = signersIn(this.#bed.runFolder, signs);
    const { folder, root, crls } = signers;
    const { certificate, key } = endOf(signers, this.router);
    const pki = join(this.#folder, 'pki');
    mkdirSync(pki, { recursive: true });
    const isUser = role === 'initiator';
    const own = signs.hybrid && isUser ? [] : [certificate, key];
    for (const file of [root, ...crls, ...own]) copyFileSync(join(folder, file), join(pki, file));
    return [
      ...['--pki', pki, ...(signs.hybrid ? ['--hybrid'] : [])],
      ...['--id', nameOf(this.router)],
      ...(isUser ? ['--gateway-id', nameOf('R3')] : []),
    ];
  }

  async #startRelay(): Promise<void> {
    if (this.#relay?.running) return;
    await makeTun(this.#bed, this.router, this.inside, this.#settings.tunMtu);
    this.#relay = await relayTun(this.#bed, this.router, this.inside);
  }
}
