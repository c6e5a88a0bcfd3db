import { nobleEngine } from '@espalier/crypto';
import { readJunos } from '@espalier/junos';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../src/common/randomness.ts';
import type { Evidence, Part } from '../src/manual-sa/evidence.ts';
import { differences, strangersDifferences } from '../src/manual-sa/expected.ts';
import { configurationOf, runScenario, runStrangers } from '../src/manual-sa/scenario.ts';

const PARTS: readonly Part[] = ['esp', 'ah', 'bundle', 'ospf'];

interface Run {
  readonly evidence: Evidence;
  readonly lines: readonly string[];
}

function run(part: Part, change?: (text: string, router: string) => string): Run {
  const lines: string[] = [];
  const evidence = runScenario({
    engine: nobleEngine(),
    rng: seededRng('1'),
    terminal: { print: (line = '') => lines.push(line), progress: () => {} },
    part,
    ...(change !== undefined && { change }),
  });
  return { evidence, lines };
}

describe('manual SAs between the routers', () => {
  it.each(PARTS)('show what Junos shows: %s', (part) => {
    expect(differences(run(part).evidence)).toEqual([]);
  });

  it.each(PARTS)('are configured without a notice: %s', (part) => {
    for (const router of ['R2', 'R3']) expect(readJunos(configurationOf(part, router)).notices).toEqual([]);
  });

  it('are asked for as on Junos', () => {
    const views = ['security-associations', 'security-associations detail', 'statistics'];
    expect(run('esp').lines.filter((line) => line.startsWith('user@'))).toEqual([
      'user@R1> ping 10.1.56.2 count 5',
      ...views.map((view) => `user@R2> show services ipsec-vpn ipsec ${view}`),
      'user@R3> show services ipsec-vpn ipsec statistics',
      'user@R4> ping 10.1.12.2 count 6',
      'user@R4> traceroute 10.1.12.2',
    ]);
  });

  it('leave nothing unprotected between R2 and R3, and of OSPF nothing where that is what is protected', () => {
    expect([...run('esp').evidence.wire.keys()]).toEqual(['ESP']);
    expect([...run('ah').evidence.wire.keys()]).toEqual(['AH, IPv4']);
    expect([...run('bundle').evidence.wire.keys()]).toEqual(['AH, ESP']);
    expect([...run('ospf').evidence.wire.keys()].sort()).toEqual(['ESP', 'ICMP', 'UDP']);
  });

  it('carry nothing where one end has another key, and say so', () => {
    const { evidence } = run('esp', (text, router) =>
      router === 'R3' ? text.replace('juniperjuniperjunipe', 'juniperjuniperjuniqe') : text,
    );
    expect(evidence.r3.statistics[0]?.espAuthenticationFailures).toBeGreaterThan(0);
    expect(differences(evidence)).toContain('esp: ping from R1 to 10.1.56.2: 0 of 5 came back');
    expect(differences(evidence)).toContain('esp: OSPF on R2 sp-1/2/0.1 is Down, not 2-Way');
  });

  it('make no neighbour of who has another key for OSPF', () => {
    expect(strangersDifferences(runStrangers({ engine: nobleEngine(), rng: seededRng('1') }))).toEqual([]);
  });
});
