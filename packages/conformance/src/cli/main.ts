#!/usr/bin/env node
import { run } from './run.ts';

const calledOff = new AbortController();
// The second one is the system's.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => calledOff.abort());
// Whoever reads the output and stops has seen enough.
process.stdout.on('error', () => calledOff.abort());

process.exitCode = await run(process.argv.slice(2), {
  say: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  signal: calledOff.signal,
});
