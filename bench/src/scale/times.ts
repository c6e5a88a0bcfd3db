import { randomFillSync } from 'node:crypto';
import type { Engine } from '@espalier/crypto';
import type { IkeEndpoint } from '@espalier/ike';
import { median } from '../statistics.ts';
import { endpointOf, HUB, pass, peerConfigs, START, spokeAddress } from './ike-peers.ts';
import { createStar, establish, packetBetween } from './network.ts';
import type { ScaleRow, ScaleSubject } from './rows.ts';

const CHILDREN = 2;
const LIVE = 10;
const COOKIE_OCTETS = 8;

/** What becomes slower, if anything does, with the number of peers. */
export function measureTimes(engine: Engine, peers: number, repetitions: number): readonly ScaleRow[] {
  const row = (what: ScaleSubject, microseconds: number): ScaleRow => ({
    part: 'scale',
    what,
    peers,
    children: CHILDREN,
    microseconds,
  });
  const hub = endpointOf(engine, peerConfigs(true, peers, CHILDREN));
  const { out, inward, timeout } = packetTimes(engine, peers, repetitions);
  return [
    row('first message from an unknown address', strangerTime(hub, engine, repetitions)),
    row('handshake at the responder', handshakeTime(hub, engine, Math.ceil(repetitions / 20))),
    row('packet out', out),
    row('packet in', inward),
    row('handleTimeout with nothing due', timeout),
  ];
}

function strangerTime(hub: IkeEndpoint, engine: Engine, repetitions: number): number {
  const [config] = peerConfigs(false, 1, 1);
  const spoke = endpointOf(engine, config === undefined ? [] : [config]);
  spoke.initiate(START, 'spoke-0');
  const first = spoke.pollTransmit()?.octets;
  if (first === undefined) throw new Error('the spoke sends nothing');
  const stranger = { address: '203.0.113.77', port: 500 };
  return medianTime(repetitions, () => {
    randomFillSync(first, 0, COOKIE_OCTETS);
    if (hub.handleDatagram(START, stranger, HUB, first).ok) throw new Error('a stranger was answered');
  });
}

/** Phase 1 and two children, by ever new initiators with INITIAL-CONTACT: the calls of the hub alone. */
function handshakeTime(hub: IkeEndpoint, engine: Engine, repetitions: number): number {
  const times = Array.from({ length: repetitions }, (_, i) => {
    const [config] = peerConfigs(false, LIVE, CHILDREN).slice(i % LIVE);
    const spoke = endpointOf(engine, config === undefined ? [] : [config]);
    let spent = 0;
    spoke.initiate(START, `spoke-${i % LIVE}`);
    while (
      pass(START, spoke, hub, (time) => {
        spent += time;
      }) ||
      pass(START, hub, spoke, () => {})
    );
    if (spoke.children().length !== CHILDREN) throw new Error(`no children with ${spokeAddress(i % LIVE).address}`);
    return 1000 * spent;
  });
  return median(times);
}

function packetTimes(
  engine: Engine,
  peers: number,
  repetitions: number,
): { readonly out: number; readonly inward: number; readonly timeout: number } {
  const star = createStar({ engine, peers, childrenPerPeer: CHILDREN });
  const live = Array.from({ length: LIVE }, (_, i) => Math.floor((i * peers) / LIVE));
  for (const peer of live) establish(star, peer, 0, START);
  const packets = live.map((peer) => packetBetween(peer, 0, true));
  const sealed: Uint8Array[] = [];
  let turn = 0;
  const out = medianTime(repetitions, () => {
    const packet = packets[turn++ % LIVE];
    if (packet === undefined || !star.hub.handleInside(START, packet).ok) throw new Error('a packet was refused');
    const sent = star.hub.pollTransmit();
    if (sent?.kind === 'packet') sealed.push(sent.octets);
  });
  turn = 0;
  const inward = medianTime(sealed.length, () => {
    const packet = sealed[turn++];
    if (packet === undefined || !star.spokes.handleOutside(START, packet).ok) throw new Error('a packet was refused');
    star.spokes.pollInside();
  });
  const timeout = medianTime(repetitions, () => star.hub.handleTimeout(START));
  return { out, inward, timeout };
}

/** Of runs of ten, so that the clock is not what is measured; the first tenth warms up. */
function medianTime(repetitions: number, run: () => void): number {
  const times: number[] = [];
  for (let done = 0; done + 10 <= repetitions; done += 10) {
    const before = performance.now();
    for (let i = 0; i < 10; i++) run();
    times.push((1000 * (performance.now() - before)) / 10);
  }
  return median(times.slice(Math.ceil(times.length / 10)));
}
