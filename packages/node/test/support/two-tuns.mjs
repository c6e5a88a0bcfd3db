// Two networks with a TUN each, and what goes into the one comes out of the other: `offload` or `plain`. To be run in a network
// of its own; the second one is that of a process that it starts.
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Linux } from '@espalier/node/linux';

const offload = process.argv[2] === 'offload';
const HERE = '10.9.0.1';
const THERE = '10.9.0.2';
const OCTETS = 4_000_000;

// What is sent to it by TCP comes back, and by UDP as well.
const ECHO = `
  const tcp = require('node:net').createServer((socket) => socket.pipe(socket));
  const udp = require('node:dgram').createSocket('udp4');
  udp.on('message', (octets, from) => udp.send(octets, from.port, from.address));
  process.stdin.once('data', () => udp.bind(7, '${THERE}', () => tcp.listen(7, '${THERE}', () => console.log('ready'))));
`;
const other = spawn('unshare', ['--net', process.execPath, '-e', ECHO], { stdio: ['pipe', 'pipe', 'inherit'] });
const there = (...words) => execFileSync('nsenter', ['-t', `${other.pid}`, '-n', ...words]);
await until(() => String(there('ip', '-o', 'link')).split('\n').length === 2);

const linux = await Linux.load();
const tuns = ['left', 'right'].map((name) => linux.tun({ name, offload }));
const errors = [];
for (const [i, tun] of tuns.entries()) {
  tun.open({ send: (packets) => pass(packets, tuns[1 - i]), failed: (error) => errors.push(error) });
}
execFileSync('ip', ['link', 'set', 'right', 'netns', `${other.pid}`]);
execFileSync('ip', ['addr', 'add', `${HERE}/24`, 'dev', 'left']);
execFileSync('ip', ['link', 'set', 'left', 'up']);
there('ip', 'addr', 'add', `${THERE}/24`, 'dev', 'right');
there('ip', 'link', 'set', 'right', 'up');
other.stdin.write('go\n');
await once(other.stdout, 'data');

const sent = randomBytes(OCTETS);
const tcp = connect(7, THERE);
tcp.end(sent);
const back = await buffer(tcp);
if (sha256(back) !== sha256(sent)) throw new Error(`${back.length} octets came back, and not what was sent`);

const udp = createSocket('udp4');
let datagrams = 0;
udp.on('message', (octets) => {
  if (octets.equals(sent.subarray(0, octets.length))) datagrams += 1;
});
for (const length of [1, 999, 1472]) udp.send(sent.subarray(0, length), 7, THERE);
await until(() => datagrams === 3);
console.log(`${OCTETS / 1e6} MB there, ${back.length / 1e6} MB back, ${datagrams} datagrams, ${errors.length} errors`);

udp.close();
errors.length = 0;
execFileSync('ip', ['link', 'del', 'left']);
await until(() => errors.length > 0);
console.log(errors.map(({ code }) => code).join());
other.kill();
await Promise.all(tuns.map((tun) => tun.close()));

function pass(packets, to) {
  const memory = new Uint8Array(1 << 20);
  let at = 0;
  for (const packet of packets) {
    if (at + packet.length > memory.length) {
      to.flush();
      at = 0;
    }
    memory.set(packet, at);
    to.deliver({ memory, offset: at, length: packet.length });
    at += (packet.length + 1) & ~1;
  }
  to.flush();
}

function sha256(octets) {
  return createHash('sha256').update(octets).digest('hex');
}

async function until(condition) {
  for (let tries = 0; !condition(); tries++) {
    if (tries === 500) throw new Error(`not in time: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
