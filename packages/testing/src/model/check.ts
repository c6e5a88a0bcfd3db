import { parsePrefix, requireObject } from '@espalier/wire';
import { addressOctets } from '../addresses.ts';
import { oneOf, requireBoolean, within } from '../arguments.ts';
import type { ModelPolicy } from './policy.ts';
import type { ModelSa } from './sa.ts';
import { MODEL_SUITES } from './suites.ts';

const MOST_PROTOCOL = 0xff;
const MOST_SPI = 0xffff_ffff;

/** @throws TypeError or RangeError that names what of it is bad. */
export function requirePolicy(argument: string, policy: ModelPolicy): void {
  requireObject(argument, policy);
  const { name, action, local, remote, protocol } = policy;
  if (typeof name !== 'string') throw new TypeError(`${argument}.name must be a string`);
  oneOf(`${argument}.action`, action, ['protect', 'bypass', 'discard']);
  requirePrefix(`${argument}.local`, local);
  requirePrefix(`${argument}.remote`, remote);
  if (protocol !== undefined) within(`${argument}.protocol`, protocol, 0, MOST_PROTOCOL);
}

/** @throws TypeError or RangeError that names what of it is bad. */
export function requireSa(sa: ModelSa): void {
  requireObject('sa', sa);
  const { policy, spi, suite, keys, source, destination, esn, window } = sa;
  if (typeof policy !== 'string') throw new TypeError('sa.policy must be a string');
  within('sa.spi', spi, 1, MOST_SPI);
  oneOf('sa.suite', suite, Object.keys(MODEL_SUITES));
  requireObject('sa.keys', keys);
  const [from, to] = [addressOctets('sa.source', source), addressOctets('sa.destination', destination)];
  if (from.length !== to.length) throw new RangeError('sa.source and sa.destination must be of one family');
  requireBoolean('sa.esn', esn);
  within('sa.window', window, 1);
}

function requirePrefix(argument: string, prefix: string | undefined): void {
  if (prefix === undefined) return;
  try {
    parsePrefix(prefix);
  } catch {
    throw new RangeError(`${argument} must be a prefix: ${JSON.stringify(prefix)}`);
  }
}
