/** A server for L2TP clients: ESP in transport mode, and the control connections of L2TP behind it; `USAGE` says how to start it. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { autoEngine } from '@espalier/crypto/node';
import { Gateway } from '@espalier/gateway';
import type { RecordingOptions } from '@espalier/ike';
import { systemRng } from './common/randomness.ts';
import { serverConfig } from './l2tp-server/configuration.ts';
import { ControlConnections } from './l2tp-server/control-connections.ts';
import { L2tpInside } from './l2tp-server/l2tp-inside.ts';
import { type Options, readOptions, USAGE } from './l2tp-server/options.ts';
import { Driver } from './udp-gateway/driver.ts';
import { jsonNarrator, textNarrator } from './udp-gateway/narrator.ts';

await main();

async function main(): Promise<void> {
  try {
    const options = readOptions(process.argv.slice(2), process.env);
    if (options === 'help') process.stdout.write(USAGE);
    else await run(options);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exitCode = 2;
  }
}

async function run(options: Options): Promise<void> {
  const { bind, record, json } = options;
  const narrator = (json ? jsonNarrator : textNarrator)((line) => console.log(line));
  const { engine } = autoEngine();
  const gateway = new Gateway({
    config: serverConfig(options),
    engine,
    rng: systemRng(),
    outside: 'udp',
    ...(record === undefined ? {} : { record: openRecording(record, options.recordSecrets) }),
  });
  const inside = new L2tpInside(new ControlConnections(), (heard) => console.log(JSON.stringify(heard)));
  const driver = new Driver(gateway, bind, inside, narrator, () => undefined);
  await driver.start();
  narrator.started(`${bind}, UDP ports 500 and 4500`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => driver.stop());
}

function openRecording(file: string, secrets: boolean): RecordingOptions {
  writeFileSync(file, '', { mode: 0o600 });
  return { secrets, write: (line) => appendFileSync(file, `${line}\n`) };
}
