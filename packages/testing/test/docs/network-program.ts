// The second block of packages/testing/README.md, and what it needs around it.
import { randomFillSync } from 'node:crypto';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { IkeEndpoint } from '@espalier/ike';
import { corruption, duplication, jitter, loss, Network, ofDatagrams } from '@espalier/testing/network';
import { fromAscii, ipv4SubnetId, seconds } from '@espalier/wire';

const [initiator, responder] = (['192.0.2.1', '192.0.2.2'] as const).map(
  (address, i) =>
    new IkeEndpoint({
      engine: nobleEngine(),
      rng: { fill: randomFillSync },
      peers: [
        {
          name: i === 0 ? 'responder' : 'initiator',
          local: { address, port: 500 },
          remote: { address: i === 0 ? '192.0.2.2' : '192.0.2.1', port: 500 },
          preSharedKey: fromAscii('a long and random secret'),
          proposals: [
            { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 31, authentication: 'pre-shared-key' },
          ],
          lifetime: seconds(7200),
          children: [
            {
              name: 'net',
              suites: [espSuite('aes-128-gcm-16')],
              localIdentity: ipv4SubnetId(`10.${1 + i}.0.0/16`),
              remoteIdentity: ipv4SubnetId(`10.${2 - i}.0.0/16`),
              lifetime: seconds(7200),
            },
          ],
        },
      ],
    }),
) as [IkeEndpoint, IkeEndpoint];

const network = new Network({ seed: 7 });
const outwards = [loss(0.1), duplication(0.1), jitter(200), corruption(0.01)];
network.attach('initiator', ofDatagrams(initiator), { addresses: ['192.0.2.1'], outwards });
network.attach('responder', ofDatagrams(responder), { addresses: ['192.0.2.2'], clock: { rate: 1.0001 } });
network.on('initiator', (now) => initiator.initiate(now, 'responder'));
network.run(seconds(3600));
console.log(network.log.lines().join('\n'), network.log.digest);
