import { readFileSync } from 'node:fs';
import type { EspSuite } from '@espalier/crypto';
import { autoEngine } from '@espalier/crypto/node';
import { Gateway, type GatewayConfig, type GatewayOptions, type PolicyConfig } from '@espalier/gateway';
import { type JunosConfiguration, JunosError, type JunosReading, legacyAlgorithms, readJunos } from '@espalier/junos';
import { systemRng } from '@espalier/node';
import { type Duration, milliseconds } from '@espalier/wire';
import { CertificateHolder } from '../common/certificate-holder.ts';
import { type Holdings, namesOf } from '../common/junos-pki.ts';
import { KeyLogFiles } from '../common/keylog.ts';
import { NO_HOLDINGS, readPkiFolder } from '../common/pki-folder.ts';
import { recordingInto } from '../common/recording.ts';
import type { Narrator } from './narrator.ts';
import type { Options } from './options.ts';

/** The gateway of a Junos text, and who answers for its certificates. */
export interface MadeGateway {
  readonly gateway: Gateway;
  readonly configuration: JunosConfiguration;
  readonly holder: CertificateHolder;
}

/** @throws Error that says where in which file something is wrong. */
export function makeGateway(options: Options, narrator: Narrator): MadeGateway {
  const holdings = options.pki === undefined ? NO_HOLDINGS : readPkiFolder(options.pki);
  const { configuration, notices } = read(options.config, holdings);
  for (const notice of notices) narrator.noticed(notice);
  const config = withSuites(configuration.gateway, options.suites);
  const allowLegacy = legacyAlgorithms(config);
  if (allowLegacy.length > 0) narrator.say(`legacy algorithms: ${allowLegacy.join(', ')}`);

  const keyLog = keyLogOf(options, narrator);
  const { engine, reason } = autoEngine();
  narrator.say(`engine ${engine.name}: ${reason}`);
  const gateway = new Gateway({
    config: { ...config, ...(options.initiate ? { establish: 'immediately' } : {}) },
    engine,
    rng: systemRng(),
    outside: 'udp',
    allowLegacy,
    ...(options.renewAfter === undefined ? {} : { softLifetime: renewedAfter(options.renewAfter) }),
    ...keyLog,
    ...recordOf(options, narrator),
  });
  return { gateway, configuration, holder: new CertificateHolder(configuration, holdings, engine) };
}

function read(file: string, holdings: Holdings): JunosReading {
  try {
    return readJunos(readFileSync(file, 'utf8'), namesOf(holdings));
  } catch (error) {
    if (error instanceof JunosError) throw new Error(`${file}, ${error.message}`, { cause: error });
    throw error;
  }
}

function withSuites(config: GatewayConfig, suites: readonly EspSuite[] | undefined): GatewayConfig {
  if (suites === undefined) return config;
  const replaced = (policy: PolicyConfig): PolicyConfig =>
    policy.action.kind === 'protect' ? { ...policy, action: { ...policy.action, suites } } : policy;
  return { ...config, policies: config.policies.map(replaced) };
}

/** As a soft lifetime, unless the hard one is over before. */
function renewedAfter(pause: Duration): (hard: Duration) => Duration {
  return (hard) => milliseconds(Math.min(pause, hard));
}

function keyLogOf({ keylog }: Options, narrator: Narrator): Pick<GatewayOptions, 'keyLog'> {
  if (keylog === undefined) return {};
  const files = new KeyLogFiles(keylog);
  narrator.say(`WARNING: every key is written to ${files.ikeFile} and ${files.espFile}`);
  return { keyLog: (entry) => files.write(entry) };
}

/** Each line is written at once: what comes last before a crash is what matters. */
function recordOf({ record, recordSecrets }: Options, narrator: Narrator): Pick<GatewayOptions, 'record'> {
  if (record === undefined) return {};
  const recording = recordingInto(record, recordSecrets);
  if (recordSecrets) narrator.say(`WARNING: ${record} holds the pre-shared keys, and every other key`);
  return { record: recording };
}
