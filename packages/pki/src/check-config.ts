import type { Credential, PkiConfig } from './config.ts';
import { belongsTo } from './keys/belongs.ts';

/** @throws TypeError or RangeError naming the member that is not what it should be. */
export function checkConfig({ trustAnchors, certificates, crls, ocspResponses, credentials }: PkiConfig): void {
  requireAll('trustAnchors', trustAnchors);
  requireAll('certificates', certificates ?? []);
  requireAll('crls', crls ?? []);
  requireAll('ocspResponses', ocspResponses ?? []);
  for (const [i, credential] of (credentials ?? []).entries()) checkCredential(`credentials[${i}]`, credential);
}

/** What the readers of this package have made of octets. @throws TypeError */
export function requireRead(argument: string, value: unknown): void {
  const isRead = typeof value === 'object' && value !== null && 'octets' in value && 'signed' in value;
  if (!isRead) throw new TypeError(`${argument} must have been read: certificatesFrom and crlsFrom read files`);
}

function checkCredential(argument: string, { certificate, key, issuers }: Credential): void {
  requireRead(`${argument}.certificate`, certificate);
  requireAll(`${argument}.issuers`, issuers ?? []);
  if (!belongsTo(key, certificate)) throw new RangeError(`${argument}.key: is not that of its certificate`);
}

function requireAll(argument: string, values: unknown): void {
  if (!Array.isArray(values)) throw new TypeError(`${argument} must be a list`);
  for (const [i, value] of values.entries()) requireRead(`${argument}[${i}]`, value);
}
