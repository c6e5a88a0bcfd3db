// The blocks of packages/node/README.md and docs/how-to/build/node.md that need Linux; plain JavaScript too, as it is run by Node.
import { nobleEngine } from '@espalier/crypto';
import { Gateway } from '@espalier/gateway';
import { autoSocket, systemRng, UdpDriver } from '@espalier/node';
import { Linux } from '@espalier/node/linux';

const gateway = new Gateway({
  config: { peers: [], policies: [] },
  engine: nobleEngine(),
  rng: systemRng(),
  outside: 'udp',
});

const { openSocket, reason } = await autoSocket();
const linux = await Linux.load();
const inside = linux.tun({ name: 'tun0' });
const driver = await UdpDriver.open(gateway, { addresses: ['192.0.2.1'], openSocket, inside });

console.log(`${reason}, at 192.0.2.1 ports ${driver.locals.map(({ port }) => port).join(' and ')}`);
await driver.close();
