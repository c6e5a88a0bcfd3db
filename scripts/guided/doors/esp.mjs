// What an SA opens: what is fed is what was encrypted, under an ICV that is right; and what IPComp inflates.
import { deflateRawSync } from 'node:zlib';

const NOW = 0;
const CPI = 2;
const [SOURCE, DESTINATION] = [Uint8Array.of(10, 0, 0, 1), Uint8Array.of(10, 0, 0, 2)];

export function espDoors(modules) {
  return [
    espDoor(modules, 'tunnel', {}),
    espDoor(modules, 'transport', { mode: 'transport' }),
    espDoor(modules, 'transport through a NAT', { mode: 'transport', originalAddresses: 'unknown' }),
    ...['tunnel', 'transport'].map((mode) => ipcompDoor(modules, mode)),
  ];
}

function espDoor({ crypto, wire, esp, packets, arbitraries, sample }, name, options) {
  const suite = crypto.espSuite('aes-128-gcm-16');
  const keys = { encryption: new Uint8Array(16).fill(1), salt: new Uint8Array(4).fill(2), integrity: new Uint8Array() };
  const sa = { suite, keys, spi: wire.spi(0x1000) };
  const inbound = new esp.InboundSa({ engine: crypto.nobleEngine(), ...sa, ...options });
  let sequence = 0;
  return {
    name: `esp ${name} behind the ICV`,
    seeds: () =>
      options.mode === undefined
        ? ['ipv4-packet', 'ipv6-chain'].flatMap((name) =>
            sample(arbitraries.structure(name).octets, 6).map((octets) =>
              plain(octets, name === 'ipv4-packet' ? 4 : 41),
            ),
          )
        : sample(arbitraries.structure('udp-datagram').octets, 6).map((octets) => plain(octets, 17)),
    run(octets) {
      const packet = packets.sealed(sa, ++sequence, plaintextOf(suite, octets), sequence);
      const protocol = wire.PROTOCOL.esp;
      const ip = wire.encodeIpv4({ source: SOURCE, destination: DESTINATION, protocol, payload: packet });
      return inbound.openInto(NOW, ip, new Uint8Array(ip.length), 0, ip.length - packet.length).ok;
    },
  };
}

/** A payload, and how the end of what is encrypted begins: pad length, and what the payload is (RFC 4303 §2). */
function plain(payload, nextHeader) {
  return new Uint8Array([...payload, 0, nextHeader]);
}

/** The last two octets are the trailer; where what is before does not fill the blocks, there is something more of it. */
function plaintextOf({ alignmentOctets }, octets) {
  const [padLength = 0, nextHeader = 0] = octets.subarray(Math.max(0, octets.length - 2));
  const payload = octets.subarray(0, Math.max(0, octets.length - 2));
  const padding = Uint8Array.from({ length: -(payload.length + 2) & (alignmentOctets - 1) }, (_, i) => i + 1);
  return { payload, padding, padLength, nextHeader };
}

function ipcompDoor({ wire, ipcomp, arbitraries, sample }, mode) {
  const decompressor = new ipcomp.Decompressor({ cpi: CPI, mode });
  const [structure, nextHeader] = mode === 'tunnel' ? ['ipv4-packet', 4] : ['udp-datagram', 17];
  const deflated = (octets) => new Uint8Array(deflateRawSync(octets));
  return {
    name: `ipcomp ${mode}`,
    seeds: () => sample(arbitraries.structure(structure).octets, 6).map(deflated),
    run(octets) {
      const payload = new Uint8Array([nextHeader, 0, CPI >> 8, CPI, ...octets]);
      const packet = { source: SOURCE, destination: DESTINATION, protocol: wire.PROTOCOL.ipcomp, payload };
      return decompressor.decompress(wire.encodeIpv4(packet)).ok;
    },
  };
}
