/** A server for L2TP clients: ESP in transport mode, and the control connections of L2TP behind it; `USAGE` says how to start it. */
import { autoEngine } from '@espalier/crypto/node';
import { Gateway } from '@espalier/gateway';
import { insideProgram, systemRng, UdpDriver } from '@espalier/node';
import { closeOnSignal, runProgram } from './common/program.ts';
import { recordingInto } from './common/recording.ts';
import { serverConfig } from './l2tp-server/configuration.ts';
import { ControlConnections } from './l2tp-server/control-connections.ts';
import { L2tpInside } from './l2tp-server/l2tp-inside.ts';
import { type Options, readOptions, USAGE } from './l2tp-server/options.ts';
import { narratorOf } from './udp-gateway/narrator.ts';

await runProgram(USAGE, readOptions, run);

async function run(options: Options): Promise<void> {
  const { bind, record } = options;
  const narrator = narratorOf(options);
  const gateway = new Gateway({
    config: serverConfig(options),
    engine: autoEngine().engine,
    rng: systemRng(),
    outside: 'udp',
    ...(record === undefined ? {} : { record: recordingInto(record, options.recordSecrets) }),
  });
  const server = new L2tpInside(new ControlConnections(), (heard) => console.log(JSON.stringify(heard)));
  const driver = await UdpDriver.open(gateway, {
    addresses: [bind],
    onEvent: (event) => narrator.happened(event),
    inside: insideProgram((packet, caller) => server.deliver(packet, caller)),
  });
  narrator.started(`${bind}, UDP ports 500 and 4500`);
  closeOnSignal(driver);
}
