import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Daemon } from '../machine/daemon.ts';
import type { Seat } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import type { Gateway, GatewaySettings, Role, Tally } from './gateway.ts';
import { JUNOS_PKI, junosText } from './junos.ts';
import { NOTHING, OurProgram } from './our-program.ts';
import { endOf, signersIn } from './signers.ts';
import { makeTun, relayTun, routeThroughTun, TUN_RELAY } from './tun.ts';

/** From test/interop/dist/gateways. */
const PROGRAM = fileURLToPath(new URL('../../../../examples/dist/udp-gateway.js', import.meta.url));

/** Ours: examples/udp-gateway, configured by Junos text. */
export class Espalier implements Gateway {
  readonly program = 'espalier';
  readonly router: Seat;
  readonly inside = 'sp0';
  readonly #bed: Testbed;
  readonly #settings: GatewaySettings;
  readonly #folder: string;
  #program: OurProgram | undefined;
  #relay: Daemon | undefined;
  #starts = 0;

  constructor(bed: Testbed, router: Seat, settings: GatewaySettings) {
    this.router = router;
    this.#bed = bed;
    this.#settings = settings;
    this.#folder = bed.folderOf(`${router}-espalier`);
  }

  async start(role: Role): Promise<void> {
    await this.#makeTun();
    const config = join(this.#folder, 'router.conf');
    writeFileSync(config, junosText(this.#bed.placeOf(this.router), this.#settings));
    const output = join(this.#folder, `events-${++this.#starts}.jsonl`);
    const keylog = join(this.#folder, `keylog-${this.#starts}`);
    const recording = this.#bed.recording(`${this.router}-ike-${this.#starts}`);
    const argv = [
      ...[process.execPath, PROGRAM, '--config', config, '--bind', this.#bed.placeOf(this.router).address],
      ...['--keylog', keylog, '--json', ...this.#inputOutput()],
      ...(recording === undefined ? [] : ['--record', recording, '--record-secrets']),
      ...(this.#settings.suite.esp === undefined ? [] : ['--esp', this.#settings.suite.esp]),
      ...this.#certificates(),
      ...(this.#settings.renewAfter === undefined ? [] : ['--renew', `${this.#settings.renewAfter}`]),
      ...(role === 'initiator' ? ['--initiate'] : []),
    ];
    this.#program = new OurProgram(this.#bed, 'the gateway', {
      router: this.router,
      name: `${this.router}-gateway`,
      argv,
      output,
    });
    await this.#program.listens();
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

  get #hasTun(): boolean {
    const { sockets = 'dgram' } = this.#settings;
    return sockets !== 'dgram';
  }

  #inputOutput(): readonly string[] {
    const { sockets = 'dgram' } = this.#settings;
    const relayed = ['--tun', `${TUN_RELAY.packetsFromKernel}:${TUN_RELAY.packetsToKernel}`];
    return ['--sockets', sockets, ...(this.#hasTun ? ['--tun-device', this.inside] : relayed)];
  }

  /** The options by which it is given its certificate and key, and those of the authority. */
  #certificates(): readonly string[] {
    const { signs } = this.#settings;
    if (signs === undefined) return [];
    const signers = signersIn(this.#bed.runFolder, signs);
    const { folder, root, crls } = signers;
    const { certificate, key } = endOf(signers, this.router);
    const pki = join(this.#folder, 'pki');
    mkdirSync(pki, { recursive: true });
    const texts = crls.map((crl) => readFileSync(join(folder, crl), 'utf8'));
    writeFileSync(join(pki, `${JUNOS_PKI.authority}.crl`), texts.join(''));
    for (const [from, to] of [
      [root, `${JUNOS_PKI.authority}.pem`],
      [certificate, `${JUNOS_PKI.own}.pem`],
      [key, `${JUNOS_PKI.own}.key`],
    ] as const) {
      copyFileSync(join(folder, from), join(pki, to));
    }
    return ['--pki', pki];
  }

  /** The TUN and its routes stay when the gateway is stopped and started again, as an interface would. */
  async #makeTun(): Promise<void> {
    if (this.#relay?.running || (this.#hasTun && this.#starts > 0)) return;
    await makeTun(this.#bed, this.router, this.inside, this.#settings.tunMtu);
    if (this.#settings.selectors === 'networks') await routeThroughTun(this.#bed, this.router, this.inside);
    if (this.#hasTun) return;
    this.#relay = await relayTun(this.#bed, this.router, this.inside);
  }
}
