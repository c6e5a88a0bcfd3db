import { randomFillSync } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { espSuite } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { type Endpoint, IkeEndpoint, type PeerConfig } from '@espalier/ike';
import { type Expectation, MISBEHAVIOURS, MisbehavingPeer, type Seen, Trial, verdictOf } from '@espalier/testing/peer';
import { KeyBook } from '@espalier/testing/sessions';
import { fromAscii, type Instant, instant, ipv4SubnetId, seconds } from '@espalier/wire';

const NAMES = ['jacob-two-two', 'ke-payload-zero', 'quick-nonce-omit', 'notify-empty'];
const [ours, theirs] = [await listen('127.0.0.1'), await listen('127.0.0.1')];
const engine = await nodeEngine();
const config = { engine, rng: { fill: (out: Uint8Array) => void randomFillSync(out) } };

/** What is tried. Put your own daemon in its place: an address of loopback, the same key, cipher and networks. */
const daemon = new IkeEndpoint({ ...config, peers: [tunnel('tester', theirs, ours, '10.2.0.0/16', '10.1.0.0/16')] });
const stop = drive(daemon, theirs);

for (const misbehaviour of MISBEHAVIOURS.filter(({ name }) => NAMES.includes(name))) {
  const keys = new KeyBook();
  const peers = [tunnel('daemon', ours, theirs, '10.1.0.0/16', '10.2.0.0/16')];
  const endpoint = new IkeEndpoint({ ...config, peers, keyLog: keys.note });
  const peer = new MisbehavingPeer({ endpoint, keys, address: addressOf(ours), peerName: 'daemon' }, misbehaviour);
  const seen = await tried(peer, misbehaviour.expects);
  const { name, clause, expects } = misbehaviour;
  console.log(`${verdictOf(expects, peer.done, seen)}: ${name} (${clause}), expected: ${expects}`);
}
stop();
for (const socket of [ours, theirs]) socket.close();

/** One session: until all is seen. What must not come is given 300 ms once the peer has misbehaved. */
async function tried(peer: MisbehavingPeer, expects: Expectation): Promise<Seen> {
  const trial = new Trial(peer, expects);
  const halt = drive(peer, ours);
  const [begun, mustCome] = [performance.now(), expects === 'take' || expects === 'ignore'];
  trial.begin(now());
  for (let quiet = 0; quiet < 300 && performance.now() - begun < 5000 && !trial.goOn(now()); ) {
    await sleep(10);
    if (peer.done > 0 && !mustCome) quiet += 10;
  }
  peer.close(now());
  await sleep(10);
  halt();
  return trial.seen;
}

/** Something sans-I/O on a socket and on the clock. */
function drive(
  one: Pick<IkeEndpoint, 'handleDatagram' | 'handleTimeout' | 'pollTransmit'> | MisbehavingPeer,
  on: Socket,
) {
  const drain = () => {
    for (let sent = one.pollTransmit(); sent !== undefined; sent = one.pollTransmit()) {
      on.send(sent.octets, sent.destination.port, sent.destination.address);
    }
  };
  const hear = (octets: Uint8Array, { address, port }: Endpoint) => {
    one.handleDatagram(now(), { address, port }, addressOf(on), octets);
    drain();
  };
  on.on('message', hear);
  const timer = setInterval(() => {
    one.handleTimeout(now());
    drain();
  }, 5);
  return () => {
    clearInterval(timer);
    on.off('message', hear);
  };
}

function tunnel(name: string, own: Socket, other: Socket, near: string, far: string): PeerConfig {
  const proposal = { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 14 } as const;
  return {
    ...{ name, local: addressOf(own), remote: addressOf(other), natTraversal: 'off' },
    preSharedKey: fromAscii('a key that protects nothing'),
    proposals: [{ ...proposal, authentication: 'pre-shared-key' }],
    lifetime: seconds(3600),
    children: [
      {
        name: 'net',
        suites: [espSuite('aes-128-cbc/hmac-sha1-96')],
        ...{ localIdentity: ipv4SubnetId(near), remoteIdentity: ipv4SubnetId(far) },
        lifetime: seconds(1800),
      },
    ],
  };
}

async function listen(address: string): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, address);
  await once(socket, 'listening');
  return socket;
}

function addressOf(socket: Socket): Endpoint {
  const { address, port } = socket.address();
  return { address, port };
}

function now(): Instant {
  return instant(performance.now());
}
