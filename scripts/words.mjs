// What a script is told on its command line: what is wrong is one line, the usage, and exit status 2.
import { parseArgs } from 'node:util';

/** The values of the options and what stands beside them, or the end of the process: `--help` is one of all options. */
export function told(usage, { options = {}, allowPositionals = false } = {}) {
  let words;
  try {
    words = parseArgs({ options: { ...options, help: { type: 'boolean', default: false } }, allowPositionals });
  } catch (error) {
    refuse(usage, error.message);
  }
  if (words.values.help) {
    process.stdout.write(usage);
    process.exit(0);
  }
  return words;
}

/** A whole number from `least` on. */
export function wholeNumber(usage, name, text, least = 0) {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    refuse(usage, `${name} must be a whole number from ${least}: ${text}`);
  }
  return value;
}

/** The end of the process. */
export function refuse(usage, why) {
  process.stderr.write(`${why}\n\n${usage}`);
  process.exit(2);
}

/** For whoever does not say which. */
export function anySeed() {
  return `${Math.floor(Math.random() * 2 ** 31)}`;
}
