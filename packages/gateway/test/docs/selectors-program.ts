// The selectors of packages/gateway/README.md.
import { randomFillSync } from 'node:crypto';
import { nobleEngine } from '@espalier/crypto';
import { Gateway, type Selectors } from '@espalier/gateway';

const selectors: readonly Selectors[] = [
  {
    local: '10.1.0.0/16',
    remote: ['10.2.0.0/16', '10.3.0.5-10.3.0.9'],
    protocol: 'tcp',
    remotePort: [443, '8000-8099'],
  },
  { remote: '10.2.0.0/16', protocol: 'icmp', icmpType: [8, 0] },
];

const policies = selectors.map((one, i) => ({ name: `${i}`, selectors: one, action: { kind: 'bypass' } as const }));
const gateway = new Gateway({
  config: { peers: [], policies },
  engine: nobleEngine(),
  rng: { fill: randomFillSync },
});
console.log(gateway.ipsecSas().length);
