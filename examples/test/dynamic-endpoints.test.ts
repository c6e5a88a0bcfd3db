import { nobleEngine } from '@espalier/crypto';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../src/common/randomness.ts';
import { differences } from '../src/dynamic-endpoints/differences.ts';
import { type Evidence, runScenario } from '../src/dynamic-endpoints/scenario.ts';

function run(change?: (text: string) => string): { readonly evidence: Evidence; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const terminal = { print: (line = '') => lines.push(line), progress: () => {} };
  const evidence = runScenario({ engine: nobleEngine(), rng: seededRng('1'), terminal, change });
  return { evidence, lines };
}

describe('the demonstration of dynamic endpoints', () => {
  const { evidence, lines } = run();

  it('shows what Junos shows', () => {
    expect(differences(evidence)).toEqual([]);
    expect(evidence.pings.map(({ from, to, received }) => [from, to, received])).toEqual([
      ['alice', '10.30.0.5', 3],
      ['bob', '10.30.0.5', 3],
      ['server', '10.80.1.1', 3],
      ['server', '10.80.2.1', 3],
      ['alice', '10.30.0.5', 3],
      ['server', '10.80.1.1', 3],
      ['server', '10.80.2.1', 3],
    ]);
  });

  it('warns of nothing', () => {
    expect(lines.filter((line) => line.includes('WARNING'))).toEqual([]);
  });

  it('would say where something differed', () => {
    const [both, moved, without] = evidence.views;
    const views = [{ ...both, routes: '' }, moved, { ...without, ipsecSecurityAssociations: '' }] as const;
    expect(differences({ ...evidence, views, pings: evidence.pings.slice(1) })).toEqual([
      'there were 6 pings, not 7',
      expect.stringContaining('with both, show route protocol static has nothing'),
      expect.stringContaining('without Alice, show ipsec security-associations detail has nothing'),
    ]);
  });

  it('with dedicated interfaces has one tunnel for each unit, and no routes', () => {
    const dedicated = run((text) => text.replace('shared;', 'dedicated;'));
    const { pings, views } = dedicated.evidence;
    expect(pings.filter(({ to }) => to === '10.80.2.1').every(({ received }) => received === 0)).toBe(true);
    expect(views[0].routes).toBe('');
    expect(dedicated.lines.some((line) => line.includes('each interface that such tunnels may have'))).toBe(true);
    expect(differences(dedicated.evidence)).not.toEqual([]);
  });

  it('lets nobody in who asks for more than the proxy pair', () => {
    const narrow = run((text) => text.replace('remote 10.80.0.0/16', 'remote 10.80.2.0/24'));
    const received = new Map(narrow.evidence.pings.map(({ from, received: count }) => [from, count]));
    expect([received.get('alice'), received.get('bob')]).toEqual([0, 3]);
  });
});
