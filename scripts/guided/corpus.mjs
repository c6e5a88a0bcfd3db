// The corpus in the repository: one input a line, behind its door.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../../test/fuzzing/corpus.txt', import.meta.url);

/** Inputs by the name of their door. */
export function readCorpus() {
  const corpus = new Map();
  if (!existsSync(FILE)) return corpus;
  for (const line of readFileSync(FILE, 'utf8').split('\n')) {
    const [door, hex] = line.split('\t');
    if (hex === undefined) continue;
    const inputs = corpus.get(door) ?? [];
    corpus.set(door, inputs);
    inputs.push(Uint8Array.from(Buffer.from(hex, 'hex')));
  }
  return corpus;
}

export function writeCorpus(corpus) {
  const lines = [...corpus].flatMap(([door, inputs]) =>
    inputs.map((octets) => `${door}\t${Buffer.from(octets).toString('hex')}\n`),
  );
  writeFileSync(FILE, lines.join(''));
}
