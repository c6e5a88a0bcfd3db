/** Changes that no test can notice, for they change nothing: by file, what was, what is instead. */
export const EXPLAINED = [
  ['replay/src/window.ts', 'packets / BLOCK_BITS', 'packets * BLOCK_BITS', 'a longer ring holds the same window'],
  ['replay/src/window.ts', 'this.#isAhead(sequence, sequenceHigh)', 'false', 'the short way is taken for speed alone'],
  [
    'replay/src/window.ts',
    'this.#age(sequence, sequenceHigh) < 0',
    'this.#age(sequence, sequenceHigh) <= 0',
    'the number at the top is never new',
  ],
  [
    'replay/src/window.ts',
    'bottomLow >= 0',
    'bottomLow > 0',
    'with 0 no number lies below, and both ways say the same',
  ],
  ['esp/src/batch/jobs.ts', '[]', '["Stryker was here"]', 'entries are written before they are read'],
];
