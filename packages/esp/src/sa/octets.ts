import { type EspKeys, octetsView } from '@espalier/crypto';
import { requireObject } from '@espalier/wire';

/** Octets of the caller in a plain view. @throws TypeError naming the argument unless they are a Uint8Array. */
export function plainOctets(argument: string, value: Uint8Array): Uint8Array {
  return isPlain(value) ? value : octetsView(argument, value);
}

/** Keys as the caller gave them, in plain views. @throws TypeError that names the key that is no Uint8Array. */
export function plainKeys(keys: EspKeys): EspKeys {
  requireObject('keys', keys);
  const { encryption, salt, integrity } = keys;
  return {
    encryption: octetsView('keys.encryption', encryption),
    salt: octetsView('keys.salt', salt),
    integrity: octetsView('keys.integrity', integrity),
  };
}

/** Asked first, since it costs a packet next to nothing. */
function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Uint8Array.prototype;
}
