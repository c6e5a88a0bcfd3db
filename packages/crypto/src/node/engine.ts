import type { Engine } from '../engine.ts';
import { nobleEngine } from '../noble/engine.ts';
import { signaturesBy } from '../signatures/signatures.ts';
import { bestSource } from '../wasm/engine.ts';
import {
  createKernelMemory,
  KERNEL_PARTS,
  type KernelParts,
  kernelEngine,
  type WasmEngineOptions,
} from '../wasm/kernel-engine.ts';
import { ccmArm } from '../wasm/transforms/aeads/ccm.ts';
import { gcmArm, gmacArm } from '../wasm/transforms/aeads/gcm.ts';
import { AesCbc, aesContextOctets } from '../wasm/transforms/ciphers/aes-cbc.ts';
import { ctrArm } from '../wasm/transforms/ciphers/aes-ctr.ts';
import { aesMacArm } from '../wasm/transforms/macs/aes-mac.ts';
import { NodeAesCbc } from './aes-cbc.ts';
import { nodeChains } from './chains.ts';
import { cbc, hasCipher } from './ciphers.ts';
import { createNodeDhKeyPair } from './dh/groups.ts';
import { nodeKeystream } from './keystream.ts';
import { OPENSSL_RSA } from './rsa.ts';

/**
 * The engine for Node: AES, Diffie-Hellman and RSA by node:crypto, all else on the WebAssembly kernels. Keys that node:crypto
 * holds are freed with their SA, when the garbage collector comes to it. What this node:crypto lacks (Deno's has no AES-192-CBC)
 * is asked of `getCiphers` and left to the kernels.
 * @throws TypeError where the platform has no WebAssembly with SIMD.
 */
export function nodeEngine(options: WasmEngineOptions = {}): Engine {
  const others = { ...nobleEngine(), createDhKeyPair: createNodeDhKeyPair, signatures: signaturesBy(OPENSSL_RSA) };
  return kernelEngine('node', createKernelMemory(options, bestSource()), PARTS, others);
}

const PARTS: KernelParts = {
  ciphers: {
    ...KERNEL_PARTS.ciphers,
    'aes-cbc': {
      contextOctets: aesContextOctets,
      key: (keying) => (hasCipher(cbc(keying.options.keys.encryption)) ? new NodeAesCbc(keying) : new AesCbc(keying)),
    },
    'aes-ctr': ctrArm(nodeKeystream),
  },
  macs: {
    ...KERNEL_PARTS.macs,
    'aes-xcbc-96': aesMacArm('xcbc', nodeChains),
    'aes-cmac-96': aesMacArm('cmac', nodeChains),
  },
  aeads: {
    ...KERNEL_PARTS.aeads,
    'aes-gcm': gcmArm(nodeKeystream),
    'aes-ccm': ccmArm(nodeKeystream, nodeChains),
    'aes-gmac': gmacArm(nodeKeystream),
  },
};
