import { randomFillSync } from 'node:crypto';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { Gateway, type GatewayConfig, type GatewayPeer } from '@espalier/gateway';
import {
  decodeIpv4,
  decodeUdp,
  encodeIpv4,
  encodeUdp,
  fromAscii,
  instant,
  parseAddress,
  seconds,
} from '@espalier/wire';

const SERVER = '203.0.113.1';
const L2TP_PORT = 1701;
const now = instant(0);

/** What Windows and Android of today agree on, among much else. */
const common = {
  preSharedKey: fromAscii('a key that all clients know'),
  proposals: [
    { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 14, authentication: 'pre-shared-key' },
    { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha1', group: 14, authentication: 'pre-shared-key' },
  ],
  lifetime: seconds(28_800),
} as const satisfies Partial<GatewayPeer>;
const protectedBy = {
  kind: 'protect',
  mode: 'transport',
  suites: [espSuite('aes-256-cbc/hmac-sha1-96')],
  lifetime: seconds(3600),
} as const;

const make = (config: GatewayConfig): Gateway =>
  new Gateway({ config, engine: nobleEngine(), rng: { fill: randomFillSync } });

/** Whoever has the key may call, and what comes for port 1701 without an SA is refused. */
const server = make({
  peers: [
    {
      ...common,
      name: 'clients',
      local: SERVER,
      remote: { addresses: 'any' },
      remoteIdentity: 'any',
      allowWildcardKey: true,
    },
  ],
  policies: [
    {
      name: 'l2tp',
      selectors: { protocol: 'udp', localPort: L2TP_PORT },
      action: { ...protectedBy, peer: 'clients', ownInterfaces: ['l2tp0', 'l2tp1'] },
    },
  ],
});

function client(address: string): Gateway {
  return make({
    peers: [{ ...common, name: 'server', local: address, remote: SERVER }],
    policies: [
      {
        name: 'l2tp',
        selectors: { protocol: 'udp', localPort: L2TP_PORT, remotePort: L2TP_PORT },
        action: { ...protectedBy, peer: 'server' },
      },
    ],
  });
}

/** Hands over what each has for the other until neither has anything more. */
function converse(host: Gateway): void {
  for (let busy = true; busy; ) {
    busy = false;
    for (const [from, to] of [
      [host, server],
      [server, host],
    ] as const) {
      for (let out = from.pollTransmit(); out !== undefined; out = from.pollTransmit()) {
        to.handleOutside(now, out.octets);
        busy = true;
      }
    }
  }
}

/** L2TP in UDP from one host to another: here a few words in its place. */
function l2tp(from: string, to: string, words: string): Uint8Array {
  const [source, destination] = [parseAddress(from), parseAddress(to)];
  const ports = { sourcePort: L2TP_PORT, destinationPort: L2TP_PORT };
  const payload = encodeUdp({ ...ports, payload: fromAscii(words) }, { source, destination });
  return encodeIpv4({ source, destination, protocol: 17, payload });
}

const wordsIn = (packet: Uint8Array): string => String.fromCharCode(...decodeUdp(decodeIpv4(packet).payload).payload);

for (const address of ['198.51.100.25', '192.0.2.66']) {
  const host = client(address);
  host.handleInside(now, l2tp(address, SERVER, `hello from ${address}`));
  converse(host);
  for (let came = server.pollInside(); came !== undefined; came = server.pollInside()) {
    console.log('server, on', `${came.insideInterface}:`, wordsIn(came.packet));
    server.handleInside(now, l2tp(SERVER, address, 'hello'), came.insideInterface);
  }
  converse(host);
  const answer = host.pollInside();
  if (answer !== undefined) console.log(`${address}:`, wordsIn(answer.packet));
}
const clear = server.handleOutside(now, l2tp('192.0.2.66', SERVER, 'in the clear'));
console.log('in the clear:', clear.ok ? 'taken' : 'refused');
