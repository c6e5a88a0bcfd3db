import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finished, must, run } from '../machine/command.ts';
import type { Daemon } from '../machine/daemon.ts';
import { check } from '../machine/failures.ts';
import { type GatewayRouter, type Place, placeOf } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { type Caller, type GatewaySettings, PRE_SHARED_KEY, type Role, type Tally } from './gateway.ts';
import { fillNssDatabase, type LibreswanKeys, signingStatements } from './libreswan-keys.ts';
import { libreswanHome } from './libreswan-package.ts';
import { noEspShim } from './noesp.ts';
import { countLines, listensOn, readLog, residentOctets } from './observe.ts';
import { ROAD, type RoadSettings } from './road.ts';
import { signersIn } from './signers.ts';

/** libreswan's pluto, for IKE only: it negotiates and renews, but the kernel carries no ESP for it (noesp.c). */
export class Libreswan implements Caller {
  readonly program = 'libreswan';
  readonly router: GatewayRouter;
  readonly inside = undefined;
  readonly #bed: Testbed;
  readonly #settings: GatewaySettings;
  readonly #folder: string;
  #pluto: Daemon | undefined;
  #log = '';
  #starts = 0;

  constructor(bed: Testbed, router: GatewayRouter, settings: GatewaySettings) {
    this.router = router;
    this.#bed = bed;
    this.#settings = settings;
    this.#folder = bed.folderOf(`${router}-libreswan`);
  }

