import { espSuite, nobleEngine } from '@espalier/crypto';
import { InboundSa, OutboundSa } from '@espalier/esp';
import { encodeIpv4, fromAscii, instant, PROTOCOL, parseAddress, spi, toHex } from '@espalier/wire';

// Keys that anybody can read, and "random" octets that are not: so that this page is the same each time it is made.
const suite = espSuite('aes-128-cbc/hmac-sha1-96');
const keys = { encryption: new Uint8Array(16).fill(1), salt: new Uint8Array(0), integrity: new Uint8Array(20).fill(2) };
const shared = { engine: nobleEngine(), suite, spi: spi(0x1000), keys };
const outbound = new OutboundSa({ ...shared, rng: { fill: (octets) => octets.fill(0xaa) } });
const inbound = new InboundSa(shared);
const now = instant(0);

const inner = encodeIpv4({
  source: parseAddress('10.1.0.1'),
  destination: parseAddress('10.2.0.1'),
  protocol: PROTOCOL.udp,
  payload: fromAscii('ping'),
});
const sealed = outbound.sealInto(now, inner, new Uint8Array(outbound.sealedOctets(inner.length)));
if (!sealed.ok) throw new Error(sealed.reason);
const show = (what: string, from: number, to: number) => console.log(what, toHex(sealed.octets.subarray(from, to)));
console.log(`an IP packet of ${inner.length} octets becomes ESP of ${sealed.length}`);
show('SPI            ', 0, 4);
show('sequence number', 4, 8);
show('IV             ', 8, 24);
show('ciphertext     ', 24, sealed.length - 12);
show('ICV            ', sealed.length - 12, sealed.length);

// One octet changed on the way; the packet as it was sent; and that a second time.
const changed = sealed.octets.slice();
changed[30] = (changed[30] ?? 0) ^ 1;
for (const octets of [changed, sealed.octets, sealed.octets]) {
  const result = inbound.openInto(now, octets, new Uint8Array(octets.length));
  if (result.ok) console.log('opened         ', toHex(result.octets.subarray(0, result.length)));
  else console.log('refused        ', result.reason);
}
