import { generateKeyPairSync, type KeyObject, randomFillSync } from 'node:crypto';
import { type EcdsaPrivateKey, type EcdsaPublicKey, espSuite, nobleEngine } from '@espalier/crypto';
import { type Credentials, type Endpoint, IkeEndpoint, type PeerConfig, type Question } from '@espalier/ike';
import { fqdnId, instant, ipv4SubnetId, seconds } from '@espalier/wire';

const WEST: Endpoint = { address: '192.0.2.1', port: 500 };
const EAST: Endpoint = { address: '198.51.100.1', port: 500 };
const engine = nobleEngine();

/** Numbers of a key as Node writes them. */
function numbersOf(key: KeyObject): { x: Uint8Array; y: Uint8Array; d: Uint8Array } {
  const { x = '', y = '', d = '' } = key.export({ format: 'jwk' });
  const octets = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
  return { x: octets(x), y: octets(y), d: octets(d) };
}

function keyPair(): { privateKey: EcdsaPrivateKey; publicKey: EcdsaPublicKey } {
  const { x, y, d } = numbersOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  return {
    privateKey: { kind: 'ecdsa', curve: 'P-256', scalar: d },
    publicKey: { kind: 'ecdsa', curve: 'P-256', point: Uint8Array.of(4, ...x, ...y) },
  };
}

const keys = { west: keyPair(), east: keyPair() };

function peer(name: 'west' | 'east', credentials: Credentials): PeerConfig {
  const isWest = name === 'east';
  const nets = [ipv4SubnetId('10.1.0.0/16'), ipv4SubnetId('10.2.0.0/16')] as const;
  const [localIdentity, remoteIdentity] = isWest ? nets : [nets[1], nets[0]];
  return {
    name,
    local: isWest ? WEST : EAST,
    remote: isWest ? EAST : WEST,
    localIdentity: fqdnId(`${isWest ? 'west' : 'east'}.example.org`),
    remoteIdentity: fqdnId(`${name}.example.org`),
    credentials,
    proposals: [{ encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 19, authentication: 'ecdsa-256' }],
    lifetime: seconds(3600),
    children: [
      { name: 'net', suites: [espSuite('aes-256-gcm-16')], localIdentity, remoteIdentity, lifetime: seconds(3600) },
    ],
  };
}

const runsOn = { engine, rng: { fill: randomFillSync } };
// West has both keys at hand. East's own is in a token, and it looks west's up when it comes.
const west = new IkeEndpoint({
  ...runsOn,
  peers: [peer('east', { privateKey: keys.west.privateKey, remoteKey: keys.east.publicKey })],
});
const east = new IkeEndpoint({ ...runsOn, peers: [peer('west', { privateKey: 'ask', remoteKey: 'ask' })] });

/** What the token and the register of east say. */
function answer(question: Question): void {
  console.log(`east is asked: ${question.kind}, as ${question.role}, by ${question.peer}`);
  if (question.kind === 'sign') {
    const signature = engine.signatures.sign(keys.east.privateKey, question.hash);
    east.answer(now, question.id, { kind: 'sign', signature });
  } else if (question.kind === 'verify-chain') {
    east.answer(now, question.id, { kind: 'verify-chain', key: keys.west.publicKey });
  }
}

function drain(name: string, from: IkeEndpoint, to: IkeEndpoint): boolean {
  for (let event = from.pollEvent(); event; event = from.pollEvent()) {
    if (event.kind === 'ike-established') {
      console.log(`${name}: ${event.ikeSa.peer} is proved by ${event.ikeSa.proposal?.authentication}`);
    }
  }
  let isIdle = true;
  for (let out = from.pollTransmit(); out; out = from.pollTransmit()) {
    to.handleDatagram(now, out.source, out.destination, out.octets);
    isIdle = false;
  }
  for (let question = from.pollQuestion(); question; question = from.pollQuestion()) {
    answer(question);
    isIdle = false;
  }
  return isIdle;
}

const now = instant(Date.now());
west.initiate(now, 'east');
for (let isIdle = false; !isIdle; ) {
  const isWestIdle = drain('west', west, east);
  isIdle = drain('east', east, west) && isWestIdle;
}
