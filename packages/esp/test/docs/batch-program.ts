// The first block of docs/explanation/hot-path.md, and what it needs around it.
import { randomBytes, randomFillSync } from 'node:crypto';
import { espSuite } from '@espalier/crypto';
import { autoEngine } from '@espalier/crypto/node';
import { OutboundSa, PacketPool } from '@espalier/esp';
import { instant, spi } from '@espalier/wire';
import { ipv4Packet } from '../support/packets.ts';

const suite = espSuite('3des-cbc/hmac-sha1-96');
const keys = { encryption: randomBytes(24), integrity: randomBytes(20), salt: randomBytes(0) };
const rng = { fill: randomFillSync };
const now = instant(0);
const queue = [20, 64, 1400].map((octets) => ipv4Packet(octets));
const send = (octets: Uint8Array) => console.log(`sent ${octets.length} octets`);

const { engine, reason } = autoEngine(); // what was chosen, and why
const pool = new PacketPool(engine, { slots: 256 });
const sa = new OutboundSa({ engine, suite, spi: spi(0x1000), keys, rng });

const batch = pool.createBatch(64);
for (const packet of queue) batch.add(packet); // one copy in; nothing else moves
sa.sealBatch(now, batch); // everything in place
for (const packet of batch) if (packet.ok) send(packet.octets);
batch.clear(); // the slots are free again

console.log(reason.length > 0);
