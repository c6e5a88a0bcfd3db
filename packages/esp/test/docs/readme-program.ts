import { randomBytes, randomFillSync } from 'node:crypto';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { InboundSa, OutboundSa, PacketPool } from '@espalier/esp';
import { encodeIpv4, instant, PROTOCOL, parseAddress, spi } from '@espalier/wire';

const engine = nobleEngine();
const suite = espSuite('aes-256-gcm-16');
// What both ends of one direction share. IKE agrees on it: see @espalier/ike.
const shared = {
  engine,
  suite,
  spi: spi(0x1000),
  keys: {
    encryption: randomBytes(suite.encryptionKeyOctets),
    salt: randomBytes(suite.saltOctets),
    integrity: randomBytes(suite.integrityKeyOctets),
  },
};
const outbound = new OutboundSa({ ...shared, rng: { fill: randomFillSync } });
const inbound = new InboundSa(shared);

const now = instant(Date.now());
const inner = encodeIpv4({
  source: parseAddress('10.1.0.1'),
  destination: parseAddress('10.2.0.1'),
  protocol: PROTOCOL.udp,
  payload: randomBytes(100),
});

// One packet, in the caller's own buffers.
const sealed = outbound.sealInto(now, inner, new Uint8Array(outbound.sealedOctets(inner.length)));
if (!sealed.ok) throw new Error(sealed.reason);
const out = new Uint8Array(sealed.length);
const opened = inbound.openInto(now, sealed.octets, out);
if (opened.ok) console.log(`${inner.length} octets, as ESP ${sealed.length}, opened ${opened.length}`);
const again = inbound.openInto(now, sealed.octets, out);
if (!again.ok) console.log(`once more: ${again.reason}`);

// Many packets in one call, in a pool's buffers.
const batch = new PacketPool(engine, { slots: 64 }).createBatch(64);
while (batch.add(inner)) {}
outbound.sealBatch(now, batch);
for (const packet of batch) if (packet.ok) inbound.openInto(now, packet.octets, out);
batch.clear();
console.log(`${outbound.counters.packets} packets sealed, ${inbound.counters.packets} opened`);
