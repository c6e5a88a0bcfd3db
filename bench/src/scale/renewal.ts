import type { Engine } from '@espalier/crypto';
import type { IkeEndpoint } from '@espalier/ike';
import { after, type Instant, milliseconds, seconds } from '@espalier/wire';
import { endpointOf, pass, peerConfigs, START } from './ike-peers.ts';
import type { ScaleRow } from './rows.ts';

const STEP = milliseconds(10);

/**
 * All IKE SAs of a hub were made in one instant and are renewed in one second: how long its calls take. Each has a child,
 * for which it is renewed. The longest call may have met the platform's garbage collector.
 */
export function measureRenewal(engine: Engine, peers: number): readonly ScaleRow[] {
  const hub = endpointOf(engine, peerConfigs(true, peers, 1));
  const spokes = endpointOf(engine, peerConfigs(false, peers, 1));
  for (let peer = 0; peer < peers; peer++) {
    hub.initiate(START, `spoke-${peer}`);
    exchange(START, hub, spokes, () => {});
  }
  const calls: number[] = [];
  const note = (time: number): void => void calls.push(1000 * time);
  const end = after(START, seconds(3600));
  for (let now = after(START, seconds(3000)); now < end; now = after(now, STEP)) {
    tick(now, hub, spokes, note);
    tick(now, spokes, hub, () => {});
  }
  const renewed = hub.ikeSas().filter(({ establishedAt }) => establishedAt !== undefined && establishedAt > START);
  if (renewed.length !== peers) throw new Error(`${renewed.length} of ${peers} IKE SAs were renewed`);
  calls.sort((a, b) => a - b);
  const at = (share: number): number => calls[Math.ceil(share * calls.length) - 1] ?? 0;
  const row = { part: 'scale', peers, children: 1 } as const;
  return [
    { ...row, what: 'renewal of all IKE SAs in one second, 999 of 1,000 calls', microseconds: at(0.999) },
    { ...row, what: 'renewal of all IKE SAs in one second, longest call', microseconds: at(1) },
  ];
}

/** Everything that is due, a part at a time; what is sent in between is answered at once. */
function tick(now: Instant, one: IkeEndpoint, other: IkeEndpoint, note: (time: number) => void): void {
  for (let next = one.pollTimeout(); next !== undefined && next.at <= now; next = one.pollTimeout()) {
    const before = performance.now();
    one.handleTimeout(now);
    note(performance.now() - before);
    exchange(now, one, other, note);
  }
}

function exchange(now: Instant, one: IkeEndpoint, other: IkeEndpoint, note: (time: number) => void): void {
  while (pass(now, one, other, () => {}) || pass(now, other, one, note));
}
