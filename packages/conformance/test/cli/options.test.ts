import { describe, expect, it } from 'vitest';
import { readOptions, USAGE } from '../../src/cli/options.ts';

const GOOD = [
  ...['--target', '127.0.0.1', '--local', '127.0.0.1:0', '--psk', 'key'],
  ...['--near', '10.1.0.0/16', '--far', '10.2.0.0/16'],
];

describe('what the command is told', () => {
  it.each<readonly [readonly string[], RegExp]>([
    [[], /--target must be given/],
    [['--bogus'], /--bogus/],
    [['--target', 'localhost'], /--target must be an IP address: localhost/],
    [['--target', '127.0.0.1:0'], /--target must be a port, from 1 to 65535: 0/],
    [['--target', '[::1]:70000'], /--target must be a port/],
    [['--target', '192.0.2.1'], /--target: 192\.0\.2\.1 is not loopback.*--i-own-this/],
    [['--target', '127.0.0.1'], /--local must be given/],
    [[...GOOD, '--local', '127.0.0.256'], /--local must be an IP address/],
    [[...GOOD, '--psk', ''], /--psk must be given/],
    [[...GOOD, '--psk', 'ключ'], /--psk must be of ASCII$/],
    [GOOD.slice(0, -2), /--far must be given/],
    [[...GOOD, '--near', '10.1.0.0/33'], /--near must be a prefix, ADDRESS\/LENGTH: 10\.1\.0\.0\/33/],
    [[...GOOD, '--key-bits', '100'], /--key-bits must be one of 128, 192, 256: 100/],
    [[...GOOD, '--hash', 'sha3'], /--hash must be one of md5, sha1, .*: sha3/],
    [[...GOOD, '--group', 'modp2048'], /--group must be one of 1, 2, .*: NaN/],
    [[...GOOD, '--suite', 'rot13'], /--suite must be a suite of ESP/],
    [[...GOOD, '--mode', 'base'], /--mode must be one of main, aggressive: base/],
    [[...GOOD, '--road', 'group:user:password'], /--near and --far are not of --road/],
    [[...GOOD.slice(0, 6), '--road', 'group:user'], /--road must be GROUP:USER:PASSWORD/],
    [[...GOOD, '--wait', 'long'], /--wait must be a number of seconds: long/],
    [[...GOOD, '--patience', '0'], /--patience must be a number of seconds: 0/],
    [[...GOOD, 'no-such'], /no misbehaviour has no-such in its name: see --list/],
    [[...GOOD, '--after', 'no-such'], /--after: there is none of the name no-such/],
  ])('is named where it is bad: %j', (words, message) => {
    expect(() => readOptions(words)).toThrow(message);
  });

  it.each([
    ['127.0.0.1', { address: '127.0.0.1', port: 500 }],
    ['127.0.0.1:5500', { address: '127.0.0.1', port: 5500 }],
    ['::1', { address: '::1', port: 500 }],
    ['[::1]', { address: '::1', port: 500 }],
    ['[0:0:0:0:0:0:0:1]:5500', { address: '::1', port: 5500 }],
  ])('is a place in each of its forms: %s', (text, remote) => {
    expect(readOptions([...GOOD, '--target', text])).toMatchObject({ asks: 'trials', target: { remote } });
  });

  it('chooses by parts of names, and goes on behind one of them', () => {
    const all = readOptions(['--list']);
    const some = readOptions(['--list', 'ke-payload']);
    const rest = readOptions(['--list', 'ke-payload', '--after', 'ke-payload-zero']);
    if (all.asks !== 'list' || some.asks !== 'list' || rest.asks !== 'list') expect.fail('asks for something else');
    expect(some.misbehaviours).toEqual(all.misbehaviours.filter(({ name }) => name.includes('ke-payload')));
    const at = some.misbehaviours.findIndex(({ name }) => name === 'ke-payload-zero');
    expect(rest.misbehaviours).toEqual(some.misbehaviours.slice(at + 1));
  });

  it('is another catalogue where the target calls', () => {
    const options = readOptions(['--list', '--call', 'true', 'choice-omit']);
    expect(options).toMatchObject({ asks: 'list', misbehaviours: [{ name: 'choice-omit' }] });
  });
});

it('every option that is read is one that the usage names', () => {
  const named = [...USAGE.matchAll(/--[a-z][a-z-]*/g)].map(([option]) => option);
  const unknown = [...new Set(named)].filter((option) => {
    try {
      readOptions(['--help', option]);
      return false;
    } catch (error) {
      return /Unknown option/.test(String(error));
    }
  });
  expect(unknown).toEqual([]);
});
