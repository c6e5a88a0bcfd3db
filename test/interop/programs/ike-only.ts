// ike-only.js CONFIG: an IKE endpoint on UDP 500 and 4500 that carries nothing; prints an event a line. CONFIG is JSON.
import { appendFileSync, readFileSync } from 'node:fs';
import { ahSuite, espSuite } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { formatFailure, type IkeEvent, RecordedEndpoint } from '@espalier/ike';
import { systemRng, UdpDriver } from '@espalier/node';
import { ipv4AddressId, ipv4SubnetId, seconds } from '@espalier/wire';
import type { IkeOnlySettings } from '../gateways/ike-only.ts';
import { authenticationOf } from './authentication.ts';

const settings: IkeOnlySettings = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const { record, protection } = settings;
const isRoad = settings.road !== undefined;
const { mode, bundle } = protection;
const identity = (address: string, network: string) =>
  mode === 'transport' ? ipv4AddressId(address) : ipv4SubnetId(network);
const authentication = authenticationOf(settings);

const endpoint = new RecordedEndpoint(
  {
    engine: nodeEngine(),
    allowLegacy: ['md5', 'modp768'],
    rng: systemRng(),
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

const driver = await UdpDriver.open(endpoint, {
  addresses: [settings.local],
  onQuestion: (question) => authentication.answer(question),
  onRefused: ({ reason }) => console.log(JSON.stringify({ kind: 'refused', reason })),
  onEvent(event) {
    if ('error' in event) throw event.error;
    authentication.happened(event);
    console.log(JSON.stringify(told(event)));
  },
});
process.once('SIGTERM', () => driver.close());
if (settings.initiates) driver.command((now) => endpoint.initiate(now, 'peer'));

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
