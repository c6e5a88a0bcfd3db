// ike-only.js CONFIG: an IKE endpoint on UDP 500 and 4500 that carries nothing; prints an event a line. CONFIG is JSON.
import { createSocket, type Socket } from 'node:dgram';
import { appendFileSync, readFileSync } from 'node:fs';
import { ahSuite, espSuite } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { formatFailure, type IkeEvent, RecordedEndpoint } from '@espalier/ike';
import { instant, ipv4AddressId, ipv4SubnetId, seconds } from '@espalier/wire';
import type { IkeOnlySettings } from '../gateways/ike-only.ts';
import { authenticationOf } from './authentication.ts';

const settings: IkeOnlySettings = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const { record, protection } = settings;
const isRoad = settings.road !== undefined;
const { mode, bundle } = protection;
const identity = (address: string, network: string) =>
  mode === 'transport' ? ipv4AddressId(address) : ipv4SubnetId(network);
const now = () => instant(performance.now());
const authentication = authenticationOf(settings);

const endpoint = new RecordedEndpoint(
  {
    engine: nodeEngine(),
    allowLegacy: ['md5', 'modp768'],
    rng: { fill: (octets) => crypto.getRandomValues(octets) },
    peers: [
      {
        name: 'peer',
        local: { address: settings.local, port: 500 },
        remote: { address: settings.remote, port: 500 },
        mode: settings.exchange,
        ...authentication.config,
        lifetime: seconds(3600),
        children: [
          {
            name: 'net',
            mode,
            suites: [],
            bundles: [
              {
                ...(bundle.ipcomp === undefined ? {} : { ipcomp: bundle.ipcomp }),
                ...(bundle.esp === undefined ? {} : { esp: bundle.esp.map(espSuite) }),
                ...(bundle.ah === undefined ? {} : { ah: bundle.ah.map(ahSuite) }),
              },
            ],
            localIdentity: isRoad && settings.initiates ? 'assigned' : identity(settings.local, settings.near),
            remoteIdentity: isRoad && !settings.initiates ? 'assigned' : identity(settings.remote, settings.far),
            lifetime: seconds(3600),
          },
        ],
      },
    ],
  },
  { secrets: true, write: (line) => record !== undefined && appendFileSync(record, `${line}\n`) },
);

let timer: NodeJS.Timeout | undefined;
const sockets = new Map<number, Socket>([500, 4500].map((port) => [port, socketOn(port)]));

process.on('SIGTERM', () => {
  endpoint.close(now());
  drain();
  setTimeout(() => process.exit(0), 100);
});
if (settings.initiates) {
  endpoint.initiate(now(), 'peer');
  drain();
}

function socketOn(port: number): Socket {
  const socket = createSocket('udp4');
  socket.bind(port, settings.local);
  socket.on('message', (octets, { address, port: from }) => {
    const result = endpoint.handleDatagram(now(), { address, port: from }, { address: settings.local, port }, octets);
    if (!result.ok) console.log(JSON.stringify({ kind: 'refused', reason: result.reason }));
    drain();
  });
  return socket;
}

function drain(): void {
  for (let question = endpoint.pollQuestion(); question !== undefined; question = endpoint.pollQuestion()) {
    const answer = authentication.answer(question);
    if (answer !== undefined) endpoint.answer(now(), question.id, answer);
  }
  for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) {
    authentication.happened(event);
    console.log(JSON.stringify(told(event)));
  }
  for (let sent = endpoint.pollTransmit(); sent !== undefined; sent = endpoint.pollTransmit()) {
    sockets.get(sent.source.port)?.send(sent.octets, sent.destination.port, sent.destination.address);
  }
  clearTimeout(timer);
  const due = endpoint.pollTimeout();
  if (due === undefined) return;
  timer = setTimeout(
    () => {
      endpoint.handleTimeout(now());
      drain();
    },
    Math.max(0, due.at - now()),
  );
}

/** Without keys. */
function told(event: IkeEvent): object {
  if (event.kind === 'ike-failed' || event.kind === 'child-failed' || event.kind === 'negotiation-refused') {
    return { kind: event.kind, words: formatFailure(event), event };
  }
  if (event.kind !== 'child-negotiated' && event.kind !== 'child-established') return { kind: event.kind };
  const { mode: chosen, inUdp, protections, originalAddresses } = event.child;
  const names = protections.map(({ protocol, suite }) => `${protocol} ${suite.name}`);
  return { kind: event.kind, mode: chosen, inUdp, protections: names, originalAddresses };
}
