import { expect, test } from 'vitest';
import { parseOptions, USAGE } from '../src/options.ts';
import { EVERY_SUITE, OTHER_SUITES } from '../src/packets/suites.ts';

test('without options everything is measured, and nothing written but the chart', () => {
  const options = parseOptions([]);
  expect(options).toMatchObject({ quick: false, counts: false, writeDocs: false, json: undefined });
  expect(options.suites).toEqual(EVERY_SUITE);
});

test('a suite is chosen by its name', () => {
  const { suites } = parseOptions(['--quick', '--suite', 'aes-128-gcm-16', '--suite', 'aes-128-gmac']);
  expect(suites.map(({ name }) => name)).toEqual(['aes-128-gcm-16', 'aes-128-gmac']);
  expect(parseOptions(['--others']).suites).toEqual(OTHER_SUITES);
});

test('what is not known is refused by name', () => {
  expect(() => parseOptions(['--suite', 'rot13'])).toThrow(new RangeError("suite 'rot13' is not in the benchmark"));
  expect(() => parseOptions(['--fast'])).toThrow(TypeError);
});

test('the documents are about all suites', () => {
  expect(() => parseOptions(['--write-docs', '--suite', 'aes-128-gcm-16'])).toThrow(RangeError);
  expect(() => parseOptions(['--write-docs', '--others'])).toThrow(RangeError);
});

test('the usage tells every option and suite', () => {
  for (const word of ['--quick', '--suite', '--json', '--svg', '--counts', '--workers', '--tunnels', '--write-docs'])
    expect(USAGE).toContain(word);
  for (const { name } of EVERY_SUITE) expect(USAGE).toContain(name);
});
