import { KINDS, type Rows, VERDICTS } from './rows.ts';

/** Whether a row is taken. */
type Test = (row: number) => boolean;

/**
 * Rows that a query takes: words, of which each must be taken. `name:value` asks for one property, all else for a text in
 * ends, information, verdict and notes. A `-` in front takes what the word does not.
 */
export function matching(query: string, rows: Rows): Uint32Array | undefined {
  const words = wordsOf(query);
  if (words.length === 0) return undefined;
  const tests = words.map((word) => testOf(word, rows));
  const found: number[] = [];
  for (let row = 0; row < rows.length; row++) if (tests.every((test) => test(row))) found.push(row);
  return Uint32Array.from(found);
}

/** Words between spaces; quotation marks keep them together. */
function wordsOf(query: string): readonly string[] {
  return [...query.matchAll(/(-?(?:[a-z]+:)?)(?:"([^"]*)"?|(\S+))/g)].map(
    ([, before = '', quoted, plain]) => before + (quoted ?? plain ?? ''),
  );
}

function testOf(word: string, rows: Rows): Test {
  if (word.length > 1 && word.startsWith('-')) {
    const test = testOf(word.slice(1), rows);
    return (row) => !test(row);
  }
  const [, name = '', value = ''] = /^([a-z]+):(.*)$/.exec(word) ?? [];
  return (PROPERTIES[name] ?? (() => undefined))(value.toLowerCase(), rows) ?? anywhere(word, rows);
}

type Property = (value: string, rows: Rows) => Test | undefined;

const number =
  (column: (rows: Rows) => { at(row: number): number }): Property =>
  (value, rows) => {
    const [, low, , high] = /^(\d+)(-(\d*))?$/.exec(value) ?? [];
    if (low === undefined) return undefined;
    const numbers = column(rows);
    const [from, to] = [Number(low), high === undefined ? Number(low) : high === '' ? Infinity : Number(high)];
    return (row) => numbers.at(row) >= from && numbers.at(row) <= to;
  };

const text =
  (...columns: readonly ((rows: Rows) => { at(row: number): number })[]): Property =>
  (value, rows) => {
    const holding = rows.texts.holding(value);
    const places = columns.map((column) => column(rows));
    return (row) => places.some((column) => holding[column.at(row)] === 1);
  };

const NAMES: Readonly<Record<string, (typeof KINDS)[number]>> = { ike: 'isakmp' };

const spi: Property = (value, rows) => {
  const spi = Number.parseInt(value.replace(/^0x/, ''), 16);
  const isNumbered = (row: number) => rows.sa.at(row) >= 0 || rows.spi.at(row) !== 0;
  return Number.isNaN(spi) ? undefined : (row) => rows.spi.at(row) === spi && isNumbered(row);
};

/** By name; undefined for a value that makes no sense, which is then looked for as a text. */
const PROPERTIES: Readonly<Record<string, Property>> = {
  kind: (value, rows) => {
    const kind = KINDS.findIndex((one) => one === (NAMES[value] ?? value));
    return kind < 0 ? undefined : (row) => rows.kind.at(row) === kind;
  },
  is: (value, rows) => {
    const verdict = VERDICTS.map(String).indexOf(value);
    return verdict < 0 ? undefined : (row) => rows.verdict.at(row) === verdict;
  },
  spi,
  frame: number((rows) => rows.frame),
  seq: number((rows) => rows.sequence),
  sa: number((rows) => rows.sa),
  ike: number((rows) => rows.ikeSa),
  exchange: number((rows) => rows.exchange),
  conversation: number((rows) => rows.conversation),
  host: text(
    (rows) => rows.source,
    (rows) => rows.destination,
  ),
  from: text((rows) => rows.source),
  to: text((rows) => rows.destination),
  note: text((rows) => rows.notes),
};

function anywhere(word: string, rows: Rows): Test {
  const found = text(
    ({ source }) => source,
    ({ destination }) => destination,
    ({ info }) => info,
    ({ verdictText }) => verdictText,
    ({ notes }) => notes,
  )(word, rows);
  const isOfSpi = spi(word, rows);
  const isSpi = /^(0x)?[0-9a-f]{8}$/i.test(word);
  return (row) => found?.(row) === true || (isSpi && isOfSpi?.(row) === true);
}
