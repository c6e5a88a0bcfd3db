import { readdirSync, readFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { certificatesFrom, crlsFrom, PkiFileError, privateKeyFrom } from '@espalier/pki';
import type { Holdings } from './junos-pki.ts';

/**
 * What a router has of certificates, from a folder: `NAME.key` and `NAME.pem` of a certificate-id (its own certificate
 * first, then those of its issuers), `NAME.pem` alone of a CA profile (its own, then those of authorities below it),
 * `NAME.crl` of their CRLs.
 * @throws Error for a file that is missing or cannot be read, naming it.
 */
export function readPkiFolder(folder: string): Holdings {
  const files = readdirSync(folder).map((file) => ({ file, ...parse(file) }));
  const of = (extension: string) => files.filter(({ ext }) => ext === extension).map(({ name }) => name);
  const read = <T>(file: string, from: (octets: Uint8Array) => T): T => {
    try {
      return from(new Uint8Array(readFileSync(join(folder, file))));
    } catch (error) {
      if (error instanceof PkiFileError) throw new Error(`${file}: ${error.message}`, { cause: error });
      throw error;
    }
  };
  const first = <T>(file: string, all: readonly T[]): T => {
    const [one] = all;
    if (one === undefined) throw new Error(`${file}: there is none in it`);
    return one;
  };
  const ids = of('.key');
  const profiles = of('.pem').filter((name) => !ids.includes(name));
  const ofProfile = (name: string) => read(`${name}.pem`, certificatesFrom);
  return {
    authorities: new Map(profiles.map((name) => [name, first(`${name}.pem`, ofProfile(name))])),
    between: new Map(profiles.map((name) => [name, ofProfile(name).slice(1)])),
    crls: new Map(of('.crl').map((name) => [name, read(`${name}.crl`, crlsFrom)])),
    own: new Map(
      ids.map((name) => {
        const [certificate, ...issuers] = read(`${name}.pem`, certificatesFrom);
        const key = read(`${name}.key`, privateKeyFrom);
        return [
          name,
          { certificate: first(`${name}.pem`, certificate === undefined ? [] : [certificate]), key, issuers },
        ];
      }),
    ),
  };
}

/** No folder, and nothing in it. */
export const NO_HOLDINGS: Holdings = { authorities: new Map(), crls: new Map(), own: new Map() };
