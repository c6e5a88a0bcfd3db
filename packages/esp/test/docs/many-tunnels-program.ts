// The first block of docs/explanation/many-tunnels.md, and what it needs around it.
import { randomBytes, randomFillSync } from 'node:crypto';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { OutboundSa, PacketPool } from '@espalier/esp';
import { instant, spi } from '@espalier/wire';
import { ipv4Packet } from '../support/packets.ts';

const engine = nobleEngine();
const suite = espSuite('aes-128-gcm-16');
const rng = { fill: randomFillSync };
const tunnels = [1, 2, 3].map((tunnel) => {
  const keys = { encryption: randomBytes(16), integrity: randomBytes(0), salt: randomBytes(4) };
  return new OutboundSa({ engine, suite, spi: spi(0x1000 + tunnel), keys, rng });
});
const pool = new PacketPool(engine, { slots: 256 });
const now = instant(0);
const queue = tunnels.map((sa, i) => ({ packet: ipv4Packet(100 + i), sa }));
const send = (octets: Uint8Array) => console.log(`sent ${octets.length} octets`);

const batch = pool.createBatch(64);
const sas: OutboundSa[] = [];
for (const { packet, sa } of queue) {
  if (!batch.add(packet)) break; // false: full, or too long
  sas[batch.size - 1] = sa; // the SA of each packet, by its index
}
OutboundSa.sealMany(now, batch, sas); // in place; one call of the engine
for (const packet of batch) if (packet.ok) send(packet.octets);
batch.clear();