  async start(role: Role): Promise<void> {
    const folder = this.#folder;
    const home = await libreswanHome(this.#bed.runFolder, this.#bed.signal);
    const shim = await noEspShim(this.#bed.runFolder, this.#bed.signal);
    for (const name of ['run/pluto', 'ipsec.d']) mkdirSync(join(folder, name), { recursive: true });
    const { signs } = this.#settings;
    const keys = signs && {
      signing: signs,
      signers: signersIn(this.#bed.runFolder, signs),
      router: this.router,
    };
    if (this.#starts === 0) await makeNssDatabase(join(folder, 'nss'), keys, this.#bed.signal);
    this.#log = join(folder, `pluto-${++this.#starts}.log`);
    const secrets = [`%any %any : PSK "${PRE_SHARED_KEY}"`, `@${ROAD.user} : XAUTH "${ROAD.password}"`];
    writeFileSync(join(folder, 'secrets'), `${secrets.join('\n')}\n`);
    const conf = ipsecConf(folder, this.#log, placeOf(this.router), this.#settings, role, keys);
    writeFileSync(join(folder, 'ipsec.conf'), conf);
    if (this.#settings.road !== undefined && role === 'responder') {
      const hash = await must(['openssl', 'passwd', '-5', ROAD.password], { signal: this.#bed.signal });
      writeFileSync(join(folder, 'ipsec.d', 'passwd'), `${ROAD.user}:${hash.trim()}:gw\n`);
    }

    // pluto wants /run and its helpers in /usr/libexec for itself: both only in its own mount namespace.
    const script =
      'rm -f "$1"/run/pluto/*; mount --make-rprivate / && mount --bind "$1/run" /run && ' +
      'mount --bind "$2/usr/libexec" /usr/libexec && exec env LD_PRELOAD="$3" ' +
      '/usr/libexec/ipsec/pluto --nofork --config "$1/ipsec.conf" --nhelpers 0 --no-dnssec';
    const pluto = this.#bed.start({
      router: this.router,
      name: `${this.router}-pluto`,
      argv: ['unshare', '-m', 'sh', '-c', script, 'sh', folder, home, shim],
    });
    this.#pluto = pluto;
    await this.#bed.until(`pluto on ${this.router}`, 20, async () => {
      check(pluto.running, `pluto on ${this.router} ended; see ${this.#log}`);
      const { stdout } = await this.#whack('--status');
      // It knows its connections before it listens, and begins none until then.
      return (/^000 "gw"/m.test(stdout) && listensOn(pluto.pid, 500)) || undefined;
    });
    if (role === 'initiator') {
      const { code, stdout } = await this.#whack('--initiate', '--name', 'gw');
      check(code === 0, `pluto on ${this.router} could not bring the tunnel up:\n${stdout}`);
    }
  }

  async readyToCall(): Promise<string> {
    await this.start('responder');
    const whack = (...words: readonly string[]) => [...this.#enter(), ...words].join(' ');
    return `${whack('--terminate', '--name', 'gw')}; exec ${whack('--initiate', '--name', 'gw')}`;
  }

  async stop(): Promise<void> {
    await this.#whack('--shutdown');
    await this.#pluto?.stop();
  }

  async kill(): Promise<void> {
    await this.#pluto?.kill();
  }

  async established(): Promise<Tally> {
    const log = readLog(this.#log);
    return {
      ike: countLines(log, /(ISAKMP|IKE) SA established/),
      child: countLines(log, /IPsec SA established/),
    };
  }

  async alive(): Promise<Tally> {
    if (!this.#pluto?.running) return { ike: 0, child: 0 };
    const { stdout } = await this.#whack('--status');
    return {
      // After Mode Config it stays in the state of that, and says no more that it is established.
      ike: countLines(stdout, /^000 #\d+: .*STATE_((MAIN|AGGR)_[IR]\d \(.*established|XAUTH_I1|MODE_CFG_R1)/),
      child: countLines(stdout, /^000 #\d+: .*STATE_QUICK_[IR]\d \(.*established/),
    };
  }

  memory(): number {
    return residentOctets(this.#pluto?.pid ?? 0);
  }

  #whack(...words: readonly string[]): Promise<Finished> {
    return run([...this.#enter(), ...words], { seconds: 30, signal: this.#bed.signal });
  }

  #enter(): readonly string[] {
    return ['nsenter', '-t', `${this.#pluto?.pid ?? 0}`, '-m', '-n', '/usr/libexec/ipsec/whack'];
  }
}

async function makeNssDatabase(folder: string, keys: LibreswanKeys | undefined, signal: AbortSignal): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await must(['certutil', '-N', '-d', `sql:${folder}`, '--empty-password'], { signal });
  if (keys !== undefined) await fillNssDatabase(folder, keys, signal);
}

/** Of a user on the road, who has no network of its own, or of its gateway. */
function roadConf(place: Place, { method }: RoadSettings, role: Role): Readonly<Record<string, string>> {
  const modecfgpull = method === 'pull' ? 'yes' : 'no';
  if (role === 'initiator') {
    return {
      ...{ leftsubnet: '', leftxauthclient: 'yes', leftmodecfgclient: 'yes', leftusername: ROAD.user },
      ...{ rightxauthserver: 'yes', rightmodecfgserver: 'yes', modecfgpull },
    };
  }
  return {
    ...{ leftxauthserver: 'yes', leftmodecfgserver: 'yes', right: '%any', rightsubnet: '' },
    ...{ rightxauthclient: 'yes', rightmodecfgclient: 'yes', rightaddresspool: '10.1.77.1-10.1.77.100' },
    ...{ leftsubnet: place.near, modecfgdns: ROAD.dns, xauthby: 'file', modecfgpull },
  };
}

function ipsecConf(
  folder: string,
  log: string,
  place: Place,
  settings: GatewaySettings,
  role: Role,
  keys: LibreswanKeys | undefined,
): string {
  const { suite, mode, renew, dpd, protection } = settings;
  check(suite.libreswan !== undefined, `libreswan is not configured for ${suite.name}`);
  const times = renew && [
    `ikelifetime=${renew.ike * 2}s`,
    `salifetime=${renew.child * 2}s`,
    `rekeymargin=${Math.min(renew.ike, renew.child)}s`,
    'rekeyfuzz=0%',
  ];
  const probes = dpd === undefined ? undefined : [`dpddelay=${dpd}`, `dpdtimeout=${dpd * 3}`, 'dpdaction=clear'];
  const setup = {
    logfile: log,
    nssdir: join(folder, 'nss'),
    ipsecdir: join(folder, 'ipsec.d'),
    secretsfile: join(folder, 'secrets'),
    'ikev1-policy': 'accept',
    ...(keys && keys.signing.keys !== 'raw' && { 'crl-strict': 'yes' }),
  };
  const connection = {
    ...(keys === undefined ? { authby: 'secret' } : signingStatements(keys)),
    ikev2: 'no',
    ...(mode === 'aggressive' && { aggressive: 'yes' }),
    left: place.address,
    ...(protection?.mode === 'transport' ? {} : { leftsubnet: place.near, rightsubnet: place.far }),
    leftupdown: '/bin/true',
    right: place.peerAddress,
    ...(suite.libreswan.ike === undefined ? {} : { ike: suite.libreswan.ike }),
    pfs: suite.libreswan.pfs ? 'yes' : 'no',
    ...(protection?.libreswan ?? {
      ...(suite.libreswan.esp === undefined ? {} : { esp: suite.libreswan.esp }),
      encapsulation: 'yes',
    }),
    auto: 'add',
    ...(settings.road === undefined ? {} : roadConf(place, settings.road, role)),
  };
  const text = (values: Readonly<Record<string, string>>): string[] =>
    Object.entries(values)
      .filter(([, value]) => value !== '')
      .map(([key, value]) => `${key}=${value}`);
  const section = (name: string, statements: readonly string[]): string =>
    [name, ...statements.map((statement) => `\t${statement}`)].join('\n');
  return `${section('config setup', text(setup))}\n${section('conn gw', [...text(connection), ...(times ?? []), ...(probes ?? [])])}\n`;
}
