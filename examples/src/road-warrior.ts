/** A gateway for users on the road, and a client of one: XAuth and Mode Config; `USAGE` says how to start either. */
import { autoEngine } from '@espalier/crypto/node';
import { Gateway } from '@espalier/gateway';
import { AddressPool, Passwords } from '@espalier/ike';
import { fromAscii } from '@espalier/wire';
import { runProgram } from './common/program.ts';
import { systemRng } from './common/randomness.ts';
import { recordingInto } from './common/recording.ts';
import { clientConfig, gatewayConfig } from './road-warrior/configuration.ts';
import { NothingInside } from './road-warrior/nothing-inside.ts';
import { type Options, readOptions, USAGE } from './road-warrior/options.ts';
import { signingFrom } from './road-warrior/signing.ts';
import { type AnswerTo, Driver } from './udp-gateway/driver.ts';
import { TunRelay } from './udp-gateway/inside.ts';
import { jsonNarrator, type Narrator, textNarrator } from './udp-gateway/narrator.ts';

await runProgram(USAGE, readOptions, run);

async function run(options: Options): Promise<void> {
  const { side, bind, pool: ipv4, dns, user, password, tun, record, pki } = options;
  const pool = new AddressPool({ ipv4, ...(dns === undefined ? {} : { dns: [dns] }) });
  const passwords = new Passwords([{ userName: user, password: fromAscii(password) }]);
  const narrator = takingBack(
    pool,
    (options.json ? jsonNarrator : textNarrator)((line) => console.log(line)),
  );
  const { engine } = autoEngine();
  const signing = pki === undefined ? undefined : signingFrom(pki, engine);
  const gateway = new Gateway({
    config: side === 'gateway' ? gatewayConfig(options, signing) : clientConfig(options, signing),
    engine,
    rng: systemRng(),
    outside: 'udp',
    ...(record === undefined ? {} : { record: recordingInto(record, options.recordSecrets) }),
  });
  const answerTo: AnswerTo = (question) => {
    if (question.kind === 'verify-credentials') return passwords.answer(question);
    if (question.kind === 'lease') return pool.answer(question);
    return signing?.answer(question);
  };
  const inside =
    tun === undefined ? new NothingInside() : new TunRelay(tun, (error) => narrator.failed('TUN relay', error));
  const driver = new Driver(gateway, bind, inside, narrator, answerTo);
  await driver.start();
  narrator.started(`${bind}, UDP ports 500 and 4500`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => driver.stop());
}

/** The pool hears of every event before people do. */
function takingBack(pool: AddressPool, narrator: Narrator): Narrator {
  return {
    ...narrator,
    happened: (event) => {
      pool.handleEvent(event);
      narrator.happened(event);
    },
  };
}
