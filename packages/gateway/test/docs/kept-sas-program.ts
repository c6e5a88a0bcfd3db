// The second block of docs/how-to/connect/manual-sas.md, and what it needs around it.
import { randomFillSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { Gateway, type ManualSa } from '@espalier/gateway';

const random = (octets: number) => randomFillSync(new Uint8Array(octets));
const sa = (spi: number): ManualSa => ({
  esp: {
    spi,
    suite: espSuite('aes-256-cbc/hmac-sha2-256-128'),
    keys: { encryption: random(32), salt: random(0), integrity: random(32) },
  },
});
const sas = { local: '192.0.2.1', remote: '198.51.100.1', inbound: sa(1000), outbound: sa(2000), keepAhead: true };
const gateway = new Gateway({
  config: { peers: [], policies: [{ name: 'by hand', action: { kind: 'manual', ...sas } }] },
  engine: nobleEngine(),
  rng: { fill: randomFillSync },
});
const folder = await mkdtemp(join(tmpdir(), 'espalier-sas-'));
const file = join(folder, 'sas.json');

const snapshot = gateway.snapshotByHand('by hand', 10_000); // plain values, no keys
await writeFile(file, JSON.stringify(snapshot)); // and fsync
gateway.keptByHand('by hand', snapshot); // 10,000 packets more may go out

console.log((await readFile(file, 'utf8')) === JSON.stringify(snapshot));
await rm(folder, { recursive: true });
