/** A gateway for users on the road, and a client of one: XAuth and Mode Config; `USAGE` says how to start either. */
import { autoEngine } from '@espalier/crypto/node';
import { Gateway } from '@espalier/gateway';
import { AddressPool, type Answer, Passwords, type Question } from '@espalier/ike';
import { systemRng, UdpDriver } from '@espalier/node';
import { fromAscii } from '@espalier/wire';
import { socketsOf, tunOf } from './common/input-output.ts';
import { closeOnSignal, runProgram } from './common/program.ts';
import { recordingInto } from './common/recording.ts';
import { clientConfig, gatewayConfig } from './road-warrior/configuration.ts';
import { type Options, readOptions, USAGE } from './road-warrior/options.ts';
import { signingFrom } from './road-warrior/signing.ts';
import { narratorOf } from './udp-gateway/narrator.ts';

await runProgram(USAGE, readOptions, run);

async function run(options: Options): Promise<void> {
  const { side, bind, pool: ipv4, dns, user, password, record, pki } = options;
  const pool = new AddressPool({ ipv4, ...(dns === undefined ? {} : { dns: [dns] }) });
  const passwords = new Passwords([{ userName: user, password: fromAscii(password) }]);
  const narrator = narratorOf(options);
  const { engine } = autoEngine();
  const signing = pki === undefined ? undefined : signingFrom(pki, engine);
  const gateway = new Gateway({
    config: side === 'gateway' ? gatewayConfig(options, signing) : clientConfig(options, signing),
    engine,
    rng: systemRng(),
    outside: 'udp',
    ...(record === undefined ? {} : { record: recordingInto(record, options.recordSecrets) }),
  });
  const onQuestion = (question: Question): Answer | undefined => {
    if (question.kind === 'verify-credentials') return passwords.answer(question);
    if (question.kind === 'lease') return pool.answer(question);
    return signing?.answer(question);
  };
  const inside = await tunOf(options);
  const { openSocket } = await socketsOf(options);
  const driver = await UdpDriver.open(gateway, {
    addresses: [bind],
    openSocket,
    onEvent(event) {
      // The pool hears of every event before people do.
      pool.handleEvent(event);
      narrator.happened(event);
    },
    onQuestion,
    ...(inside === undefined ? {} : { inside }),
  });
  narrator.started(`${bind}, UDP ports 500 and 4500`);
  closeOnSignal(driver);
}
