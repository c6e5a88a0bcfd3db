import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { Engine } from '@espalier/crypto';
import type { IkeEndpoint } from '@espalier/ike';
import { after, type Instant, milliseconds, seconds } from '@espalier/wire';
import { endpointOf, pass, peerConfigs, START } from './ike-peers.ts';
import type { ScaleRow } from './rows.ts';

type Note = (from: number, to: number) => void;

const STEP = milliseconds(10);

/** When a call began and ended, or the garbage collector did: milliseconds. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * All IKE SAs of a hub were made in one instant and are renewed in one second: how long its calls take. Each has a child,
 * for which it is renewed. The garbage collector stops a call now and then, the more since both ends are one process.
 */
export async function measureRenewal(engine: Engine, peers: number): Promise<readonly ScaleRow[]> {
  const hub = endpointOf(engine, peerConfigs(true, peers, 1));
  const spokes = endpointOf(engine, peerConfigs(false, peers, 1));
  for (let peer = 0; peer < peers; peer++) {
    hub.initiate(START, `spoke-${peer}`);
    exchange(START, hub, spokes, () => {});
  }
  const calls: Span[] = [];
  const collections = await collectionsDuring(() => {
    const note = (from: number, to: number): void => void calls.push({ from, to });
    const end = after(START, seconds(3600));
    for (let now = after(START, seconds(3000)); now < end; now = after(now, STEP)) {
      tick(now, hub, spokes, note);
      tick(now, spokes, hub, () => {});
    }
  });
  const renewed = hub.ikeSas().filter(({ establishedAt }) => establishedAt !== undefined && establishedAt > START);
  if (renewed.length !== peers) throw new Error(`${renewed.length} of ${peers} IKE SAs were renewed`);
  const row = { part: 'scale', peers, children: 1 } as const;
  const whole = calls.map(({ from, to }) => 1000 * (to - from));
  const own = calls.map((call) => 1000 * (call.to - call.from - overlap(call, collections)));
  return [
    { ...row, what: 'renewal of all IKE SAs in one second, 999 of 1,000 calls', microseconds: share(whole, 0.999) },
    { ...row, what: 'renewal of all IKE SAs in one second, longest call', microseconds: share(whole, 1) },
    {
      ...row,
      what: 'renewal of all IKE SAs in one second, longest call less garbage collection',
      microseconds: share(own, 1),
    },
  ];
}

async function collectionsDuring(run: () => void): Promise<readonly Span[]> {
  const spans: Span[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) spans.push({ from: startTime, to: startTime + duration });
  });
  observer.observe({ entryTypes: ['gc'] });
  run();
  // The platform tells of them when the event loop turns.
  await setTimeout(100);
  observer.disconnect();
  return spans;
}

function overlap({ from, to }: Span, others: readonly Span[]): number {
  return others.reduce((sum, other) => sum + Math.max(0, Math.min(to, other.to) - Math.max(from, other.from)), 0);
}

function share(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
}

/** Everything that is due, a part at a time; what is sent in between is answered at once. */
function tick(now: Instant, one: IkeEndpoint, other: IkeEndpoint, note: Note): void {
  for (let next = one.pollTimeout(); next !== undefined && next.at <= now; next = one.pollTimeout()) {
    const from = performance.now();
    one.handleTimeout(now);
    note(from, performance.now());
    exchange(now, one, other, note);
  }
}

function exchange(now: Instant, one: IkeEndpoint, other: IkeEndpoint, note: Note): void {
  while (pass(now, one, other, () => {}) || pass(now, other, one, note));
}
