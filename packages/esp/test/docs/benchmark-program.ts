import { randomBytes, randomFillSync } from 'node:crypto';
import { espSuite } from '@espalier/crypto';
import { autoEngine } from '@espalier/crypto/node';
import { OutboundSa, PacketPool } from '@espalier/esp';
import { encodeIpv4, instant, PROTOCOL, parseAddress, spi } from '@espalier/wire';

const [, , name = 'aes-128-gcm-16', octets = '1408', rounds = '200'] = process.argv;
const { engine, reason } = autoEngine();
const suite = espSuite(name);
const keys = {
  encryption: randomBytes(suite.encryptionKeyOctets),
  salt: randomBytes(suite.saltOctets),
  integrity: randomBytes(suite.integrityKeyOctets),
};
const sa = new OutboundSa({ engine, suite, spi: spi(0x1000), keys, rng: { fill: randomFillSync } });
const addresses = { source: parseAddress('10.1.0.1'), destination: parseAddress('10.2.0.1') };
const inner = encodeIpv4({ ...addresses, protocol: PROTOCOL.udp, payload: randomBytes(Number(octets) - 20) });
const batch = new PacketPool(engine, { slots: 64 }).createBatch(64);

/** Microseconds a packet; the best round, for the others have met something else. */
let best = Number.POSITIVE_INFINITY;
for (let round = 0; round < Number(rounds); round++) {
  const begin = performance.now();
  while (batch.add(inner)) {}
  sa.sealBatch(instant(begin), batch);
  batch.clear();
  best = Math.min(best, ((performance.now() - begin) * 1000) / 64);
}
console.log(
  `${name}, ${octets} octets: ${best.toFixed(2)} us, ${((8 * inner.length) / best / 1000).toFixed(2)} Gbit/s`,
);
console.log(`engine ${engine.name}: ${reason}`);
