import { type ChildProcess, spawn } from 'node:child_process';

/** Milliseconds after which what does not end by itself is ended. */
const PATIENCE_MS = 3000;
/** What a program is killed by that has a fault, and how a shell says so. */
const FAULTS = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE'] as const;
const FAULT_CODES: readonly number[] = [139, 134, 135, 132, 136];

/** A command that has the target call. */
export class Call {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #isOver = false;
  /** It ended by a fault of its own. */
  hasCrashed = false;

  constructor(command: string) {
    this.#child = spawn('sh', ['-c', command], { detached: true, stdio: 'ignore' });
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', () => resolve());
      this.#child.on('exit', (code, signal) => {
        this.#isOver = true;
        this.hasCrashed = FAULTS.some((fault) => fault === signal) || FAULT_CODES.includes(code ?? 0);
        resolve();
      });
    });
  }

  /** Whether it ended when it was told to, and did not have to be killed. */
  async end(): Promise<boolean> {
    this.#signal('SIGTERM');
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS);
    });
    await Promise.race([this.#ended, patience]);
    clearTimeout(timer);
    if (this.#isOver) return true;
    this.#signal('SIGKILL');
    await this.#ended;
    return false;
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#isOver) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It has just ended.
    }
  }
}
