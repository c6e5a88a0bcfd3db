import type { Testbed } from '../machine/testbed.ts';

/** How many frames of the trace pass one of Wireshark's display filters. */
export async function framesOf(bed: Testbed, filter: string): Promise<number> {
  return (await fieldsOf(bed, filter, 'frame.number')).length;
}

/** One field of each of these frames. */
export async function fieldsOf(bed: Testbed, filter: string, field: string): Promise<readonly string[]> {
  const argv = ['tshark', '-n', '-r', bed.trace, '-Y', filter, '-T', 'fields', '-e', field];
  const { stdout } = await bed.run('R3', argv);
  return stdout.split('\n').filter((line) => line !== '');
}
