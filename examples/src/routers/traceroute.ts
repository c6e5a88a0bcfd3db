import { encodeUdp, type IcmpMessage, ipv4, PROTOCOL, readU16, seconds } from '@espalier/wire';
import { icmpOf } from '../common/icmp.ts';
import { toAddress, toText } from './address.ts';
import type { VirtualClock } from './clock.ts';
import type { Router } from './router.ts';

/** The addresses that answered for one TTL: usually one; none when all probes were lost. */
export type Hop = readonly string[];

interface Answer {
  readonly from: string;
  /** Milliseconds. */
  readonly time: number;
  readonly arrived: boolean;
}

const MAX_HOPS = 30;
const PROBES = 3;
const PATIENCE = seconds(5);
const FIRST_PORT = 33434;
/** With the headers of IP and UDP, 40 octets. */
const PAYLOAD = new Uint8Array(12);

/** `traceroute DESTINATION`, as Junos prints it: UDP to ports where nobody listens, with a TTL that grows. */
export function traceroute(
  clock: VirtualClock,
  router: Router,
  destination: string,
  print: (line: string) => void,
): readonly Hop[] {
  const hops: Hop[] = [];
  print(`traceroute to ${destination} (${destination}), ${MAX_HOPS} hops max, 40 byte packets`);
  for (let ttl = 1; ttl <= MAX_HOPS; ttl++) {
    const answers: (Answer | undefined)[] = [];
    for (let probe = 0; probe < PROBES; probe++) {
      answers.push(sendProbe(clock, router, destination, ttl, FIRST_PORT + (ttl - 1) * PROBES + probe));
    }
    print(hopLine(ttl, answers));
    hops.push([...new Set(answers.flatMap((answer) => answer?.from ?? []))]);
    if (answers.some((answer) => answer?.arrived)) break;
  }
  return hops;
}

function sendProbe(
  clock: VirtualClock,
  router: Router,
  destination: string,
  ttl: number,
  destinationPort: number,
): Answer | undefined {
  let answer: Answer | undefined;
  const sentAt = clock.now;
  const sourcePort = router.newIdentifier() | 0x8000;
  const stop = router.listen((packet) => {
    const message = icmpOf(packet);
    if (!message || !quotes(message, sourcePort, destinationPort)) return false;
    const arrived = message.kind === 'destination-unreachable';
    answer = { from: toText(ipv4.source(packet, 0)), time: clock.now - sentAt, arrived };
    return true;
  });
  const payload = encodeUdp({ sourcePort, destinationPort, payload: PAYLOAD });
  router.send({ protocol: PROTOCOL.udp, destination: toAddress(destination), payload, ttl });
  clock.runFor(PATIENCE, () => answer !== undefined);
  stop();
  return answer;
}

/** Whether an ICMP error is about the datagram between these ports. */
function quotes(message: IcmpMessage, sourcePort: number, destinationPort: number): boolean {
  if (message.kind !== 'time-exceeded' && message.kind !== 'destination-unreachable') return false;
  const { original } = message;
  const udpAt = ipv4.headerOctets(original, 0);
  if (original.length < udpAt + 4 || ipv4.protocol(original, 0) !== PROTOCOL.udp) return false;
  return readU16(original, udpAt) === sourcePort && readU16(original, udpAt + 2) === destinationPort;
}

/** ` 1  10.1.15.2 (10.1.15.2)  0.987 ms  0.630 ms  0.563 ms`, with a star for each probe that was lost. */
function hopLine(ttl: number, answers: readonly (Answer | undefined)[]): string {
  let from = '';
  const columns = answers.map((answer) => {
    if (!answer) return '*';
    const name = answer.from === from ? '' : `${answer.from} (${answer.from})  `;
    from = answer.from;
    return `${name}${answer.time.toFixed(3)} ms`;
  });
  return `${String(ttl).padStart(2)}  ${columns.join('  ')}`;
}
