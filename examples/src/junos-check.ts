/** Says what a Junos configuration means here: its tunnels, and what of it is not read. `USAGE` says how to start it. */
import { readFileSync } from 'node:fs';
import { JunosError, readJunos } from '@espalier/junos';
import { messageOf } from './common/program.ts';
import { describeReading } from './junos-check/describe.ts';

const USAGE = `\
Usage: npm run -s junos-check FILE
  FILE  what \`show configuration\` prints on a router, with braces or by \`| display set\`; - is standard input
`;

const [file, ...more] = process.argv.slice(2);
if (file === undefined || more.length > 0 || file === '--help') {
  process.stderr.write(USAGE);
  process.exitCode = file === '--help' ? 0 : 2;
} else check(file);

function check(name: string): void {
  try {
    process.stdout.write(describeReading(readJunos(readFileSync(name === '-' ? 0 : name, 'utf8'))));
  } catch (error) {
    const where = error instanceof JunosError ? `${name}, ` : '';
    process.stderr.write(`${where}${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
