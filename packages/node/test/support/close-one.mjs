// Closes one of two sockets, and the other when the first is closed: nothing else keeps the event loop going.
import { Linux } from '@espalier/node/linux';

const openSocket = (await Linux.load()).sockets();
const owner = { receive: () => {}, failed: () => {} };
const [one, other] = await Promise.all([0, 0].map((port) => openSocket({ address: '127.0.0.1', port }, owner)));
setTimeout(async () => {
  await one.close();
  await other.close();
  console.log('closed');
}, 100);
