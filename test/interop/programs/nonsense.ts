// nonsense.js TARGET SECONDS RATE TRACE: sends bounded nonsense to UDP 500 and 4500 of TARGET, RATE datagrams a second.
import dgram from 'node:dgram';
import { readUdp, type SeenDatagram } from './pcap.ts';

const [target = '', seconds = '10', rate = '100', trace = ''] = process.argv.slice(2);

/** Its own ports, which nftables rewrites to those of the peer. */
const SOURCES = { 500: 6500, 4500: 6501 } as const;
const PORTS = [500, 4500] as const;
const TICK_MS = 20;

let state = 0x9e3779b9;

/** xorshift32: the same nonsense every time. */
function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

function noise(octets: number): Buffer {
  return Buffer.from(Array.from({ length: octets }, () => random(256)));
}

/** An ISAKMP header whose fields are plausible one by one, over noise. */
function plausible(): Buffer {
  const body = noise(random(400));
  const header = noise(28);
  header[16] = random(21);
  header[17] = 0x10;
  header[18] = [2, 4, 5, 6, 32, 33, 99][random(7)] ?? 0;
  header[19] = random(8);
  header.writeUInt32BE(random(4) === 0 ? random(0xffff_ffff) : 28 + body.length, 24);
  if (random(2) === 0) header.fill(0, 8, 16);
  return Buffer.concat([header, body]);
}

function flipped(octets: Buffer): Buffer {
  const copy = Buffer.from(octets);
  for (let flips = 1 + random(4); flips > 0 && copy.length > 0; flips--) {
    const at = random(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
  }
  return copy;
}

function one(seen: SeenDatagram): { port: 500 | 4500; octets: Buffer } {
  const port = PORTS[random(2)] ?? 500;
  const marker = port === 4500 && random(2) === 0 ? Buffer.alloc(4) : Buffer.alloc(0);
  switch (random(8)) {
    case 0:
      return { port, octets: noise(random(1400)) };
    case 1:
      return { port, octets: Buffer.concat([marker, plausible()]) };
    case 2:
      return { port, octets: noise(random(5)) };
    case 3:
      return { port, octets: noise(1500 + random(6000)) };
    case 4:
      return { port: seen.port, octets: seen.octets.subarray(0, random(seen.octets.length)) };
    case 5:
      return { port: seen.port, octets: Buffer.concat([seen.octets, noise(1 + random(64))]) };
    case 6:
      return seen;
    default:
      return { port: seen.port, octets: flipped(seen.octets) };
  }
}

const seen = readUdp(trace, target);
if (seen.length === 0) throw new RangeError(`${trace} shows no datagrams to ${target}`);
const sockets = { 500: dgram.createSocket('udp4'), 4500: dgram.createSocket('udp4') } as const;
for (const port of PORTS) sockets[port].bind(SOURCES[port]);

const perTick = Math.max(1, Math.round((Number(rate) * TICK_MS) / 1000));
const end = Date.now() + Number(seconds) * 1000;
const timer = setInterval(() => {
  if (Date.now() >= end) {
    clearInterval(timer);
    for (const port of PORTS) sockets[port].close();
    return;
  }
  for (let count = 0; count < perTick; count++) {
    const { port, octets } = one(seen[random(seen.length)] ?? { port: 500, octets: noise(28) });
    sockets[port].send(octets, port, target);
  }
}, TICK_MS);
