import { espSuite, nobleEngine } from '@espalier/crypto'; // portable, the default
import { autoEngine } from '@espalier/crypto/node'; // node:crypto in batches; '/wasm' has SIMD kernels for browsers

const { engine, reason } = autoEngine(); // the fastest that this platform runs, and why
const suite = espSuite('aes-256-gcm-16');
console.log(reason.length > 0, [engine, nobleEngine()].map((each) => each.supports(suite)).join(' '));
console.log(`${suite.encryptionKeyOctets} octets of key, ${suite.saltOctets} of salt, ${suite.icvOctets} of ICV`);
