/** Shows a recording of an IKE endpoint step by step, doing it all again; `USAGE` says how to start it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { autoEngine } from '@espalier/crypto/node';
import { messageOf } from './common/program.ts';
import { tellRecording } from './replay/story.ts';

const SAMPLE = fileURLToPath(new URL('../recordings/handshake.jsonl', import.meta.url));
const USAGE = `\
Usage: node examples/dist/replay.js [FILE] [--to STEP]
  FILE       a recording, as udp-gateway writes it with --record, or one by gzip, with a name in .gz; without it, a
             handshake that comes with this program
  --to STEP  ends after this step
`;

const args = process.argv.slice(2);
const at = args.indexOf('--to');
const last = at < 0 ? Number.POSITIVE_INFINITY : Number(args[at + 1] || Number.NaN);
const [file = SAMPLE] = args.filter((_, i) => at < 0 || (i !== at && i !== at + 1));
if (args.includes('--help')) {
  process.stdout.write(USAGE);
} else if (at >= 0 && !(Number.isInteger(last) && last >= 0)) {
  process.stderr.write(`--to must be the number of a step\n${USAGE}`);
  process.exitCode = 2;
} else {
  show(file, last);
}

function textOf(file: string): string {
  const octets = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(octets) : octets).toString('utf8');
}

function show(file: string, last: number): void {
  try {
    for (const line of tellRecording(textOf(file), autoEngine().engine, last)) console.log(line);
  } catch (error) {
    process.stderr.write(`${file}, ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
