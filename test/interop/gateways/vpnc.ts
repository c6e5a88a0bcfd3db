import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Daemon } from '../machine/daemon.ts';
import { check } from '../machine/failures.ts';
import { on, type Seat } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { type Caller, type GatewaySettings, PRE_SHARED_KEY, type Role, type Tally } from './gateway.ts';
import { residentOctets } from './observe.ts';
import { ROAD } from './road.ts';
import { signersIn } from './signers.ts';

/** vpnc, a client of Cisco's gateways with an ESP of its own: Aggressive Mode, XAuth, Mode Config by pull. */
export class Vpnc implements Caller {
  readonly program = 'vpnc';
  readonly router: Seat;
  readonly inside = 'tun0';
  readonly #bed: Testbed;
  readonly #settings: GatewaySettings;
  readonly #folder: string;
  readonly #up: string;
  #vpnc: Daemon | undefined;

  constructor(bed: Testbed, router: Seat, settings: GatewaySettings) {
    this.router = router;
    this.#bed = bed;
    this.#settings = settings;
    this.#folder = bed.folderOf(`${router}-vpnc`);
    this.#up = join(this.#folder, 'up');
  }

  async start(_role: Role): Promise<void> {
    rmSync(this.#up, { force: true });
    const argv = this.#prepare();
    const vpnc = this.#bed.start({ router: this.router, name: `${this.router}-vpnc`, argv });
    this.#vpnc = vpnc;
    await this.#bed.until(`vpnc on ${this.router}`, 20, () => {
      check(vpnc.running, `vpnc ended; see ${this.#bed.folder}/${this.router}-vpnc.out`);
      return existsSync(this.#up) || undefined;
    });
  }

  async readyToCall(): Promise<string> {
    return `exec ${[...on(this.router), ...this.#prepare()].join(' ')} > ${join(this.#folder, 'vpnc.log')} 2>&1`;
  }

  /** Its files, and the words that start it. */
  #prepare(): readonly string[] {
    const { peerAddress, far } = this.#bed.placeOf(this.router);
    const config = join(this.#folder, 'vpnc.conf');
    const script = join(this.#folder, 'script');
    writeFileSync(config, vpncConf(peerAddress, this.#proofs()), { mode: 0o600 });
    writeFileSync(script, vpncScript(far, this.#up));
    chmodSync(script, 0o755);
    const pid = join(this.#folder, 'pid');
    return ['vpnc', '--no-detach', '--pid-file', pid, '--script', script, '--debug', '1', config];
  }

  /** Either the group's secret, or the root by which the gateway's certificate is believed. */
  #proofs(): string {
    const { signs } = this.#settings;
    if (signs === undefined) return `IPSec secret ${PRE_SHARED_KEY}\nIKE Authmode psk`;
    const { folder, root } = signersIn(this.#bed.runFolder, signs);
    return `IPSec secret nothing\nIKE Authmode hybrid\nCA-File ${join(folder, root)}`;
  }

  async address(): Promise<string | undefined> {
    return existsSync(this.#up) ? readFileSync(this.#up, 'utf8').trim() : undefined;
  }

  async stop(): Promise<void> {
    await this.#vpnc?.stop('SIGTERM', 5);
    rmSync(this.#up, { force: true });
  }

  async kill(): Promise<void> {
    await this.#vpnc?.kill();
  }

  async established(): Promise<Tally> {
    return this.alive();
  }

  async alive(): Promise<Tally> {
    const isUp = this.#vpnc?.running === true && existsSync(this.#up) ? 1 : 0;
    return { ike: isUp, child: isUp };
  }

  memory(): number {
    return residentOctets(this.#vpnc?.pid ?? 0);
  }
}

function vpncConf(gateway: string, proofs: string): string {
  return `IPSec gateway ${gateway}
IPSec ID ${ROAD.group}
${proofs}
IKE DH Group dh2
Perfect Forward Secrecy nopfs
Xauth username ${ROAD.user}
Xauth password ${ROAD.password}
NAT Traversal Mode force-natt
Local Port 0
Interface name tun0
`;
}

function vpncScript(far: string, up: string): string {
  return `#!/bin/sh
[ "$reason" = connect ] || exit 0
ip addr add "$INTERNAL_IP4_ADDRESS/32" dev "$TUNDEV"
ip link set "$TUNDEV" mtu 1300 up
ip route replace ${far} dev "$TUNDEV" src "$INTERNAL_IP4_ADDRESS"
echo "$INTERNAL_IP4_ADDRESS" > "${up}"
`;
}
