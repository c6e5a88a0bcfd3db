// Datagrams over a link of 1280 octets: 100 that fit, 100 that do not, 100 that fit; whether each hundred leaves as fewer messages
// is seen by how they come. To be run in a network of its own.
import { execFileSync } from 'node:child_process';
import { Linux } from '@espalier/node/linux';

execFileSync('ip', ['link', 'set', 'lo', 'mtu', '1280', 'up']);
const openSocket = (await Linux.load()).sockets();
const errors = [];
const numbers = [];
let messages = 0;
const receive = (batch) => {
  // What has come as one message lies in one slot of the kernel's.
  messages += new Set(batch.map(({ octets }) => octets.byteOffset >>> 16)).size;
  for (const { octets } of batch) numbers.push((octets[0] << 8) | octets[1]);
};
const owner = { receive, failed: (error) => errors.push(error) };
const [from, to] = await Promise.all([0, 0].map((port) => openSocket({ address: '127.0.0.1', port }, owner)));
const memory = new Uint8Array(1 << 20);

const cut = [];
for (const [hundred, length] of [1000, 1400, 1000].entries()) {
  messages = 0;
  for (let i = 0; i < 100; i++) {
    const number = hundred * 100 + i;
    memory.set([number >> 8, number & 0xff], i * 2048);
    from.send(to.local, memory, i * 2048, length);
  }
  from.flush();
  for (let tries = 0; numbers.length < (hundred + 1) * 100 && tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  cut.push(messages < 25 ? 'yes' : 'no');
}
const order = numbers.every((number, i) => number === i) ? 'in order' : 'out of order';
console.log(`${numbers.length} of 300 datagrams, ${order}; ${errors.length} errors; cut: ${cut.join(', ')}`);
await Promise.all([from.close(), to.close()]);
