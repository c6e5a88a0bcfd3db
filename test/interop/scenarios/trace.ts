import type { Testbed } from '../machine/testbed.ts';

/** How many frames of the trace pass one of Wireshark's display filters. */
export async function framesOf(bed: Testbed, filter: string): Promise<number> {
  const { stdout } = await bed.run('R3', [
    'tshark',
    '-n',
    '-r',
    bed.trace,
    '-Y',
    filter,
    '-T',
    'fields',
    '-e',
    'frame.number',
  ]);
  return stdout.split('\n').filter((line) => line !== '').length;
}
