import type { Engine } from '../engine.ts';

/** What an engine for ESP alone answers when it is asked for more. */
export const WITHOUT_OTHERS: Pick<
  Engine,
  'supports' | 'createEspTransform' | 'createIcvTransform' | 'createDhKeyPair' | 'signatures'
> = {
  supports: () => false,
  createEspTransform: ({ suite }) => lacks(suite.name),
  createIcvTransform: ({ suite }) => lacks(`AH with ${suite.name}`),
  createDhKeyPair: (group) => lacks(`Diffie-Hellman group ${group}`),
  signatures: { sign: () => lacks('signatures'), verify: () => lacks('signatures') },
};

function lacks(what: string): never {
  throw new TypeError(`this engine was made without ${what}`);
}
