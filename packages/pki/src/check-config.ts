import { requireAll, requireArray, requireChoice, requireObject, requireOctets, requireRead } from './arguments.ts';
import type { Credential, PkiConfig } from './config.ts';
import { belongsTo } from './keys/belongs.ts';
import type { ChainQuestion } from './verdict.ts';

/** @throws TypeError or RangeError naming the member that is not what it should be. */
export function checkConfig(config: PkiConfig): void {
  requireObject('config', config);
  const { trustAnchors, certificates, crls, ocspResponses, credentials, expected, engine, chainEncoding } = config;
  requireAll('trustAnchors', trustAnchors);
  requireAll('certificates', certificates ?? []);
  requireAll('crls', crls ?? []);
  requireAll('ocspResponses', ocspResponses ?? []);
  requireArray('credentials', credentials ?? []);
  for (const [i, credential] of (credentials ?? []).entries()) checkCredential(`credentials[${i}]`, credential);
  if (expected !== undefined) requireArray('expected', expected);
  for (const [i, one] of (expected ?? []).entries()) requireObject(`expected[${i}]`, one);
  if (engine !== undefined) requireObject('engine', engine);
  if (engine !== undefined) requireObject('engine.signatures', engine.signatures);
  requireChoice('chainEncoding', chainEncoding ?? 'x509', ['x509', 'pkcs7', 'end-entity']);
}

/** @throws TypeError naming the member that is not what it should be. */
export function checkQuestion(question: ChainQuestion): void {
  requireObject('question', question);
  requireObject('question.identity', question.identity);
  requireOctets('question.identity.data', question.identity.data);
  requireArray('question.certificates', question.certificates);
  for (const [i, certificate] of question.certificates.entries()) {
    requireObject(`question.certificates[${i}]`, certificate);
    requireOctets(`question.certificates[${i}].data`, certificate.data);
  }
}

function checkCredential(argument: string, credential: Credential): void {
  requireObject(argument, credential);
  const { certificate, key, issuers } = credential;
  requireRead(`${argument}.certificate`, certificate);
  requireAll(`${argument}.issuers`, issuers ?? []);
  requireObject(`${argument}.key`, key);
  if (!belongsTo(key, certificate)) throw new RangeError(`${argument}.key: is not that of its certificate`);
}
