// The blocks of docs/how-to/look/record-and-replay.md, and what they need around them.
import { randomFillSync } from 'node:crypto';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { type PeerConfig, RecordedEndpoint, Replay } from '@espalier/ike';
import { fromAscii, instant, ipv4SubnetId, seconds } from '@espalier/wire';

const engine = nobleEngine();
const rng = { fill: randomFillSync };
const peers: readonly PeerConfig[] = [
  {
    name: 'east',
    local: { address: '192.0.2.1', port: 500 },
    remote: { address: '192.0.2.2', port: 500 },
    preSharedKey: fromAscii('a long and random secret'),
    proposals: [
      { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 31, authentication: 'pre-shared-key' },
    ],
    lifetime: seconds(3600),
    children: [
      {
        name: 'net',
        suites: [espSuite('aes-128-gcm-16')],
        localIdentity: ipv4SubnetId('10.1.0.0/16'),
        remoteIdentity: ipv4SubnetId('10.2.0.0/16'),
        lifetime: seconds(3600),
      },
    ],
  },
];

const lines: string[] = [];
const endpoint = new RecordedEndpoint({ engine, rng, peers }, { write: (line) => lines.push(line) });

endpoint.initiate(instant(0), 'east');
while (endpoint.pollTransmit() !== undefined) {}
const text = lines.join('\n');

const replay = new Replay(text, { engine });
for (const step of replay) console.log(step.index, step.now, step.input, step.events);
