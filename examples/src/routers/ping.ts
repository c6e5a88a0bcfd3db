import { encodeIcmp, type Instant, ipv4, PROTOCOL, seconds } from '@espalier/wire';
import { icmpOf } from '../common/icmp.ts';
import { type Address, toAddress } from './address.ts';
import type { VirtualClock } from './clock.ts';
import type { Router } from './router.ts';

export interface PingReply {
  /** 0 for the first ping; beyond 65535 where the sequence number of ICMP has begun again. */
  readonly index: number;
  readonly ttl: number;
  /** Milliseconds. */
  readonly time: number;
}

export interface PingReport {
  readonly sent: number;
  readonly received: number;
}

const DATA_OCTETS = 56;
const ICMP_OCTETS = 64;
const PATIENCE = seconds(10);

/** Sends echo requests and knows their replies. */
export class Pinger {
  readonly #clock: VirtualClock;
  readonly #router: Router;
  readonly #destination: Address;
  readonly #identifier: number;
  readonly #data = Uint8Array.from({ length: DATA_OCTETS }, (_, index) => index);
  readonly #waiting = new Map<number, { readonly index: number; readonly at: Instant }>();
  readonly #replied: (reply: PingReply) => void;
  readonly stop: () => void;
  #sent = 0;
  #received = 0;

  constructor(clock: VirtualClock, router: Router, destination: Address, replied: (reply: PingReply) => void) {
    this.#clock = clock;
    this.#router = router;
    this.#destination = destination;
    this.#identifier = router.newIdentifier();
    this.#replied = replied;
    this.stop = router.listen((packet) => this.#receive(packet));
  }

  get report(): PingReport {
    return { sent: this.#sent, received: this.#received };
  }

  send(): void {
    const index = this.#sent++;
    const sequence = index & 0xffff;
    this.#waiting.set(sequence, { index, at: this.#clock.now });
    this.#router.send({
      protocol: PROTOCOL.icmp,
      destination: this.#destination,
      payload: encodeIcmp({ kind: 'echo-request', identifier: this.#identifier, sequence, data: this.#data }),
    });
  }

  /** Gives replies that are still on their way the time to come. */
  await(): void {
    this.#clock.runFor(PATIENCE, () => this.#waiting.size === 0);
  }

  #receive(packet: Uint8Array): boolean {
    const message = icmpOf(packet);
    if (message?.kind !== 'echo-reply' || message.identifier !== this.#identifier) return false;
    const request = this.#waiting.get(message.sequence);
    if (!request || ipv4.source(packet, 0) !== this.#destination) return false;
    this.#waiting.delete(message.sequence);
    this.#received++;
    this.#replied({ index: request.index, ttl: ipv4.ttl(packet, 0), time: this.#clock.now - request.at });
    return true;
  }
}

/** `ping DESTINATION count COUNT`, one a second, as Junos prints it. */
export function ping(
  clock: VirtualClock,
  router: Router,
  destination: string,
  count: number,
  print: (line: string) => void,
): PingReport {
  const times: number[] = [];
  const pinger = new Pinger(clock, router, toAddress(destination), ({ index, ttl, time }) => {
    times.push(time);
    print(`${ICMP_OCTETS} bytes from ${destination}: icmp_seq=${index} ttl=${ttl} time=${time.toFixed(3)} ms`);
  });
  print(`PING ${destination} (${destination}): ${DATA_OCTETS} data bytes`);
  for (let sent = 0; sent < count; sent++) {
    pinger.send();
    clock.runFor(seconds(1));
  }
  pinger.await();
  pinger.stop();
  print('');
  for (const line of statistics(destination, pinger.report, times)) print(line);
  return pinger.report;
}

function statistics(destination: string, { sent, received }: PingReport, times: readonly number[]): string[] {
  const loss = Math.round((100 * (sent - received)) / sent);
  const lines = [
    `--- ${destination} ping statistics ---`,
    `${sent} packets transmitted, ${received} packets received, ${loss}% packet loss`,
  ];
  if (times.length === 0) return lines;
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const deviation = Math.sqrt(times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / times.length);
  const summary = [Math.min(...times), mean, Math.max(...times), deviation].map((time) => time.toFixed(3)).join('/');
  return [...lines, `round-trip min/avg/max/stddev = ${summary} ms`];
}
