import {
  DH_GROUPS,
  type DhGroupNumber,
  type DhKeyPair,
  type Engine,
  hash,
  type Rng,
  type Signatures,
} from '@espalier/crypto';

/** What was taken from an engine and has not been given back. */
export interface Held {
  octets: number;
  transforms: number;
  keyPairs: number;
}

/**
 * `engine`, counted, with Diffie-Hellman modulo 2^61 - 1 and signatures that anybody can make: as safe as none, so that a
 * world costs no public-key work. Their forms are those of the real ones.
 */
export function worldEngine(engine: Engine, held: Held): Engine {
  return {
    name: `${engine.name} of a world`,
    supports: (suite) => engine.supports(suite),
    allocate(octets) {
      const memory = engine.allocate(octets);
      held.octets += octets;
      return memory;
    },
    release(memory) {
      held.octets -= memory.length;
      engine.release(memory);
    },
    createEspTransform(options) {
      const transform = engine.createEspTransform(options);
      held.transforms += 1;
      return {
        suite: transform.suite,
        constantTime: transform.constantTime,
        seal: (memory, jobs, iv) => transform.seal(memory, jobs, iv),
        open: (memory, jobs) => transform.open(memory, jobs),
        wipe: () => once(transform, () => (held.transforms -= 1)),
      };
    },
    createIcvTransform: (options) => engine.createIcvTransform(options),
    createDhKeyPair: (group, rng) => toyKeyPair(group, rng, held),
    signatures: TOY_SIGNATURES,
  };

  function once(transform: { wipe(): void }, counts: () => void): void {
    if (!wiped.has(transform)) counts();
    wiped.add(transform);
    transform.wipe();
  }
}

const wiped = new WeakSet<object>();

const PRIME = 2n ** 61n - 1n;
const GENERATOR = 37n;

function toyKeyPair(group: DhGroupNumber, rng: Rng, held: Held): DhKeyPair {
  const seed = new Uint8Array(7);
  rng.fill(seed);
  const x = numberOf(seed) + 2n;
  const { octets } = DH_GROUPS[group];
  held.keyPairs += 1;
  let isWiped = false;
  return {
    group,
    publicValue: octetsOf(power(GENERATOR, x), octets),
    agree: (peer) => (peer.length === octets ? octetsOf(power(numberOf(peer) % PRIME, x), octets) : undefined),
    wipe() {
      if (!isWiped) held.keyPairs -= 1;
      isWiped = true;
    },
  };
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, left = exponent; left > 0n; left >>= 1n, square = (square * square) % PRIME) {
    if (left & 1n) result = (result * square) % PRIME;
  }
  return result;
}

function numberOf(octets: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(octets).toString('hex')}`);
}

function octetsOf(value: bigint, length: number): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex'));
}

/** r | s of P-256: the hash of the hash, the same for all keys. */
const TOY_SIGNATURES: Signatures = {
  sign: (_, octets) => hash('sha2-512', octets),
  verify: (_, octets, signature) => Buffer.from(hash('sha2-512', octets)).equals(signature),
};
