import { availableParallelism, cpus } from 'node:os';

/** Where and when something was measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
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
    cores: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    openssl: process.versions.openssl,
    date: new Date().toISOString().slice(0, 10),
  };
}

export function describeMachine({ processor, cores, platform, node, openssl, date }: Machine): string {
  return `${processor}, ${cores} cores, ${platform}, Node ${node} with OpenSSL ${openssl}, ${date}`;
}
