import { readFileSync } from 'node:fs';
import { readJunos } from '@espalier/junos';
import type { Part } from './run.ts';

const CONFIGURATION = new URL('../../../examples/configs/R2.conf', import.meta.url);

export function junosParts(): readonly Part[] {
  const text = readFileSync(CONFIGURATION, 'utf8');
  const lines = text.trimEnd().split('\n').length;
  return [{ name: `read a Junos configuration of ${lines} lines`, run: () => readJunos(text) }];
}
