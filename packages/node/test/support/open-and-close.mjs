// Opens a driver, on sockets of Node or, with `linux`, of Linux; has it wait for an answer, and closes it: the process is to end by
// itself.
import { espSuite, nobleEngine } from '@espalier/crypto';
import { IkeEndpoint } from '@espalier/ike';
import { dgramSocket, systemRng, UdpDriver } from '@espalier/node';
import { Linux } from '@espalier/node/linux';
import { fromAscii, ipv4SubnetId, seconds } from '@espalier/wire';

const lifetime = seconds(3600);
const child = {
  name: 'net',
  suites: [espSuite('aes-128-gcm-16')],
  localIdentity: ipv4SubnetId('10.1.0.0/16'),
  remoteIdentity: ipv4SubnetId('10.2.0.0/16'),
  lifetime,
};
const peer = {
  name: 'east',
  local: { address: '127.0.0.1', port: 500 },
  remote: { address: '127.0.0.1', port: 500 },
  preSharedKey: fromAscii('a long and random secret'),
  proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 31, authentication: 'pre-shared-key' }],
  lifetime,
  children: [child],
};
const openSocket = process.argv[2] === 'linux' ? (await Linux.load()).sockets() : dgramSocket;
const endpoint = new IkeEndpoint({ engine: nobleEngine(), rng: systemRng(), peers: [peer] });
const driver = await UdpDriver.open(endpoint, {
  addresses: ['127.0.0.1'],
  ports: { ike: 0, natTraversal: 0 },
  peerPorts: { '127.0.0.1': { ike: 9, natTraversal: 19 } },
  onEvent: () => {},
  openSocket,
});
driver.command((now) => endpoint.initiate(now, 'east'));
await driver.close();
