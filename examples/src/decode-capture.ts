/**
 * Decodes IKEv1 and ESP in a capture (pcap or pcapng), and decrypts what the keys allow.
 *
 *     node examples/dist/decode-capture.js TRACE.pcap [--keys FILE]... [--json]
 *
 * A key file is the JSON of a recorded session, or lines of Wireshark's ikev1_decryption_table or esp_sa. Exit status: 0,
 * or 1 when the capture is damaged (what could be read is printed all the same), or 2 when the arguments are wrong.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Decoder, type KeyRing, readCapture, readKeys, toJson, toText } from '@espalier/capture';
import { nobleEngine } from '@espalier/crypto';

const USAGE = `\
Usage: node examples/dist/decode-capture.js TRACE.pcap [--keys FILE]... [--json]
  --keys FILE   lines of Wireshark's ikev1_decryption_table or esp_sa, or the JSON of a recorded session
  --json        one observation a line as JSON
  --help        prints this
`;

process.exitCode = main();

function main(): number {
  const input = readInput();
  if (input === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (input instanceof Error) {
    process.stderr.write(`${input.message}\n${USAGE}`);
    return 2;
  }
  const { frames, reason } = readCapture(input.capture);
  const decoder = new Decoder(nobleEngine(), input.keys);
  const print = input.json ? toJson : toText;
  for (const frame of frames) {
    for (const observation of decoder.decode(frame)) console.log(print(observation));
  }
  if (reason === undefined) return 0;
  console.error(`${input.file}: reading stopped after ${frames.length} frames: ${reason}`);
  return 1;
}

interface Input {
  readonly file: string;
  readonly capture: Uint8Array;
  readonly keys: KeyRing;
  readonly json: boolean;
}

/** What was asked for, or what is wrong with it. */
function readInput(): Input | 'help' | Error {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        keys: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return new Error('one capture is needed');
    const keys = readKeys(values.keys.map((name) => ({ name, text: readFileSync(name, 'utf8') })));
    return { file, capture: readFileSync(file), keys, json: values.json };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
