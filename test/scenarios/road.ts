import type { Terms } from './support/warriors.ts';

interface Row extends Terms {
  readonly name: string;
}

const MODES = ['main', 'aggressive'] as const;
const METHODS = ['pull', 'push', 'none'] as const;
const AUTHENTICATIONS = [
  ['a pre-shared key', 'pre-shared-key'],
  ['certificates', 'rsa-signature'],
  ['a pre-shared key and XAuth', 'xauth-initiator-pre-shared-key'],
  ['certificates and XAuth', 'xauth-initiator-rsa-signature'],
  ['a certificate of the hub and XAuth', 'hybrid-initiator-rsa-signature'],
] as const;

/** Two clients, one after the other, both let in. */
export const ROAD: readonly Row[] = MODES.flatMap((mode) =>
  AUTHENTICATIONS.flatMap(([words, authentication]) =>
    METHODS.flatMap((method) => {
      const how = method === 'none' ? 'no address' : `an address by ${method}`;
      const name = `two clients, ${mode} mode, ${words}, ${how}`;
      return [
        { name, mode, authentication, method },
        { name: `${name}, behind one NAT`, mode, authentication, method, isBehindNat: true },
      ] satisfies readonly Row[];
    }),
  ),
);
