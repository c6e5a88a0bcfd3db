/** A security gateway on UDP ports 500 and 4500, configured in Junos text; `USAGE` says how to start it. */
import { Show } from '@espalier/junos';
import { insideProgram, monotonicNow, UdpDriver } from '@espalier/node';
import { socketsOf, tunOf } from './common/input-output.ts';
import { closeOnSignal, runProgram } from './common/program.ts';
import { EchoHost } from './udp-gateway/echo-host.ts';
import { makeGateway } from './udp-gateway/make-gateway.ts';
import { narratorOf } from './udp-gateway/narrator.ts';
import { type Options, readOptions, USAGE } from './udp-gateway/options.ts';
import { reread } from './udp-gateway/reread.ts';
import { viewsText } from './udp-gateway/views.ts';

await runProgram(USAGE, readOptions, run);

async function run(options: Options): Promise<void> {
  const { bind, pki } = options;
  const narrator = narratorOf(options);
  const { gateway, configuration, holder } = makeGateway(options, narrator);
  const host = new EchoHost(configuration.interfaces, bind);
  const tun = await tunOf(options);
  const { openSocket, reason } = await socketsOf(options);
  narrator.say(`sockets: ${reason}`);
  const driver = await UdpDriver.open(gateway, {
    addresses: [bind],
    openSocket,
    inside: tun ?? insideProgram((packet) => host.answer(packet)),
    onEvent: (event) => narrator.happened(event),
    onQuestion: (question) => holder.answer(question, Date.now()),
  });
  narrator.started(`${bind}, UDP ports 500 and 4500`);
  if (tun === undefined) narrator.say(`answering ICMP echo for ${host.addresses.join(', ')}`);

  const show = new Show(gateway, configuration);
  process.on('SIGHUP', () => reread(pki, holder, narrator));
  process.on('SIGUSR1', () =>
    console.log(viewsText(monotonicNow(), show, pki === undefined ? undefined : holder.show())),
  );
  closeOnSignal(driver);
}
