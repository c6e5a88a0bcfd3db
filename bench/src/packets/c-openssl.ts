import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { EspKeys, EspSuite } from '@espalier/crypto';
import { fromHex, toHex } from '@espalier/wire';
import type { Contender } from './contender.ts';

const SOURCES = ['esp.c', 'packets.c', 'sa.c'].map((name) =>
  fileURLToPath(new URL(`../../src/c/${name}`, import.meta.url)),
);

/** A C program on OpenSSL, running beside this process for as long as it is needed. */
export class OpensslProgram {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #waiting: { resolve(line: string): void; reject(error: Error): void }[] = [];

  private constructor(program: string, folder: string) {
    this.#folder = folder;
    this.#child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.#child.stdout === null) throw new Error('the C program has no output');
    createInterface(this.#child.stdout).on('line', (line) => this.#waiting.shift()?.resolve(line));
    this.#child.on('close', (code) => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`the C program ended with ${code}`));
    });
  }

  /** Compiles and starts it; undefined where there is no C compiler or no OpenSSL to compile against. */
  static start(): OpensslProgram | undefined {
    const folder = mkdtempSync(join(tmpdir(), 'espalier-bench-'));
    const program = join(folder, 'esp');
    const { status } = spawnSync('cc', ['-O2', '-o', program, ...SOURCES, '-lcrypto'], { stdio: 'ignore' });
    if (status === 0) return new OpensslProgram(program, folder);
    rmSync(folder, { recursive: true });
    return undefined;
  }

  /** The program's answer to one command. */
  ask(...words: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin?.write(`${words.join(' ')}\n`);
    });
  }

  stop(): void {
    this.#child.stdin?.end();
    rmSync(this.#folder, { recursive: true });
  }
}

/** The SAs that the program holds, with the same keys. It opens one packet over and over, from its nearest cache. */
export class OpensslContender implements Contender {
  readonly name = 'c-openssl';
  readonly batch = 1;
  readonly sas: number;
  readonly leavesGarbage = false;
  readonly #program: OpensslProgram;

  private constructor(program: OpensslProgram, sas: number) {
    this.#program = program;
    this.sas = sas;
  }

  static async create(program: OpensslProgram, suite: EspSuite, keys: EspKeys, sas: number): Promise<OpensslContender> {
    await program.ask('sa', suite.name, ...[keys.encryption, keys.salt, keys.integrity].map(hex));
    return new OpensslContender(program, sas);
  }

  async seal(inner: Uint8Array): Promise<Uint8Array> {
    return fromHex(await this.#program.ask('seal', hex(inner)));
  }

  async open(packet: Uint8Array): Promise<Uint8Array | undefined> {
    const answer = await this.#program.ask('open', hex(packet));
    return answer === 'refused' ? undefined : fromHex(answer);
  }

  async timeSeal(inner: Uint8Array, count: number): Promise<number> {
    return Number(await this.#program.ask('time-seal', String(count), String(this.sas), hex(inner))) / 1e6;
  }

  async timeOpen(packets: readonly Uint8Array[], count: number): Promise<number> {
    const [packet] = packets;
    if (packet === undefined) throw new RangeError('timeOpen: packets must not be empty');
    return Number(await this.#program.ask('time-open', String(count), String(this.sas), hex(packet))) / 1e6;
  }

  close(): void {}
}

function hex(octets: Uint8Array): string {
  return octets.length === 0 ? '-' : toHex(octets);
}
