import { digestOf } from '../hash/digest/digest.ts';
import { HmacCore } from '../hash/digest/hmac-core.ts';
import { AesMac } from '../modes/aes-mac.ts';
import type { EspIntegrity } from '../suites/macs.ts';

/** A keyed MAC whose result stays inside until it is written out or compared. */
export interface Mac {
  /** False where it looks secrets up in tables. */
  readonly constantTime: boolean;
  /** Computes the MAC of the octets `from` to `to`, followed by the word `trailer` where one is given. */
  compute(view: DataView, from: number, to: number, trailer?: number): void;
  /** Writes the first `octets` octets of the result, a multiple of 4. */
  write(view: DataView, at: number, octets: number): void;
  /** Whether the `octets` octets at `at`, a multiple of 4, are those of the result; in constant time. */
  matches(view: DataView, at: number, octets: number): boolean;
  wipe(): void;
}

export type MacArm = (key: Uint8Array) => Mac;

/** How this engine keys each MAC. */
export const MACS: Readonly<Record<EspIntegrity, MacArm>> = {
  none: () => NONE,
  'hmac-md5-96': (key) => new HmacCore(digestOf('md5'), key),
  'hmac-sha1-96': (key) => new HmacCore(digestOf('sha1'), key),
  'hmac-sha2-256-128': (key) => new HmacCore(digestOf('sha2-256'), key),
  'hmac-sha2-384-192': (key) => new HmacCore(digestOf('sha2-384'), key),
  'hmac-sha2-512-256': (key) => new HmacCore(digestOf('sha2-512'), key),
  'hmac-sha2-256-96': (key) => new HmacCore(digestOf('sha2-256'), key),
  'aes-xcbc-96': AesMac.xcbc,
  'aes-cmac-96': AesMac.cmac,
};

const NONE: Mac = { constantTime: true, compute: () => {}, write: () => {}, matches: () => true, wipe: () => {} };
