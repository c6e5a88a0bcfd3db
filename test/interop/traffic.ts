import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLog } from './gateways/observe.ts';
import type { Daemon } from './machine/daemon.ts';
import { check } from './machine/failures.ts';
import type { Host, Router } from './machine/network.ts';
import type { Testbed } from './machine/testbed.ts';
import { unwrapped } from './sequence.ts';

const OTHER: Readonly<Record<Host, Host>> = { R1: 'R4', R4: 'R1' };

/** Octets of ICMP data: every length of padding of an ESP packet, then sizes up to an inner packet in two fragments. */
const PING_SIZES: readonly number[] = [...Array.from({ length: 34 }, (_, size) => size), 200, 1300, 1372, 2000];

/** Waits until the first ping passes: the way is open. */
export async function awaitWay(bed: Testbed, from: Host = 'R1', seconds = 15): Promise<void> {
  await bed.until(`a way from ${from} to ${OTHER[from]}`, seconds, async () => {
    const { code } = await bed.run(from, ['ping', '-nqc1', '-W1', bed.hostOf(OTHER[from])]);
    return code === 0 || undefined;
  });
}

/** Pings of every size, both ways. */
export async function pingAllSizes(bed: Testbed): Promise<void> {
  await awaitWay(bed);
  // No router fragments IPv6: the first of a size may be told what the path carries, and so may its answer.
  const tries = bed.families.inner === 4 ? ['-c1', '-M', 'dont'] : ['-c3', '-i0.2', '-M', 'want'];
  for (const from of ['R1', 'R4'] as const) {
    for (const size of PING_SIZES) {
      const argv = ['ping', '-nq', ...tries, '-W3', '-s', `${size}`, bed.hostOf(OTHER[from])];
      const { code } = await bed.run(from, argv);
      check(code === 0, `ping with ${size} octets from ${from} to ${bed.hostOf(OTHER[from])} was lost`);
    }
  }
  bed.verify('pings of all sizes');
}

/** Sends so many octets over TCP, both ways, and compares what arrives. */
export async function transfer(bed: Testbed, octets: number, seconds: number): Promise<void> {
  const tcp = bed.families.inner === 4 ? 'TCP4' : 'TCP6';
  for (const from of ['R1', 'R4'] as const) {
    const source = join(bed.folder, `${from}.sent`);
    const target = join(bed.folder, `${from}.received`);
    writeFileSync(source, randomBytes(octets));
    const to = OTHER[from];
    const listen = ['socat', '-u', `${tcp}-LISTEN:5001,reuseaddr`, `CREATE:${target}`];
    const listener = bed.start({ router: to, name: `${to}-listener`, argv: listen });
    const address = bed.families.inner === 4 ? bed.hostOf(to) : `[${bed.hostOf(to)}]`;
    const connect = `${tcp}:${address}:5001,retry=50,interval=0.1`;
    await bed.must(from, ['socat', '-u', `OPEN:${source}`, connect], { seconds });
    await bed.until('the end of the transfer', seconds, () => !listener.running || undefined);
    check(sha256(source) === sha256(target), `${octets} octets from ${from} to ${to} arrived changed`);
  }
  bed.verify(`${octets / 1e6} MB of TCP both ways`);
}

/** Where steady pings come from, if not from R1. */
interface Origin {
  readonly router: Router;
  readonly address: string;
}

/** Pings from R1 to R4, or from elsewhere, at a steady pace while something else happens. */
export class SteadyPings {
  readonly #ping: Daemon;
  readonly #log: string;
  readonly #perSecond: number;

  constructor(bed: Testbed, name = 'pings', perSecond = 50, from?: Origin) {
    this.#log = join(bed.folder, `${name}.log`);
    this.#perSecond = perSecond;
    const source = from === undefined ? [] : ['-I', from.address];
    const argv = ['ping', '-n', '-D', '-i', `${1 / perSecond}`, ...source, bed.hostOf('R4')];
    this.#ping = bed.start({ router: from?.router ?? 'R1', name, argv, output: this.#log });
  }

  /** Ends the pings, each of which must have been answered once. Returns how many there were. */
  async finish(): Promise<number> {
    await this.stop();
    const log = readLog(this.#log);
    const sent = Number(/(\d+) packets transmitted/.exec(log)?.[1] ?? 0);
    const carried = [...log.matchAll(/icmp_seq=(\d+) ttl/g)].map((match) => Number(match[1]));
    const answered = new Set(unwrapped(carried));
    // Those of the last fifth of a second may have been on their way when ping was told to end.
    const due = sent - this.#perSecond / 5;
    const lost = Array.from({ length: Math.max(0, due) }, (_, index) => index + 1).filter((n) => !answered.has(n));
    check(due > 0, `no pings were sent; see ${this.#log}`);
    check(lost.length === 0, `${lost.length} of ${due} pings were lost (${ranges(lost)}); see ${this.#log}`);
    check(!log.includes('(DUP!)'), `pings were answered twice; see ${this.#log}`);
    return due;
  }

  async stop(): Promise<void> {
    await this.#ping.stop('SIGINT', 5);
  }
}

function ranges(numbers: readonly number[]): string {
  const [first, last] = [numbers.at(0), numbers.at(-1)];
  return numbers.length > 8 ? `between ${first} and ${last}` : numbers.join(', ');
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
