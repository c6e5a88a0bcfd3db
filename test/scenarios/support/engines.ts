import { type Engine, nobleEngine } from '../../../packages/crypto/src/index.ts';
import { nodeEngine } from '../../../packages/crypto/src/node/index.ts';
import { toyDhEngine } from '../../../packages/gateway/test/support/toy-dh.ts';

const { createDhKeyPair, signatures } = nodeEngine();

/** Public keys by OpenSSL, which is quick; packets by what takes as much memory as it needs. */
export const ENGINE: Engine = { ...nobleEngine(), createDhKeyPair, signatures };

/** Where Diffie-Hellman is not the point. */
export const CHEAP_ENGINE: Engine = toyDhEngine(ENGINE);
