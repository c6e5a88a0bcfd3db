import { espSuite, nobleEngine } from '@espalier/crypto';
import { saPairOf, wipeChild } from '@espalier/gateway';
import { IkeEndpoint, type NegotiatedChild, type PeerConfig } from '@espalier/ike';
import { monotonicNow, systemRng, UdpDriver } from '@espalier/node';
import { encodeIpv4, fromAscii, ipv4SubnetId, parseAddress, seconds } from '@espalier/wire';

const ADDRESS = '127.0.0.1'; // of both: here they are told apart by their ports
const NETS = { west: '10.1.0.0/16', east: '10.2.0.0/16' } as const;
type Side = keyof typeof NETS;
const runsOn = { engine: nobleEngine(), rng: systemRng() };
const unprivileged = { ike: 0, natTraversal: 0 };

function endpoint(side: Side, other: Side): IkeEndpoint {
  const at = { address: ADDRESS, port: 500 };
  const id = (end: Side) => ipv4SubnetId(NETS[end]);
  const child = { name: 'net', suites: [espSuite('aes-128-gcm-16')], lifetime: seconds(3600) };
  const peer: PeerConfig = {
    ...{ name: other, local: at, remote: at, lifetime: seconds(3600), natTraversal: 'force' },
    preSharedKey: fromAscii('a long and random secret'),
    proposals: [
      { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 31, authentication: 'pre-shared-key' },
    ],
    children: [{ ...child, localIdentity: id(side), remoteIdentity: id(other) }],
  };
  return new IkeEndpoint({ ...runsOn, peers: [peer] });
}

function sasOf(child: NegotiatedChild) {
  const sas = saPairOf(child, { ...runsOn, outside: 'udp' });
  wipeChild(child);
  return sas;
}

const ends = { west: endpoint('west', 'east'), east: endpoint('east', 'west') };
const memory = new Uint8Array(2048);
let inbound: ReturnType<typeof sasOf>['inbound'] | undefined;
let arrive: (what: string) => void = () => {};
const arrived = new Promise<string>((resolve) => {
  arrive = resolve;
});

const east = await UdpDriver.open(ends.east, {
  addresses: [ADDRESS],
  ports: unprivileged,
  onEvent(event) {
    // The other end may seal as soon as it has the answer to this.
    if (event.kind === 'child-negotiated') ({ inbound } = sasOf(event.child));
  },
  onEsp({ octets }) {
    const opened = inbound?.openInto(monotonicNow(), octets, memory);
    arrive(opened?.ok ? `east has opened a packet of ${opened.length} octets` : `refused: ${opened?.reason}`);
  },
});

const west = await UdpDriver.open(ends.west, {
  addresses: [ADDRESS],
  ports: unprivileged,
  peerPorts: { [ADDRESS]: east.portsAt(ADDRESS) },
  onEvent(event) {
    if (event.kind !== 'child-established') return;
    const [source, destination] = [parseAddress('10.1.0.7'), parseAddress('10.2.0.9')];
    const packet = encodeIpv4({ source, destination, protocol: 17, payload: new Uint8Array(100) });
    const { local, remote } = event.child;
    console.log(`west seals ${event.child.protections[0]?.suite.name} from port ${local.port} to port ${remote.port}`);
    const sealed = sasOf(event.child).outbound.sealInto(monotonicNow(), packet, new Uint8Array(2048));
    if (sealed.ok) west.send({ source: local, destination: remote, octets: sealed.octets });
  },
});
east.setPeerPorts(ADDRESS, west.portsAt(ADDRESS));

west.command((now) => ends.west.initiate(now, 'east'));
console.log(await arrived);
await Promise.all([west.close(), east.close()]);
