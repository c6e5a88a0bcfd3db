import { espSuite, nobleEngine } from '@espalier/crypto';
import { Gateway } from '@espalier/gateway';
import { loss, Network, ofGateway, only } from '@espalier/testing/network';
import { encodeIpv4, fromAscii, ip, PROTOCOL, parseAddress, seconds } from '@espalier/wire';

const NETS = { west: '10.1.0.0/16', east: '10.2.0.0/16' } as const;
const ADDRESSES = { west: '192.0.2.1', east: '198.51.100.1' } as const;
type Side = keyof typeof NETS;
const network = new Network({ seed: 1, latency: 20 });

/** One end of the tunnel. Its IKE SAs last for ten minutes, its IPsec SAs for five. */
function end(local: Side, remote: Side) {
  const suites = [espSuite('aes-128-gcm-16')];
  const algorithms = { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 31 } as const;
  const gateway = new Gateway({
    config: {
      peers: [
        {
          name: remote,
          local: ADDRESSES[local],
          remote: ADDRESSES[remote],
          preSharedKey: fromAscii('a long and random secret'),
          proposals: [{ ...algorithms, authentication: 'pre-shared-key' }],
          lifetime: seconds(600),
        },
      ],
      policies: [
        {
          name: 'net',
          selectors: { local: NETS[local], remote: NETS[remote] },
          action: { kind: 'protect', peer: remote, suites, lifetime: seconds(300), pfsGroup: 31 },
        },
      ],
    },
    engine: nobleEngine(),
    rng: network.chance.fork().rng(),
  });
  const packet = encodeIpv4({
    source: parseAddress(NETS[local].replace('0.0/16', '0.7')),
    destination: parseAddress(NETS[remote].replace('0.0/16', '0.7')),
    protocol: PROTOCOL.udp,
    payload: new Uint8Array(40),
  });
  // IKE is what loses datagrams here, one in five.
  const isIke = (octets: Uint8Array) => ip.protocol(octets, 0, octets.length) === PROTOCOL.udp;
  network.attach(local, ofGateway(gateway), {
    addresses: [ADDRESSES[local]],
    outwards: [only(isIke, loss(0.2))],
  });
  return { gateway, packet, sent: 0, arrived: 0 };
}

const ends = { west: end('west', 'east'), east: end('east', 'west') };
const sides = ['west', 'east'] as const;
const renewed = { ike: 0, ipsec: 0 };

/** A packet each way, and what became of those before. */
function exchangePackets(): void {
  for (const side of sides) {
    const { gateway, packet } = ends[side];
    network.on(side, (now) => gateway.handleInside(now, packet));
    ends[side].sent += 1;
  }
  network.run(seconds(1));
  for (const side of sides) {
    const { gateway } = ends[side];
    while (gateway.pollInside() !== undefined) ends[side].arrived += 1;
    for (let event = gateway.pollEvent(); event !== undefined; event = gateway.pollEvent()) {
      if (side !== 'west' || !('replaces' in event) || event.replaces === undefined) continue;
      renewed[event.kind === 'ike-established' ? 'ike' : 'ipsec'] += 1;
    }
  }
}

while (network.now < seconds(1200)) exchangePackets();
network.run(seconds(1));
exchangePackets();
console.log(`in twenty minutes: phase 1 renewed ${renewed.ike} times, phase 2 ${renewed.ipsec} times`);
console.log(`west sent ${ends.west.sent}, and ${ends.east.arrived} came out at east`);
console.log(`east sent ${ends.east.sent}, and ${ends.west.arrived} came out at west`);
for (const { state, softExpiry, hardExpiry } of ends.west.gateway.ikeSas()) {
  if (softExpiry === undefined || hardExpiry === undefined) continue;
  console.log(`an IKE SA, ${state}: renewed ${(hardExpiry - softExpiry) / 1000} s before its end`);
}
