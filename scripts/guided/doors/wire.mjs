// Octets to structures; those with a checksum once more behind it, since a change seldom leaves it right.

export function wireDoors({ wire, arbitraries, sample }) {
  const ends = arbitraries.ICMPV6_ENDS;
  const icmpv6 = (octets) => wire.decodeIcmpv6(octets, ends);
  const icmpv6Sum = (octets) => wire.pseudoHeaderSum(ends, wire.PROTOCOL.icmpv6, octets.length);
  const decoders = {
    'isakmp-message': (octets) => wire.splitMessages(octets).map((one) => wire.decodeMessage(one)),
    'isakmp-exchange': wire.decodeMessage,
    'isakmp-fragment': wire.decodeFragment,
    'ipv4-packet': wire.decodeIpv4,
    'ipv4-options': wire.decodeIpv4Options,
    'ipv6-chain': wire.decodeIpv6,
    'udp-datagram': wire.decodeUdp,
    'icmp-message': wire.decodeIcmp,
    'icmpv6-message': icmpv6,
    'udp-encapsulated': (octets) => [wire.classifyUdpEncapsulated(octets), wire.classifyAtIkePort(octets)],
  };
  const behind = {
    'ipv4-packet': (octets) => wire.decodeIpv4(summed(wire, octets, { at: 10, octets: 4 * ((octets[0] ?? 0) & 15) })),
    'icmp-message': (octets) => wire.decodeIcmp(summed(wire, octets, { at: 2 })),
    'icmpv6-message': (octets) => icmpv6(summed(wire, octets, { at: 2, initial: icmpv6Sum(octets) })),
  };
  const doors = (those, suffix) =>
    Object.entries(those).map(([name, decode]) => ({
      name: `wire ${name}${suffix}`,
      seeds: () => sample(arbitraries.structure(name).octets, 12),
      run: (octets) => decodes(wire, decode, octets),
    }));
  return [...doors(decoders, ''), ...doors(behind, ' behind its checksum'), tcpDoor({ wire, arbitraries, sample })];
}

function decodes({ DecodeError }, decode, octets) {
  try {
    decode(octets);
    return true;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

/** With the checksum that its first octets have. */
function summed({ checksum }, octets, { at, octets: covered = octets.length, initial = 0 }) {
  if (octets.length < at + 2 || covered > octets.length) return octets;
  const copy = octets.slice();
  copy.fill(0, at, at + 2);
  const sum = checksum(copy, 0, covered, initial);
  copy[at] = sum >> 8;
  copy[at + 1] = sum & 255;
  return copy;
}

function tcpDoor({ wire, arbitraries, sample }) {
  return {
    name: 'wire tcp-stream',
    seeds: () => sample(arbitraries.structure('tcp-stream').octets, 12),
    run(octets) {
      const decoder = new wire.TcpFrameDecoder('prefix');
      decoder.push(octets);
      return decoder.fault === undefined;
    },
  };
}
