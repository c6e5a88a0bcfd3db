// Coverage-guided: what reaches a block that nothing has reached is kept, as small as it can be, and changed further.
import { mutantOf } from './mutants.mjs';

const BATCH = 100;
/** Octets of what is kept in a file: what is longer serves the run alone. */
const KEPT_OCTETS = 1500;
const SHORTER_TRIES = 10;
const FAULTS_MOST = 10;

/** Goes round the doors until `goesOn` says no. */
export function fuzzDoors({ doors, reached, chance, goesOn, known }) {
  const states = doors.map((door) => ({
    ...{ door, corpus: [], kept: [], runs: 0, accepted: 0, faults: [], slowest: 0 },
    known: known.get(door.name) ?? [],
  }));
  for (const state of states) {
    state.corpus.push(...state.door.seeds(), ...state.known);
    for (const octets of [...state.corpus]) run(state, octets);
    reached.take();
    state.kept.push(...state.known);
  }
  while (goesOn()) {
    for (const state of states) {
      if (!goesOn()) break;
      batch(state, reached, chance);
    }
  }
  return states;
}

function batch(state, reached, chance) {
  const { door, corpus } = state;
  const inputs = Array.from({ length: BATCH }, () => mutantOf(chance, corpus, door.isText === true));
  find(state, reached, inputs);
}

/** Keeps each of the inputs that reaches something new; halves them until it is known which. */
function find(state, reached, inputs) {
  if (!reachesMore(state, reached, inputs)) return;
  if (inputs.length > 1) {
    const half = inputs.length >> 1;
    find(state, reached, inputs.slice(0, half));
    find(state, reached, inputs.slice(half));
    return;
  }
  const shortest = shortened(state, reached, inputs[0]);
  reachesMore(state, reached, [shortest]);
  run(state, shortest);
  if (reached.take() === 0) return;
  state.corpus.push(shortest);
  if (shortest.length <= KEPT_OCTETS) state.kept.push(shortest);
}

function reachesMore(state, reached, inputs) {
  state.door.forget?.();
  for (const octets of inputs) run(state, octets);
  return reached.peek() > 0;
}

/** Without what it does not need, as far as a few tries go. */
function shortened(state, reached, octets) {
  let shortest = octets;
  let piece = octets.length >> 1;
  for (let tries = 0; tries < SHORTER_TRIES && piece > 0; piece >>= 1) {
    for (let at = 0; at < shortest.length && tries < SHORTER_TRIES; tries++) {
      const shorter = new Uint8Array([...shortest.subarray(0, at), ...shortest.subarray(at + piece)]);
      if (reachesMore(state, reached, [shorter])) shortest = shorter;
      else at += piece;
    }
  }
  return shortest;
}

/** What a door throws is a fault. */
function run(state, octets) {
  state.runs++;
  try {
    const began = performance.now();
    if (state.door.run(octets)) state.accepted++;
    state.slowest = Math.max(state.slowest, performance.now() - began);
  } catch (error) {
    state.door.forget?.();
    if (state.faults.length < FAULTS_MOST) state.faults.push({ what: String(error?.stack ?? error), octets });
  }
}
