// What of the source has been reached, by V8's own block coverage (node:inspector).
import { Session } from 'node:inspector';

export class Reached {
  #session = new Session();
  #scripts = new Map();
  #pattern;
  blocks = 0;

  /** @param pattern Of the addresses of the files that count. */
  constructor(pattern) {
    this.#pattern = pattern;
    this.#session.connect();
    this.#post('Profiler.enable');
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** How many blocks were reached since the last call of anything here that never were before; from now on they were. */
  take() {
    const found = this.#look(true);
    this.blocks += found;
    return found;
  }

  /** The same, and they are still to be reached. */
  peek() {
    return this.#look(false);
  }

  /** Characters of the source that were reached. */
  get characters() {
    return [...this.#scripts.values()].reduce((sum, seen) => sum + seen.reduce((all, one) => all + one, 0), 0);
  }

  close() {
    this.#session.disconnect();
  }

  #look(isKept) {
    let found = 0;
    for (const { url, functions } of this.#post('Profiler.takePreciseCoverage').result) {
      if (this.#pattern.test(url)) found += this.#paint(url, functions, isKept);
    }
    return found;
  }

  #paint(url, functions, isKept) {
    const length = functions.reduce((most, { ranges }) => Math.max(most, ranges[0].endOffset), 0);
    const seen = grown(this.#scripts.get(url), length);
    this.#scripts.set(url, seen);
    const now = new Uint8Array(length);
    // Outer before inner: what is within has the last word.
    for (const { ranges } of functions) {
      for (const { startOffset, endOffset, count } of ranges) now.fill(count > 0 ? 1 : 0, startOffset, endOffset);
    }
    let found = 0;
    let isNew = false;
    for (let at = 0; at < length; at++) {
      const isFirst = now[at] === 1 && seen[at] === 0;
      if (isFirst && isKept) seen[at] = 1;
      if (isFirst && !isNew) found++;
      isNew = isFirst;
    }
    return found;
  }

  #post(method, parameters) {
    let answer;
    this.#session.post(method, parameters, (error, result) => {
      if (error !== null) throw new Error(error.message);
      answer = result;
    });
    return answer;
  }
}

function grown(seen, length) {
  if (seen !== undefined && seen.length >= length) return seen;
  const longer = new Uint8Array(length);
  if (seen !== undefined) longer.set(seen);
  return longer;
}
