import { remoteIdentityOf } from '../peer/pad/profile.ts';
import type { Credentials, PeerConfig } from '../types.ts';
import { AUTHENTICATION_METHODS } from '../v1/authentication/methods.ts';
import { readCertificateRequests, readCertificates } from './certificates.ts';
import { readPrivateKey, readUsablePublicKey, wipePrivateKey } from './keys.ts';
import type { Legacy } from './proposals.ts';
import { defined, readChoice, readObject, readOptional } from './read.ts';

/** Copies. @throws TypeError or RangeError for what cannot be used, with none left of a private key. */
export function readCredentials(argument: string, value: unknown, allowed: ReadonlySet<Legacy>): Credentials {
  const { privateKey, remoteKey, certificates, sendCertificates, requests } = readObject<Credentials>(argument, value);
  return defined<Credentials>({
    certificates: readOptional(`${argument}.certificates`, certificates, readCertificates),
    sendCertificates: readOptional(`${argument}.sendCertificates`, sendCertificates, (at, one) =>
      readChoice(at, one, ['always', 'if-asked', 'never']),
    ),
    requests: readOptional(`${argument}.requests`, requests, readCertificateRequests),
    remoteKey: readKey(`${argument}.remoteKey`, remoteKey, (at, key) => readUsablePublicKey(at, key, allowed)),
    // Last, so that no copy of a key is left where another field is wrong.
    privateKey: readOptional(`${argument}.privateKey`, privateKey, (at, own) =>
      readKey(at, own, (where, key) => readPrivateKey(where, key, allowed)),
    ),
  });
}

/** @throws TypeError or RangeError where credentials are missing, or are none for what is proposed. */
export function checkCredentials(argument: string, peer: PeerConfig): void {
  const { name, proposals, credentials } = peer;
  for (const [i, { authentication }] of proposals.entries()) {
    const { signer, proves } = AUTHENTICATION_METHODS[authentication];
    if (signer === undefined) continue;
    if (credentials === undefined) throw new TypeError(`${argument}.credentials: peer ${name} has none`);
    for (const key of ['privateKey', 'remoteKey'] as const) {
      const own = credentials[key];
      if (own === undefined) {
        if (!proves('initiator') || !proves('responder')) continue;
        throw new TypeError(
          `${argument}.credentials.${key}: must be a key, or 'ask', for proposals[${i}], ${authentication}`,
        );
      }
      if (own === 'ask' || signer(own)) continue;
      throw new RangeError(`${argument}.credentials.${key}: is none for proposals[${i}], ${authentication}`);
    }
  }
  if (credentials === undefined || credentials.remoteKey === 'ask') return;
  const identity = remoteIdentityOf(peer);
  if (identity === 'any' || [identity].flat().length > 1) {
    throw new RangeError(`${argument}.credentials.remoteKey: is one peer's, and remoteIdentity of ${name} is not one`);
  }
}

export function wipeCredentials(credentials: Credentials | undefined): void {
  const privateKey = credentials?.privateKey;
  if (privateKey !== undefined && privateKey !== 'ask') wipePrivateKey(privateKey);
}

function readKey<K>(argument: string, value: unknown, read: (argument: string, value: unknown) => K): K | 'ask' {
  if (value === 'ask') return value;
  if (typeof value !== 'object' || value === null) throw new TypeError(`${argument}: must be a key, or 'ask'`);
  return read(argument, value);
}
