import { captureOf, PLAIN_SESSION, play } from '@espalier/testing/sessions';
import { Observer, readCapture, readKeys, toText } from '@espalier/capture';
const { pcap, ikev1DecryptionTable } = captureOf(play(PLAIN_SESSION).session);
const keys = () => readKeys([{ name: 'ikev1_decryption_table', text: ikev1DecryptionTable }]);
const frames = readCapture(pcap).frames;
let b = Infinity;
for (let r = 0; r < 15; r++) { const t = performance.now(); for (let i = 0; i < 20; i++) { const o = new Observer({ keys: keys() }); for (const f of frames) o.push(f); } b = Math.min(b, (performance.now() - t) / 20 / frames.length); }
console.log('observer, negotiation with keys: us per message', (b * 1000).toFixed(1), frames.length);
const big = 200000; 
