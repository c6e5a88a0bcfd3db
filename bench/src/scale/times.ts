import { randomFillSync } from 'node:crypto';
import type { Engine } from '@espalier/crypto';
import type { IkeEndpoint } from '@espalier/ike';
import { after, seconds } from '@espalier/wire';
import { median } from '../statistics.ts';
import { endpointOf, HUB, pass, peerConfigs, START } from './ike-peers.ts';
import { createStar, establish, packetBetween } from './network.ts';
import type { ScaleRow, ScaleSubject } from './rows.ts';

const CHILDREN = 2;
const LIVE = 10;
const COOKIE_OCTETS = 8;

/** One thing that is timed, at one number of peers. */
interface Task {
  readonly what: ScaleSubject;
  readonly peers: number;
  /** How many times a turn. */
  readonly repetitions: number;
  /** Microseconds of one. */
  run(): number;
}

/** What becomes slower, if anything does, with the number of peers: in turns, so that the machine is the same for all. */
export function measureTimes(engine: Engine, sizes: readonly number[], turns: number): readonly ScaleRow[] {
  const tasks = sizes.flatMap((peers) => tasksOf(engine, peers));
  const times = new Map<Task, number[]>(tasks.map((task) => [task, []]));
  for (let turn = -1; turn < turns; turn++) {
    for (const task of tasks) {
      const taken = Array.from({ length: task.repetitions }, () => task.run());
      // The first turn warms up.
      if (turn >= 0) times.get(task)?.push(median(taken));
    }
  }
  return tasks.map((task) => ({
    part: 'scale',
    what: task.what,
    peers: task.peers,
    children: CHILDREN,
    microseconds: median(times.get(task) ?? []),
  }));
}

function tasksOf(engine: Engine, peers: number): readonly Task[] {
  const hub = endpointOf(engine, peerConfigs(true, peers, CHILDREN));
  return [
    { what: 'first message from an unknown address', peers, repetitions: 20, run: stranger(hub, engine) },
    { what: 'handshake at the responder', peers, repetitions: 4, run: handshake(hub, engine) },
    ...packetTasks(engine, peers),
  ];
}

function stranger(hub: IkeEndpoint, engine: Engine): () => number {
  const first = endpointOf(engine, peerConfigs(false, 1, 1));
  first.initiate(START, 'spoke-0');
  const octets = first.pollTransmit()?.octets;
  if (octets === undefined) throw new Error('the spoke sends nothing');
  const from = { address: '203.0.113.77', port: 500 };
  return () =>
    timed(() => {
      randomFillSync(octets, 0, COOKIE_OCTETS);
      if (hub.handleDatagram(START, from, HUB, octets).ok) throw new Error('a stranger was answered');
      while (hub.pollEvent() !== undefined);
    });
}

/** Phase 1 and two children, by ever new initiators with INITIAL-CONTACT: the calls of the hub alone. */
function handshake(hub: IkeEndpoint, engine: Engine): () => number {
  let turn = 0;
  return () => {
    const peer = turn++ % LIVE;
    const spoke = endpointOf(engine, peerConfigs(false, LIVE, CHILDREN).slice(peer, peer + 1));
    let spent = 0;
    const note = (began: number, ended: number): void => {
      spent += ended - began;
    };
    // Later than the last one, so that INITIAL-CONTACT says what is to go.
    const now = after(START, seconds(turn));
    spoke.initiate(now, `spoke-${peer}`);
    while (pass(now, spoke, hub, note) || pass(now, hub, spoke, () => {}));
    if (spoke.children().length !== CHILDREN) throw new Error('no children');
    return 1000 * spent;
  };
}

function packetTasks(engine: Engine, peers: number): readonly Task[] {
  const star = createStar({ engine, peers, childrenPerPeer: CHILDREN });
  const live = Array.from({ length: LIVE }, (_, i) => Math.floor((i * peers) / LIVE));
  for (const peer of live) establish(star, peer, 0, START);
  const packets = live.map((peer) => packetBetween(peer, 0, true));
  const sealed: Uint8Array[] = [];
  let turn = 0;
  return [
    {
      what: 'packet out',
      peers,
      repetitions: 20,
      run: () =>
        timed(() => {
          const packet = packets[turn++ % LIVE];
          if (packet === undefined || !star.hub.handleInside(START, packet).ok) throw new Error('refused');
          const sent = star.hub.pollTransmit();
          if (sent?.kind === 'packet') sealed.push(sent.octets);
        }),
    },
    {
      what: 'packet in',
      peers,
      repetitions: 20,
      run: () =>
        timed(() => {
          const packet = sealed.shift();
          if (packet === undefined || !star.spokes.handleOutside(START, packet).ok) throw new Error('refused');
          star.spokes.pollInside();
        }),
    },
    {
      what: 'handleTimeout with nothing due',
      peers,
      repetitions: 20,
      run: () => timed(() => star.hub.handleTimeout(START)),
    },
  ];
}

/** Of ten, so that the clock is not what is measured. */
function timed(run: () => void): number {
  const before = performance.now();
  for (let i = 0; i < 10; i++) run();
  return (1000 * (performance.now() - before)) / 10;
}
