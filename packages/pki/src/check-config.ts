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

/** @throws TypeError */
export function requireObject(argument: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${argument} must be an object`);
}

/** @throws TypeError unless it is text; RangeError for one that is not among the choices. */
export function requireChoice(argument: string, value: unknown, choices: readonly string[]): void {
  if (typeof value === 'string' && choices.includes(value)) return;
  const message = `${argument} must be one of ${choices.map((one) => `'${one}'`).join(', ')}`;
  throw typeof value === 'string' ? new RangeError(message) : new TypeError(message);
}

/** @throws TypeError unless it is a number; RangeError unless it is from `least` to `most`. */
export function requireNumber(argument: string, value: unknown, least: number, most: number): void {
  if (typeof value !== 'number') throw new TypeError(`${argument} must be a number`);
  if (!(least <= value && value <= most)) throw new RangeError(`${argument} must be ${least} to ${most}`);
}

/** @throws TypeError */
export function requireTexts(argument: string, values: unknown): void {
  const isList = Array.isArray(values) && values.every((one) => typeof one === 'string');
  if (!isList) throw new TypeError(`${argument} must be a list of object identifiers`);
}

/** What the readers of this package have made of octets. @throws TypeError */
export function requireRead(argument: string, value: unknown): void {
  const isRead = typeof value === 'object' && value !== null && 'octets' in value && 'signed' in value;
  if (!isRead) throw new TypeError(`${argument} must have been read: certificatesFrom and crlsFrom read files`);
}

function requireOctets(argument: string, value: unknown): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${argument} must be a Uint8Array`);
}

function checkCredential(argument: string, credential: Credential): void {
  requireObject(argument, credential);
  const { certificate, key, issuers } = credential;
  requireRead(`${argument}.certificate`, certificate);
  requireAll(`${argument}.issuers`, issuers ?? []);
  requireObject(`${argument}.key`, key);
  if (!belongsTo(key, certificate)) throw new RangeError(`${argument}.key: is not that of its certificate`);
}

function requireArray(argument: string, values: unknown): asserts values is readonly unknown[] {
  if (!Array.isArray(values)) throw new TypeError(`${argument} must be a list`);
}

function requireAll(argument: string, values: unknown): void {
  requireArray(argument, values);
  for (const [i, value] of values.entries()) requireRead(`${argument}[${i}]`, value);
}
