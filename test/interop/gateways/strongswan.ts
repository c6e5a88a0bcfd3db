import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, run } from '../machine/command.ts';
import type { Daemon } from '../machine/daemon.ts';
import { check } from '../machine/failures.ts';
import type { Seat } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import type { Caller, GatewaySettings, Role, Tally } from './gateway.ts';
import { noEspShim } from './noesp.ts';
import { countLines, readLog, residentOctets } from './observe.ts';
import { endOf, type Signers, signersIn } from './signers.ts';
import type { Signing } from './signing.ts';
import { strongswanConf, swanctlConf } from './strongswan-conf.ts';

/** strongSwan's charon with its ESP in user land (kernel-libipsec): the kernel needs none. */
export class StrongSwan implements Caller {
  readonly program = 'strongswan';
  readonly router: Seat;
  readonly inside: string | undefined;
  readonly #bed: Testbed;
  readonly #settings: GatewaySettings;
  readonly #folder: string;
  readonly #socket: string;
  #charon: Daemon | undefined;
  #log = '';
  #starts = 0;

  constructor(bed: Testbed, router: Seat, settings: GatewaySettings) {
    this.router = router;
    this.inside = settings.isL2tp ? undefined : 'ipsec0';
    this.#bed = bed;
    this.#settings = settings;
    this.#folder = bed.folderOf(`${router}-strongswan`);
    this.#socket = join(bed.socketFolderOf(router), 'vici');
  }

  async start(role: Role): Promise<void> {
    const folder = this.#folder;
    const run = join(folder, 'run');
    const swanctl = join(folder, 'swanctl');
    this.#log = join(folder, `charon-${++this.#starts}.log`);
    rmSync(run, { recursive: true, force: true });
    rmSync(this.#socket, { force: true });
    for (const name of [run, swanctl]) mkdirSync(name, { recursive: true });
    const conf = join(folder, 'strongswan.conf');
    const { keepAlive, mode, isL2tp = false } = this.#settings;
    writeFileSync(conf, strongswanConf({ log: this.#log, uri: this.#uri(), keepAlive, mode, isL2tp }));
    const preload = isL2tp ? await noEspShim(this.#bed.runFolder, this.#bed.signal) : '';
    const { signs } = this.#settings;
    const signers = signs && signersIn(this.#bed.runFolder, signs);
    const text = swanctlConf(this.#bed.placeOf(this.router), this.#settings, role, signers);
    writeFileSync(join(swanctl, 'swanctl.conf'), text);
    if (signs !== undefined && signers !== undefined) this.#giveKeys(swanctl, signs, signers);

    // charon keeps its process number in /run, where two of them would meet: each gets its own.
    const script = 'mount --make-rprivate / && mount --bind "$1" /run && LD_PRELOAD="$2" exec /usr/lib/ipsec/charon';
    const charon = this.#bed.start({
      router: this.router,
      name: `${this.router}-charon`,
      argv: ['unshare', '-m', 'sh', '-c', script, 'sh', run, preload],
      environment: { STRONGSWAN_CONF: conf },
    });
    this.#charon = charon;
    await this.#bed.until(`charon on ${this.router}`, 20, () => {
      check(charon.running, `charon on ${this.router} ended; see ${this.#log}`);
      return existsSync(this.#socket) || undefined;
    });
    await must(['swanctl', '--load-all', '--noprompt', '--uri', this.#uri()], {
      environment: { SWANCTL_DIR: swanctl },
      signal: this.#bed.signal,
    });
    if (role === 'initiator') {
      const initiate = ['swanctl', '--initiate', '--child', 'net', '--uri', this.#uri()];
      await must(initiate, { seconds: 30, signal: this.#bed.signal });
    }
  }

  async readyToCall(): Promise<string> {
    await this.start('responder');
    const swanctl = (...words: readonly string[]) => ['swanctl', ...words, '--uri', this.#uri()].join(' ');
    return `${swanctl('--terminate', '--ike', 'gw', '--force')}; exec ${swanctl('--initiate', '--child', 'net')}`;
  }

  async stop(): Promise<void> {
    await this.#charon?.stop();
  }

  async kill(): Promise<void> {
    await this.#charon?.kill();
  }

  async established(): Promise<Tally> {
    const log = readLog(this.#log);
    return {
      ike: countLines(log, /IKE_SA gw\[\d+\] established/),
      child: countLines(log, /CHILD_SA net\{\d+\} established/),
    };
  }

  async alive(): Promise<Tally> {
    if (!this.#charon?.running) return { ike: 0, child: 0 };
    const { stdout } = await run(['swanctl', '--list-sas', '--uri', this.#uri()], { signal: this.#bed.signal });
    return { ike: countLines(stdout, /^gw: .* ESTABLISHED/), child: countLines(stdout, /^ {2}net: .* INSTALLED/) };
  }

  /** As a user on the road: the address that it was given. */
  async address(): Promise<string | undefined> {
    return /installing new virtual IP ([\d.]+)/.exec(readLog(this.#log))?.[1];
  }

  /** What it logs of the keys of its child, and the SPIs that go with them. */
  log(): string {
    return readLog(this.#log);
  }

  memory(): number {
    return residentOctets(this.#charon?.pid ?? 0);
  }

  /** Where swanctl looks for them; of the peer it has no certificate, and of its authorities the root alone. */
  #giveKeys(swanctl: string, { keys, hybrid }: Signing, signers: Signers): void {
    const { folder, root, crls, ends } = signers;
    const give = (kind: string, ...files: readonly string[]): void => {
      mkdirSync(join(swanctl, kind), { recursive: true });
      for (const file of files) copyFileSync(join(folder, file), join(swanctl, kind, file));
    };
    const { certificate, key, issuers } = endOf(signers, this.router);
    if (keys === 'raw') {
      give('pubkey', ends.R2.publicKey, ends.R3.publicKey);
    } else {
      give('x509ca', root);
      give('x509crl', ...crls);
    }
    if (hybrid && this.router === 'R2') return;
    give('private', key);
    if (keys === 'raw') return;
    give('x509ca', ...issuers);
    give('x509', certificate);
  }

  #uri(): string {
    return `unix://${this.#socket}`;
  }
}
