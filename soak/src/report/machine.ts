import { cpus, totalmem } from 'node:os';

/** Where a run was made, for people. */
export function machine(): string {
  const [first] = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const name = first?.model.trim() || 'a processor without a name';
  return `${name}, ${cpus().length} cores, ${memory} GiB, Node ${process.versions.node}`;
}
