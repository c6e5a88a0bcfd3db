import { spawn } from 'node:child_process';
import { Late, Wrong } from './failures.ts';

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Ended (SIGKILL) after so many seconds; default 20. */
  readonly seconds?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program to its end. A program that ends with an error is an answer too. */
export function run(argv: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const [program = '', ...rest] = argv;
  const { seconds = 20, environment = {}, folder, signal } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    let late = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, seconds * 1000);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (late) reject(new Late(`${argv.join(' ')}: still running after ${seconds} s`));
      else resolve({ code: code ?? -1, stdout, stderr });
    });
  });
}

/** Runs a program that must succeed, and returns what it printed. */
export async function must(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(argv, options);
  if (code !== 0) throw new Wrong(`${argv.join(' ')}: exit status ${code}\n${tail(stderr + stdout)}`);
  return stdout;
}

function tail(text: string): string {
  return text.trim().split('\n').slice(-12).join('\n');
}
