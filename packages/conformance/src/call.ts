import { type ChildProcess, spawn } from 'node:child_process';

/** How a command ended: by itself or when it was told to, by a fault of its own, or not until it was killed. */
export interface CallEnd {
  readonly fault: 'crashed' | 'hung' | undefined;
  /** Of one that ended by itself. */
  readonly status: number | undefined;
}

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
  #hasCrashed = false;
  #status: number | undefined;

  constructor(command: string) {
    this.#child = spawn('sh', ['-c', command], { detached: true, stdio: 'ignore' });
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', () => resolve());
      this.#child.on('exit', (code, signal) => {
        this.#isOver = true;
        this.#status = code ?? undefined;
        this.#hasCrashed = FAULTS.some((fault) => fault === signal) || FAULT_CODES.includes(code ?? 0);
        resolve();
      });
    });
  }

  /** Ends it and all that it has started. */
  async end(): Promise<CallEnd> {
    this.#signal('SIGTERM');
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS);
    });
    await Promise.race([this.#ended, patience]);
    clearTimeout(timer);
    if (this.#isOver) return { fault: this.#hasCrashed ? 'crashed' : undefined, status: this.#status };
    this.#signal('SIGKILL');
    await this.#ended;
    return { fault: 'hung', status: undefined };
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
