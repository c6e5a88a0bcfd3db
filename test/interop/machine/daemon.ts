import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface DaemonOptions {
  /** Standard output; standard error too, unless it has a file of its own. */
  readonly output: string;
  readonly errors?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A program that runs until it is stopped. It leads a process group, so that Ctrl-C reaches it only through us. */
export class Daemon {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #running = true;

  constructor(name: string, argv: readonly string[], { output, errors = output, environment = {} }: DaemonOptions) {
    const [program = '', ...rest] = argv;
    const out = openSync(output, 'a');
    const err = errors === output ? out : openSync(errors, 'a');
    this.name = name;
    this.#child = spawn(program, rest, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', out, err],
      detached: true,
    });
    closeSync(out);
    if (err !== out) closeSync(err);
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        this.#running = false;
        resolve();
      };
      this.#child.on('exit', end);
      this.#child.on('error', end);
    });
  }

  get running(): boolean {
    return this.#running;
  }

  /** 0 if it could not be started at all. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Undefined while it runs, and after an end by a signal. */
  get exitCode(): number | undefined {
    return this.#child.exitCode ?? undefined;
  }

  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks it to end, then makes it end. Returns whether it ended by itself. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', seconds = 5): Promise<boolean> {
    if (!this.#running) return true;
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), seconds * 1000);
    await this.#ended;
    clearTimeout(timer);
    return this.#child.signalCode !== 'SIGKILL';
  }

  async kill(): Promise<void> {
    if (!this.#running) return;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
