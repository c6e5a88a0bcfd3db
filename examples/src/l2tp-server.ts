/** A server for L2TP clients: ESP in transport mode, and the control connections of L2TP behind it; `USAGE` says how to start it. */
import { autoEngine } from '@espalier/crypto/node';
import { Gateway } from '@espalier/gateway';
import { runProgram } from './common/program.ts';
import { systemRng } from './common/randomness.ts';
import { recordingInto } from './common/recording.ts';
import { serverConfig } from './l2tp-server/configuration.ts';
import { ControlConnections } from './l2tp-server/control-connections.ts';
import { L2tpInside } from './l2tp-server/l2tp-inside.ts';
import { type Options, readOptions, USAGE } from './l2tp-server/options.ts';
import { Driver } from './udp-gateway/driver.ts';
import { jsonNarrator, textNarrator } from './udp-gateway/narrator.ts';

await runProgram(USAGE, readOptions, run);

async function run(options: Options): Promise<void> {
  const { bind, record, json } = options;
  const narrator = (json ? jsonNarrator : textNarrator)((line) => console.log(line));
  const { engine } = autoEngine();
  const gateway = new Gateway({
    config: serverConfig(options),
    engine,
    rng: systemRng(),
    outside: 'udp',
    ...(record === undefined ? {} : { record: recordingInto(record, options.recordSecrets) }),
  });
  const inside = new L2tpInside(new ControlConnections(), (heard) => console.log(JSON.stringify(heard)));
  const driver = new Driver(gateway, bind, inside, narrator, () => undefined);
  await driver.start();
  narrator.started(`${bind}, UDP ports 500 and 4500`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => driver.stop());
}
