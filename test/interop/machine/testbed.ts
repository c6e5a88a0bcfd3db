import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandOptions, type Finished, must, run } from './command.ts';
import { Daemon } from './daemon.ts';
import { check, pause, until } from './failures.ts';
import {
  type Families,
  type Host,
  hostOf,
  makeNetwork,
  on,
  type Place,
  placeOf,
  type Router,
  removeNetwork,
  type Seat,
} from './network.ts';

/** What a program on a router needs to know. */
export interface Placement {
  readonly router: Router;
  /** Names its log files. */
  readonly name: string;
  readonly argv: readonly string[];
  /** Standard output in a file of its own. */
  readonly output?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface TestbedOptions {
  readonly runFolder: string;
  /** Of the case. */
  readonly name: string;
  readonly families: Families;
  readonly signal: AbortSignal;
  readonly isRecorded: boolean;
  /** Nothing is captured. */
  readonly isMeasured: boolean;
}

/** The four routers for one case, a folder for its files, and everything that was started on them. */
export class Testbed {
  /** Configurations, logs, the trace. */
  readonly folder: string;
  /** What cases share. */
  readonly runFolder: string;
  /** Aborts when the case has used up its time or the user wants to stop. */
  readonly signal: AbortSignal;
  readonly families: Families;
  /** What our side records, one file for each time that it is started. */
  readonly recordings: string[] = [];
  readonly #isRecorded: boolean;
  readonly #verified: string[] = [];
  readonly #daemons: Daemon[] = [];

  private constructor({ runFolder, name, families, signal, isRecorded }: TestbedOptions) {
    this.families = families;
    this.runFolder = runFolder;
    this.folder = join(runFolder, name);
    this.signal = signal;
    this.#isRecorded = isRecorded;
  }

  static async make(options: TestbedOptions): Promise<Testbed> {
    const bed = new Testbed(options);
    mkdirSync(bed.folder, { recursive: true });
    await makeNetwork(options.families, options.isMeasured, options.signal);
    if (!options.isMeasured) await bed.#capture();
    return bed;
  }

  get verified(): readonly string[] {
    return this.#verified;
  }

  placeOf(router: Seat): Place {
    return placeOf(router, this.families);
  }

  /** The address of a host behind a gateway. */
  hostOf(router: Host): string {
    return hostOf(router, this.families);
  }

  get trace(): string {
    return join(this.folder, 'trace.pcap');
  }

  /** For the report: this has now been seen to work. */
  verify(what: string): void {
    if (!this.#verified.includes(what)) this.#verified.push(what);
  }

  /** A folder of its own for a program. */
  folderOf(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** The same with a short path, for unix sockets: the name of one has room for little more than 100 octets. */
  socketFolderOf(name: string): string {
    const folder = join(this.#sockets, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** A file for what one of ours records; undefined where nobody wants it. */
  recording(name: string): string | undefined {
    if (!this.#isRecorded) return undefined;
    const file = join(this.folder, `${name}.jsonl`);
    this.recordings.push(file);
    return file;
  }

  run(router: Router, argv: readonly string[], options: CommandOptions = {}): Promise<Finished> {
    return run([...on(router), ...argv], { signal: this.signal, ...options });
  }

  must(router: Router, argv: readonly string[], options: CommandOptions = {}): Promise<string> {
    return must([...on(router), ...argv], { signal: this.signal, ...options });
  }

  start({ router, name, argv, output, environment = {} }: Placement): Daemon {
    this.signal.throwIfAborted();
    const errors = join(this.folder, `${name}.out`);
    const daemon = new Daemon(name, [...on(router), ...argv], { output: output ?? errors, errors, environment });
    this.#daemons.push(daemon);
    return daemon;
  }

  until<T>(what: string, seconds: number, probe: () => Promise<T | undefined> | T | undefined): Promise<T> {
    return until(what, seconds, probe, this.signal);
  }

  pause(seconds: number): Promise<void> {
    return pause(seconds, this.signal);
  }

  /** Stops everything and takes the routers down. */
  async close(): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.stop('SIGTERM', 3)));
    await removeNetwork();
    rmSync(this.#sockets, { recursive: true, force: true });
  }

  get #sockets(): string {
    return join(this.runFolder, 'sockets');
  }

  async #capture(): Promise<void> {
    const filter = 'udp port 500 or udp port 4500 or udp portrange 20000-30000 or ip proto 50 or ip6 proto 50';
    const options = ['--immediate-mode', '-Z', 'root', '-U', '-s', '0', '-n'];
    const argv = ['tcpdump', ...options, '-i', 'eth1', '-w', this.trace, filter];
    const tcpdump = this.start({ router: 'R3', name: 'tcpdump', argv });
    const log = join(this.folder, 'tcpdump.out');
    await this.until('tcpdump on R3', 10, () => {
      check(tcpdump.running, `tcpdump ended; see ${log}`);
      return readFileSync(log, 'utf8').includes('listening on') || undefined;
    });
  }
}
