/**
 * Decodes IKE and ESP in a capture (pcap, pcapng or snoop, compressed by gzip or not), and decrypts what the keys allow.
 *
 *     node examples/dist/decode-capture.js TRACE.pcap [--keys FILE]... [--port N]... [--report] [--json] [--write OUT.pcapng]
 *
 * A key file is the JSON of a recorded session, or lines of Wireshark's ikev1_decryption_table or esp_sa. Exit status: 0,
 * or 1 when the capture is damaged, or nothing of IPsec could be looked at in it (what could be read is printed all the
 * same), or 2 when the arguments are wrong, or a file cannot be read or written.
 */
import { createReadStream, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  CaptureReader,
  framesOf,
  type KeyRing,
  Observer,
  readKeys,
  reportText,
  toJson,
  toText,
  unreadText,
} from '@espalier/capture';
import { InnerPackets } from './decode-capture/inner-packets.ts';

const USAGE = `\
Usage: node examples/dist/decode-capture.js TRACE.pcap [--keys FILE]... [--port N]... [--report] [--json] [--write OUT.pcapng]
  --keys FILE   lines of Wireshark's ikev1_decryption_table or esp_sa, or the JSON of a recorded session
  --port N      a UDP or TCP port at which IKE and ESP are looked for, beside 500, 848 and 4500
  --report      what all frames show together: SAs, exchanges, failures, an assessment
  --json        one observation a line as JSON, and the report as one more
  --write FILE  the packets that were decrypted, as a capture of plain IP
  --help        prints this
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const input = readInput();
  if (input === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (input instanceof Error) {
    process.stderr.write(`${input.message}\n${USAGE}`);
    return 2;
  }
  try {
    return await decode(input);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    process.stderr.write(`${error.message}\n${USAGE}`);
    return 2;
  }
}

interface Input {
  readonly file: string;
  readonly keys: KeyRing;
  readonly ports: readonly number[];
  readonly json: boolean;
  readonly report: boolean;
  readonly write: string | undefined;
}

/** Frame by frame: neither the capture nor what it holds is ever in memory whole. */
async function decode({ file, keys, ports, json, report, write }: Input): Promise<number> {
  for (const note of keys.notes) console.error(note);
  const reader = new CaptureReader();
  const observer = new Observer({ keys, ports });
  const print = json ? toJson : toText;
  const inner = write === undefined ? undefined : new InnerPackets(write);
  for await (const frames of framesOf(createReadStream(file), reader)) {
    for (const frame of frames) {
      for (const observation of observer.push(frame)) {
        console.log(print(observation));
        await inner?.take(observation);
      }
    }
  }
  await inner?.close();

  const whole = observer.report();
  if (report) console.log(json ? JSON.stringify({ kind: 'report', ...whole }) : `\n${reportText(whole)}`);
  else for (const line of unreadText(whole)) console.error(line);
  for (const [name, count] of reader.passedOver) console.error(`${file}: ${count} blocks passed over: ${name}`);
  const { isakmp, esp, ah, keepalive, icmp } = whole.observations;
  const found = isakmp + esp + ah + keepalive + icmp;
  if (reader.fault === undefined) return found === 0 && whole.frames > 0 ? 1 : 0;
  const { offset, reason } = reader.fault;
  console.error(`${file}: reading stopped after ${reader.frames} frames, at octet ${offset}: ${reason}`);
  return 1;
}

/** What was asked for, or what is wrong with it. */
function readInput(): Input | 'help' | Error {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        keys: { type: 'string', multiple: true, default: [] },
        port: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
        report: { type: 'boolean', default: false },
        write: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return new Error('one capture is needed');
    const keys = readKeys(values.keys.map((name) => ({ name, text: readFileSync(name, 'utf8') })));
    return {
      file,
      keys,
      ports: values.port.map(readPort),
      json: values.json,
      report: values.report,
      write: values.write,
    };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new RangeError(`--port ${text}: not a port`);
  return port;
}
