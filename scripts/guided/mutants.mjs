// What inputs are made of: others, changed a little.
const INTERESTING = [0, 1, 2, 3, 4, 7, 8, 16, 32, 64, 127, 128, 129, 132, 255];
const MOST_OCTETS = 4096;

/** One to four changes of one of the corpus. */
export function mutantOf(chance, corpus, isText) {
  let octets = chance.pick(corpus);
  for (let left = chance.between(1, 4); left > 0; left--) octets = changed(chance, octets, corpus, isText);
  return octets.length > MOST_OCTETS && !isText ? octets.slice(0, MOST_OCTETS) : octets;
}

function changed(chance, octets, corpus, isText) {
  const at = chance.below(octets.length + 1);
  const length = chance.between(1, Math.min(1 + octets.length, isText ? 400 : 64));
  switch (chance.below(isText ? 4 : 8)) {
    case 0:
      return spliced(octets, at, 0, piece(chance, chance.pick(corpus), length));
    case 1:
      return spliced(octets, at, length, new Uint8Array(0));
    case 2:
      return spliced(octets, at, 0, piece(chance, octets, length));
    case 3:
      return spliced(octets, at, length, piece(chance, chance.pick(corpus), length));
    case 4:
      return withOctet(octets, at, INTERESTING[chance.below(INTERESTING.length)]);
    case 5:
      return withOctet(octets, at, (octets[at] ?? 0) ^ (1 << chance.below(8)));
    case 6:
      return withOctet(octets, at, (octets[at] ?? 0) + chance.between(-8, 8));
    default:
      return octets.slice(0, at);
  }
}

function piece(chance, from, length) {
  const at = chance.below(from.length + 1);
  return from.slice(at, at + length);
}

function withOctet(octets, at, value) {
  const copy = octets.slice();
  if (at < copy.length) copy[at] = value;
  return copy;
}

function spliced(octets, at, removed, put) {
  return new Uint8Array([...octets.subarray(0, at), ...put, ...octets.subarray(Math.min(octets.length, at + removed))]);
}
