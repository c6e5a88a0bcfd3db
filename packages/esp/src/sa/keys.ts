import { type EspKeys, octetsView } from '@espalier/crypto';

/** Keys as the caller gave them, in plain views. @throws TypeError that names the key that is no Uint8Array. */
export function keysView({ encryption, salt, integrity }: EspKeys): EspKeys {
  return {
    encryption: octetsView('keys.encryption', encryption),
    salt: octetsView('keys.salt', salt),
    integrity: octetsView('keys.integrity', integrity),
  };
}
