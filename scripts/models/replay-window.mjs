import { numberOf } from './quint.mjs';

export const REPLAY_WINDOW = {
  name: 'replay-window',
  main: 'replayWindow',
  folder: 'packages/replay/test/model',
  steps: 40,
  keptOf: 30,
  keptMost: 30,
  wealth: () => 0,
  faults: [
    { says: 'replays are not looked for', from: 'before.contains(taken)', to: 'false' },
    { says: 'a number is looked for from one below the window on', from: 'known - WINDOW + 1', to: 'known - WINDOW' },
  ],
  limits: [],
  /** The packets that came: what they carried, what that was taken for, and what was said of it. */
  kept(states) {
    const came = states.filter((state, i) => i > 0 && numberOf(state.latest) === numberOf(states[i - 1].latest));
    const packets = came.map(({ carried, meant, verdict }) => [Number(numberOf(carried)), numberOf(meant), verdict]);
    return { esn: states[0].esn, packets };
  },
};
