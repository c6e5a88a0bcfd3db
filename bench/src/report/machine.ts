import { availableParallelism, cpus } from 'node:os';

/** Where and when something was measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** Of these, those that this process may use. */
  readonly usedCores: number;
  readonly platform: string;
  readonly node: string;
  /** That of node:crypto. */
  readonly openssl: string;
  /** ISO 8601, the day. */
  readonly date: string;
}

export function thisMachine(): Machine {
  return {
    processor: (cpus()[0]?.model ?? 'unknown processor').replace(/\s+/g, ' ').trim(),
    cores: cpus().length,
    usedCores: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    openssl: process.versions.openssl,
    date: new Date().toISOString().slice(0, 10),
  };
}

export function describeMachine({ processor, cores, usedCores, platform, node, openssl, date }: Machine): string {
  const used = usedCores < cores ? ` (${usedCores} used)` : '';
  return `${processor}, ${cores} ${cores === 1 ? 'core' : 'cores'}${used}, ${platform}, Node ${node} with OpenSSL ${openssl}, ${date}`;
}
