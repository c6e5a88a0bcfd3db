import { type DhGroupNumber, type DhKeyPair, type Engine, nobleEngine, type Rng } from '@espalier/crypto';
import { toyKeyPair } from '@espalier/testing/sessions';

export interface CheapEngine extends Engine {
  /** Key pairs made so far. */
  readonly keyPairs: () => number;
  /** Secrets that they have led to. */
  readonly agreements: () => number;
  /** Key pairs that have not been overwritten. */
  readonly unwiped: () => number;
}

/** An engine whose Diffie-Hellman costs nothing and protects nothing: values have the form of their group alone. */
export function cheapEngine(): CheapEngine {
  const noble = nobleEngine();
  let count = 0;
  let agreements = 0;
  const unwiped = new Set<DhKeyPair>();
  return {
    name: 'cheap',
    supports: (suite) => noble.supports(suite),
    allocate: (octets) => noble.allocate(octets),
    release: (memory) => noble.release(memory),
    createEspTransform: (options) => noble.createEspTransform(options),
    createIcvTransform: (options) => noble.createIcvTransform(options),
    signatures: noble.signatures,
    createDhKeyPair(group: DhGroupNumber, rng: Rng): DhKeyPair {
      count++;
      const pair = toyKeyPair(group, rng);
      unwiped.add(pair);
      return {
        group,
        publicValue: pair.publicValue,
        agree(value) {
          const secret = pair.agree(value);
          if (secret !== undefined) agreements++;
          return secret;
        },
        wipe() {
          unwiped.delete(pair);
        },
      };
    },
    keyPairs: () => count,
    agreements: () => agreements,
    unwiped: () => unwiped.size,
  };
}
