import { heapInUse } from '../heap.ts';
import { Bed } from './bed.ts';
import { anyAddress, peerAddress } from './places.ts';
import type { Siege, SiegeLaw } from './siege.ts';

/** What came of a flood. */
export interface SiegeOutcome {
  readonly flood: Siege;
  readonly datagrams: number;
  /** Those that the gateway did not refuse. */
  readonly taken: number;
  /** Microseconds of a processor that one datagram took, with all that it was the cause of, and the making of it. */
  readonly cost: number;
  readonly octetsIn: number;
  readonly octetsOut: number;
  /** Octets more than before the flood: the most while it lasted, and a minute after it. */
  readonly heap: { readonly most: number; readonly left: number };
  readonly ikeSas: { readonly most: number; readonly left: number };
  readonly real: { readonly begun: number; readonly finished: number };
  readonly broken: readonly { readonly law: SiegeLaw; readonly detail: string }[];
}

export const MIB: number = 2 ** 20;
const HEAP_MOST = 32 * MIB;
const HEAP_LEFT = 8 * MIB;
const MINUTE = 61_000;
/** Real peers that begin while a flood lasts, and looks at the heap. */
const REAL_PEERS = 20;
const LOOKS = 5;
/** The last of the real peers has what is left of a flood for its tunnel. */
const BEGIN_WITHIN = 0.8;
/** No answer is longer. */
const ANSWER_MOST = 2048;
/** Established IKE SAs of one peer (`limits.ts` of @espalier/ike). */
const ESTABLISHED_PER_PEER = 32;

/** Floods a gateway. `datagrams`: of them, for a shorter run. */
export function runSiege(flood: Siege, datagrams: number = flood.datagrams, seed = 1): SiegeOutcome {
  const bed = new Bed(flood.peers, flood.mode, seed);
  const step = flood.begin(bed);
  const { traffic, gateway } = bed;
  const before = heapInUse();
  const most = { heap: 0, ikeSas: 0 };
  let [looked, real, worked] = [0, 0, 0];
  let since = process.cpuUsage();
  while (traffic.datagrams < datagrams) {
    const handed = traffic.datagrams;
    if (real < REAL_PEERS && handed >= (real * BEGIN_WITHIN * datagrams) / REAL_PEERS)
      bed.begin(realAddress(flood, real++));
    step();
    bed.advance(((traffic.datagrams - handed) * 1000) / flood.perSecond);
    if (traffic.datagrams < ((looked + 1) * datagrams) / LOOKS) continue;
    looked++;
    const { user, system } = process.cpuUsage(since);
    worked += user + system;
    most.heap = Math.max(most.heap, heapInUse() - before);
    most.ikeSas = Math.max(most.ikeSas, gateway.ikeSas().length);
    since = process.cpuUsage();
  }
  const { begun, finished } = bed;
  const { taken, octetsIn, octetsOut } = traffic;
  const count = traffic.datagrams;
  bed.advance(MINUTE);
  const left = gateway.ikeSas().length;
  const outcome = {
    ...{ flood, datagrams: count, taken, octetsIn, octetsOut, cost: worked / count },
    heap: { most: most.heap, left: heapInUse() - before },
    ikeSas: { most: most.ikeSas, left },
    real: { begun, finished },
  };
  return { ...outcome, broken: brokenLaws(outcome) };
}

/** Real peers are spread over all that there are. */
function realAddress({ peers }: Siege, number: number) {
  return peers === 1 ? anyAddress(3000 * number + 7) : peerAddress(number * Math.floor(peers / REAL_PEERS));
}

function brokenLaws({ flood, heap, ikeSas, real, octetsIn, octetsOut }: Omit<SiegeOutcome, 'broken'>) {
  const broken: { law: SiegeLaw; detail: string }[] = [];
  const mebibytes = (octets: number): string => `${(octets / MIB).toFixed(1)} MiB`;
  if (heap.most > HEAP_MOST) broken.push({ law: 'heap', detail: `${mebibytes(heap.most)} more` });
  if (heap.left > HEAP_LEFT) broken.push({ law: 'heap', detail: `${mebibytes(heap.left)} more a minute later` });
  const mayStay = real.finished + ESTABLISHED_PER_PEER;
  if (ikeSas.left > mayStay) broken.push({ law: 'forgotten', detail: `${ikeSas.left} IKE SAs are left` });
  if (real.begun === 0 || real.finished < real.begun) {
    broken.push({ law: 'kept', detail: `${real.finished} of ${real.begun} real peers have a tunnel` });
  }
  if (!flood.isKeyed && octetsOut > flood.mostOut * octetsIn + ANSWER_MOST) {
    broken.push({ law: 'answered', detail: `${octetsOut} octets for ${octetsIn}` });
  }
  return broken;
}
