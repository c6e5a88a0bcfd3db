// A cipher that the library does not have: Blowfish of another package, in ESP packets of this one.
//   npm run build && node examples/dist/own-cipher.js
import { randomFillSync } from 'node:crypto';
import { nobleEngine, withOwnSuites } from '@espalier/crypto';
import { InboundSa, OutboundSa } from '@espalier/esp';
import { encodeIpv4, fromAscii, instant, PROTOCOL, parseAddress, spi, toHex } from '@espalier/wire';
import { BLOWFISH_SUITE } from './own-cipher/blowfish.ts';

const random = (octets: number) => randomFillSync(new Uint8Array(octets));

const common = {
  engine: withOwnSuites(nobleEngine()),
  suite: BLOWFISH_SUITE,
  keys: {
    encryption: random(BLOWFISH_SUITE.encryptionKeyOctets),
    salt: random(BLOWFISH_SUITE.saltOctets),
    integrity: random(BLOWFISH_SUITE.integrityKeyOctets),
  },
  spi: spi(0x2451),
};
const outer = { source: '10.1.15.1', destination: '10.1.15.2' };
const outbound = new OutboundSa({ ...common, outer, rng: { fill: (octets) => randomFillSync(octets) } });
const inbound = new InboundSa(common);

const packet = encodeIpv4({
  source: parseAddress('10.1.12.2'),
  destination: parseAddress('10.1.56.1'),
  protocol: PROTOCOL.udp,
  payload: fromAscii('espalier, own cipher'),
});
const now = instant(0);
const sealed = outbound.sealInto(now, packet, new Uint8Array(outbound.sealedOctets(packet.length)));
if (!sealed.ok) throw new Error(`not sealed: ${sealed.reason}`);
const esp = sealed.octets.subarray(20);
const opened = inbound.openInto(now, esp, new Uint8Array(esp.length));
if (!opened.ok) throw new Error(`not opened: ${opened.reason}`);

console.log(`${BLOWFISH_SUITE.name}: ${packet.length} octets`);
console.log(`sealed  ${toHex(sealed.octets)}`);
console.log(`opened  ${toHex(opened.octets)}`);
console.log(toHex(opened.octets) === toHex(packet) ? 'the same packet' : 'ANOTHER PACKET');
