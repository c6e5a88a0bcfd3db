// The engine for Node where this runs: whatever it claims it must do, as the portable engine does it.
import { randomFillSync } from 'node:crypto';
import { createDhKeyPair, DH_GROUPS, ESP_SUITES, nobleEngine } from '@espalier/crypto';
import { autoEngine, nodeEngine } from '@espalier/crypto/node';
import { InboundSa, OutboundSa, PacketPool } from '@espalier/esp';
import { encodeIpv4, instant, PROTOCOL, parseAddress, spi } from '@espalier/wire';

const now = instant(0);
const rng = { fill: randomFillSync };
const noble = nobleEngine();
const node = nodeEngine();
const portable = ESP_SUITES.filter((suite) => noble.supports(suite));
const claimed = portable.filter((suite) => node.supports(suite));

for (const suite of claimed) for (const payload of [20, 1400]) roundTrip(suite, payload);
for (const group of Object.keys(DH_GROUPS).map(Number)) agree(group);

const { engine, reason } = autoEngine();
const missing = portable.filter((suite) => !node.supports(suite)).map(({ name }) => name);
console.log(`autoEngine is ${engine.name}: ${reason}`);
console.log(
  `node engine: ${claimed.length} of ${portable.length} suites${missing.length > 0 ? `, without ${missing}` : ''}`,
);

/** 70 packets in one batch and one alone, opened by the portable engine. */
function roundTrip(suite, payload) {
  const keys = {
    encryption: random(suite.encryptionKeyOctets),
    salt: random(suite.saltOctets),
    integrity: random(suite.integrityKeyOctets),
  };
  const shared = { suite, spi: spi(0x1000), keys };
  const inner = encodeIpv4({
    source: parseAddress('10.1.0.1'),
    destination: parseAddress('10.2.0.1'),
    protocol: PROTOCOL.udp,
    payload: random(payload),
  });
  for (const [ours, theirs] of [
    [node, noble],
    [noble, node],
  ]) {
    const outbound = new OutboundSa({ ...shared, engine: ours, rng });
    const inbound = new InboundSa({ ...shared, engine: theirs });
    const batch = new PacketPool(ours, { slots: 70 }).createBatch(70);
    while (batch.add(inner)) {}
    outbound.sealBatch(now, batch);
    const sealed = [];
    for (const packet of batch) sealed.push(packet.octets.slice());
    const alone = outbound.sealInto(now, inner, new Uint8Array(outbound.sealedOctets(inner.length)));
    if (!alone.ok) throw new Error(`${suite.name}: ${alone.reason}`);
    const out = new Uint8Array(alone.octets.length);
    for (const octets of [...sealed, alone.octets]) {
      const opened = inbound.openInto(now, octets, out);
      const same = opened.ok && inner.every((octet, i) => octet === opened.octets[i]);
      if (!same)
        throw new Error(`${suite.name} by ${ours.name}, opened by ${theirs.name}: ${opened.reason ?? 'other octets'}`);
    }
  }
}

function agree(group) {
  const ours = node.createDhKeyPair(group, rng);
  const theirs = createDhKeyPair(group, rng);
  const [one, other] = [ours.agree(theirs.publicValue), theirs.agree(ours.publicValue)];
  if (one === undefined || one.join() !== other?.join()) throw new Error(`group ${group}: other secrets`);
}

function random(octets) {
  return randomFillSync(new Uint8Array(octets));
}
