import type { Engine } from '@espalier/crypto';
import type { IkeEndpoint } from '@espalier/ike';
import { after, type Instant, milliseconds, seconds } from '@espalier/wire';
import { endpointOf, pass, peerConfigs, START } from './ike-peers.ts';
import type { ScaleRow } from './rows.ts';

const STEP = milliseconds(10);

/**
 * All IKE SAs of a hub were made in one instant and are renewed in one second: how long the longest of its calls takes.
 * Each has a child, for which it is renewed.
 */
export function measureRenewal(engine: Engine, peers: number): ScaleRow {
  const hub = endpointOf(engine, peerConfigs(true, peers, 1));
  const spokes = endpointOf(engine, peerConfigs(false, peers, 1));
  for (let peer = 0; peer < peers; peer++) {
    hub.initiate(START, `spoke-${peer}`);
    exchange(START, hub, spokes, () => {});
  }
  let longest = 0;
  const note = (time: number): void => {
    longest = Math.max(longest, time);
  };
  const end = after(START, seconds(3600));
  for (let now = after(START, seconds(3000)); now < end; now = after(now, STEP)) {
    tick(now, hub, spokes, note);
    tick(now, spokes, hub, () => {});
  }
  const renewed = hub.ikeSas().filter(({ establishedAt }) => establishedAt !== undefined && establishedAt > START);
  if (renewed.length !== peers) throw new Error(`${renewed.length} of ${peers} IKE SAs were renewed`);
  const what = 'renewal of all IKE SAs in one second: longest call';
  return { part: 'scale', what, peers, children: 1, microseconds: 1000 * longest };
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
