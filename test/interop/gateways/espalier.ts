import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Daemon } from '../machine/daemon.ts';
import { check } from '../machine/failures.ts';
import type { Seat } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import type { Gateway, GatewaySettings, Role, Tally } from './gateway.ts';
import { JUNOS_PKI, junosText } from './junos.ts';
import { listensOn, readLog, residentOctets } from './observe.ts';
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
  #node: Daemon | undefined;
  #relay: Daemon | undefined;
  #events = '';
  #starts = 0;

  constructor(bed: Testbed, router: Seat, settings: GatewaySettings) {
    this.router = router;
    this.#bed = bed;
    this.#settings = settings;
    this.#folder = bed.folderOf(`${router}-espalier`);
  }

  async start(role: Role): Promise<void> {
    await this.#startRelay();
    const config = join(this.#folder, 'router.conf');
    writeFileSync(config, junosText(this.#bed.placeOf(this.router), this.#settings));
    this.#events = join(this.#folder, `events-${++this.#starts}.jsonl`);
    const keylog = join(this.#folder, `keylog-${this.#starts}`);
    const recording = this.#bed.recording(`${this.router}-ike-${this.#starts}`);
    const argv = [
      ...[process.execPath, PROGRAM, '--config', config, '--bind', this.#bed.placeOf(this.router).address],
      ...['--tun', `${TUN_RELAY.packetsFromKernel}:${TUN_RELAY.packetsToKernel}`, '--keylog', keylog, '--json'],
      ...(recording === undefined ? [] : ['--record', recording, '--record-secrets']),
      ...(this.#settings.suite.esp === undefined ? [] : ['--esp', this.#settings.suite.esp]),
      ...this.#certificates(),
      ...(this.#settings.renewAfter === undefined ? [] : ['--renew', `${this.#settings.renewAfter}`]),
      ...(role === 'initiator' ? ['--initiate'] : []),
    ];
    const node = this.#bed.start({ router: this.router, name: `${this.router}-gateway`, argv, output: this.#events });
    this.#node = node;
    await this.#bed.until(`the gateway on ${this.router}`, 20, () => {
      check(node.running, `the gateway on ${this.router} ended; see ${this.#bed.folder}/${this.router}-gateway.out`);
      return (listensOn(node.pid, 500) && listensOn(node.pid, 4500)) || undefined;
    });
  }

  async stop(): Promise<void> {
    const inTime = await this.#node?.stop();
    check(inTime ?? true, `the gateway on ${this.router} did not end within 5 s of SIGTERM`);
    const code = this.#node?.exitCode;
    check(code === 0, `the gateway on ${this.router} ended with status ${code} after SIGTERM`);
  }

  async kill(): Promise<void> {
    await this.#node?.kill();
  }

  async established(): Promise<Tally> {
    return { ike: this.#count('ike-established'), child: this.#count('ipsec-established') };
  }

  async alive(): Promise<Tally> {
    if (!this.#node?.running) return { ike: 0, child: 0 };
    return {
      ike: this.#count('ike-established') - this.#count('ike-deleted'),
      child: this.#count('ipsec-established') - this.#count('ipsec-deleted'),
    };
  }

  memory(): number {
    return residentOctets(this.#node?.pid ?? 0);
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
  async #startRelay(): Promise<void> {
    if (this.#relay?.running) return;
    await makeTun(this.#bed, this.router, this.inside, this.#settings.tunMtu);
    if (this.#settings.selectors === 'networks') await routeThroughTun(this.#bed, this.router, this.inside);
    this.#relay = await relayTun(this.#bed, this.router, this.inside);
  }

  /** `--json` prints one event of the gateway a line, told apart by `kind`. */
  #count(kind: string): number {
    const text = readLog(this.#events);
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .filter((line) => hasKind(JSON.parse(line), kind)).length;
  }
}

function hasKind(event: unknown, kind: string): boolean {
  return typeof event === 'object' && event !== null && 'kind' in event && event.kind === kind;
}
