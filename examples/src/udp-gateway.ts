/** A security gateway on UDP ports 500 and 4500, configured in Junos text; `USAGE` says how to start it. */
import { readFileSync } from 'node:fs';
import type { EspSuite } from '@espalier/crypto';
import { autoEngine } from '@espalier/crypto/node';
import { Gateway, type GatewayConfig, type PolicyConfig } from '@espalier/gateway';
import type { RecordingOptions } from '@espalier/ike';
import { JunosError, legacyAlgorithms, readJunos, Show } from '@espalier/junos';
import { type Duration, milliseconds } from '@espalier/wire';
import { CertificateHolder } from './common/certificate-holder.ts';
import { namesOf } from './common/junos-pki.ts';
import { KeyLogFiles } from './common/keylog.ts';
import { NO_HOLDINGS, readPkiFolder } from './common/pki-folder.ts';
import { systemRng } from './common/randomness.ts';
import { recordingInto } from './common/recording.ts';
import { type AnswerTo, Driver, now } from './udp-gateway/driver.ts';
import { EchoHost } from './udp-gateway/echo-host.ts';
import { EchoInside, type Inside, TunRelay } from './udp-gateway/inside.ts';
import { jsonNarrator, type Narrator, textNarrator } from './udp-gateway/narrator.ts';
import { type Options, readOptions, USAGE } from './udp-gateway/options.ts';
import { viewsText } from './udp-gateway/views.ts';

await main();

async function main(): Promise<void> {
  const options = readOptionsOrSay();
  if (options === undefined) return;
  try {
    await run(options);
  } catch (error) {
    const where = error instanceof JunosError ? `${options.config}, ` : '';
    process.stderr.write(`${where}${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}

function readOptionsOrSay(): Options | undefined {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options !== 'help') return options;
    process.stdout.write(USAGE);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${USAGE}`);
    process.exitCode = 2;
  }
  return undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function run(options: Options): Promise<void> {
  const narrator = (options.json ? jsonNarrator : textNarrator)((line) => console.log(line));
  const holdings = options.pki === undefined ? NO_HOLDINGS : readPkiFolder(options.pki);
  const { configuration, notices } = readJunos(readFileSync(options.config, 'utf8'), namesOf(holdings));
  for (const notice of notices) narrator.noticed(notice);
  const config = withSuites(configuration.gateway, options.suites);
  const allowLegacy = legacyAlgorithms(config);
  if (allowLegacy.length > 0) narrator.say(`legacy algorithms: ${allowLegacy.join(', ')}`);

  const keyLog = openKeyLog(options, narrator);
  const { engine, reason } = autoEngine();
  narrator.say(`engine ${engine.name}: ${reason}`);
  const gateway = new Gateway({
    config: {
      ...config,
      ...(options.initiate ? { establish: 'immediately' } : {}),
    },
    engine,
    rng: systemRng(),
    outside: 'udp',
    allowLegacy,
    ...(options.renewAfter === undefined ? {} : { softLifetime: renewedAfter(options.renewAfter) }),
    ...(keyLog === undefined ? {} : { keyLog: (entry) => keyLog.write(entry) }),
    ...(options.record === undefined ? {} : { record: openRecording(options.record, options.recordSecrets, narrator) }),
  });
  const host = new EchoHost(configuration.interfaces, options.bind);
  const holder = new CertificateHolder(configuration, holdings, engine);
  const answerTo: AnswerTo = (question) => holder.answer(question, Date.now());
  const driver = new Driver(gateway, options.bind, insideOf(options, host, narrator), narrator, answerTo);
  await driver.start();
  narrator.started(`${options.bind}, UDP ports 500 and 4500`);
  if (options.tun === undefined) narrator.say(`answering ICMP echo for ${host.addresses.join(', ')}`);

  const show = new Show(gateway, configuration);
  process.on('SIGHUP', () => reread(options, holder, narrator));
  process.on('SIGUSR1', () =>
    console.log(viewsText(now(), show, options.pki === undefined ? undefined : holder.show())),
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => driver.stop());
}

/** CRLs that have been fetched anew, and put into the folder. */
function reread({ pki: folder }: Options, holder: CertificateHolder, narrator: Narrator): void {
  if (folder === undefined) return;
  try {
    const { crls } = readPkiFolder(folder);
    holder.renew(crls);
    narrator.say(`CRLs of ${[...crls.keys()].join(', ')}`);
  } catch (error) {
    narrator.say(`CRLs as they were: ${messageOf(error)}`);
  }
}

function withSuites(config: GatewayConfig, suites: readonly EspSuite[] | undefined): GatewayConfig {
  if (suites === undefined) return config;
  const replaced = (policy: PolicyConfig): PolicyConfig =>
    policy.action.kind === 'protect' ? { ...policy, action: { ...policy.action, suites } } : policy;
  return { ...config, policies: config.policies.map(replaced) };
}

function insideOf({ tun }: Options, host: EchoHost, narrator: Narrator): Inside {
  return tun === undefined ? new EchoInside(host) : new TunRelay(tun, (error) => narrator.failed('TUN relay', error));
}

/** Each line is written at once: what comes last before a crash is what matters. */
function openRecording(file: string, secrets: boolean, narrator: Narrator): RecordingOptions {
  const recording = recordingInto(file, secrets);
  if (secrets) narrator.say(`WARNING: ${file} holds the pre-shared keys, and every other key`);
  return recording;
}

function openKeyLog({ keylog }: Options, narrator: Narrator): KeyLogFiles | undefined {
  if (keylog === undefined) return undefined;
  const files = new KeyLogFiles(keylog);
  narrator.say(`WARNING: every key is written to ${files.ikeFile} and ${files.espFile}`);
  return files;
}

/** As a soft lifetime, unless the hard one is over before. */
function renewedAfter(pause: Duration): (hard: Duration) => Duration {
  return (hard) => milliseconds(Math.min(pause, hard));
}
