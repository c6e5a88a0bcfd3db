import { performance } from 'node:perf_hooks';
import { captureOf, PLAIN_SESSION, play } from '@espalier/testing/sessions';
import { keyedPacket } from '@espalier/testing/packets';
import { structure } from '@espalier/testing/arbitraries';
import { loss, Network } from '@espalier/testing/network';
import { CaptureReader, Observer, readCapture, readKeys } from '@espalier/capture';
import fc from 'fast-check';
function best(name, n, f) { let b = Infinity; for (let r = 0; r < 7; r++) { const t = performance.now(); for (let i = 0; i < n; i++) f(i); b = Math.min(b, (performance.now() - t) / n); } console.log(name, (b * 1000).toFixed(1), 'us'); }
best('session', 20, (i) => play({ ...PLAIN_SESSION, seed: i + 1 }));
best('isakmp message arbitrary', 1, () => fc.sample(structure('isakmp-message').octets, 500));
best('keyed packet (500)', 1, () => fc.sample(keyedPacket, 500));
