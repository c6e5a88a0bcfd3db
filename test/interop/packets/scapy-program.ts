import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromHex, toHex } from '@espalier/wire';
import { check } from '../machine/failures.ts';
import type { Testbed } from '../machine/testbed.ts';
import type { ScapyAlgorithms } from './scapy-algorithms.ts';

/** One SA, as scapy builds it. */
export interface ScapySa extends ScapyAlgorithms {
  readonly protocol: 'esp' | 'ah';
  readonly spi: number;
  readonly sequence: number;
  /** Extended sequence numbers, and which the high half is. */
  readonly sequenceHigh?: number;
  readonly tunnel?: { readonly source: string; readonly destination: string };
  readonly udp?: { readonly sourcePort: number; readonly destinationPort: number };
}

export interface ScapyJob {
  readonly do: 'seal' | 'open';
  readonly sa: ScapySa;
  /** A whole IP packet. */
  readonly packet: Uint8Array;
}

/** A whole IP packet, or what scapy says against it. */
export type ScapyAnswer = Uint8Array | string;

// Compiled, this lies in dist.
const PROGRAM = fileURLToPath(new URL('../../programs/scapy-sas.py', import.meta.url));

/** Has scapy do all jobs, in one process: to load it takes longer than to do hundreds of them. */
export async function askScapy(bed: Testbed, name: string, jobs: readonly ScapyJob[]): Promise<readonly ScapyAnswer[]> {
  const file = join(bed.folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(jobs, inHex));
  // Not the first python3 of the path, which need not be Debian's.
  const answers: unknown = JSON.parse(await bed.must('R2', ['/usr/bin/python3', PROGRAM, file], { seconds: 120 }));
  check(Array.isArray(answers) && answers.length === jobs.length, `scapy did not answer each of ${jobs.length} jobs`);
  return answers.map(answerOf);
}

function answerOf(answer: unknown): ScapyAnswer {
  check(typeof answer === 'object' && answer !== null, 'scapy answered no object');
  if ('packet' in answer) return fromHex(String(answer.packet));
  return 'error' in answer ? String(answer.error) : 'no answer';
}

function inHex(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? toHex(value) : value;
}
