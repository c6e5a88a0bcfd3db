import type { ExchangeMode, IkeEndpoint } from '@espalier/ike';
import type { Bed } from './bed.ts';
import { anyAddress, GATEWAY } from './places.ts';
import type { Siege } from './siege.ts';

/** So many addresses have somebody who has the key and never goes on. */
const SOURCES = 4096;

/** Who has the right key begins, and never goes on after so many messages of his own. */
export const KEYED: readonly Siege[] = [
  halfOpen('Main Mode up to message 3', 'main', 2),
  halfOpen('Main Mode up to message 5', 'main', 3),
  halfOpen('up to message 1 of Quick Mode', 'main', 4),
  halfOpen('Aggressive Mode up to message 3', 'aggressive', 2),
];

function halfOpen(name: string, mode: ExchangeMode, messages: number): Siege {
  return {
    ...{ name: `right key: ${name}`, kind: 'right key, half open', mode, peers: 1, datagrams: 40_000 },
    ...{ perSecond: 1000, isKeyed: true, mostOut: 1 },
    begin(bed) {
      let count = 0;
      return () => handshake(bed, messages, ++count);
    },
  };
}

function handshake(bed: Bed, messages: number, count: number): void {
  const address = anyAddress(count % SOURCES);
  const client = bed.client(address);
  let left = messages;
  let waiting = sentBy(client);
  while (left > 0 && waiting.length > 0) {
    const answers: Uint8Array[] = [];
    for (const octets of waiting.slice(0, left)) {
      answers.push(...bed.hand(address, octets).answers);
      left--;
    }
    for (const answer of answers) client.handleDatagram(bed.now, GATEWAY, address, answer);
    waiting = sentBy(client);
  }
  client.close(bed.now);
}

/** What an endpoint has to send. */
export function sentBy(client: IkeEndpoint): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let sent = client.pollTransmit(); sent !== undefined; sent = client.pollTransmit()) all.push(sent.octets);
  return all;
}
