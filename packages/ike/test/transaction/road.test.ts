import { formatIdentification } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { Road } from './road.ts';

describe.each(['main', 'aggressive'] as const)('a client on the road, in %s mode', (mode) => {
  it.each(['pull', 'push'] as const)('says who it is, is given an address by %s, and has a child for it', (method) => {
    const road = new Road({ mode, method }).up();
    expect(road.R2.of('configured')).toEqual([
      {
        kind: 'configured',
        peer: 'R3',
        side: 'client',
        configuration: { addresses: ['10.1.77.1'], dns: ['10.1.56.53'] },
      },
    ]);
    const [established] = road.R3.of('ike-established');
    expect(established?.ikeSa).toMatchObject({ state: 'ready', user: 'alice', peer: 'R2/0x7465737467726f7570/alice' });
    expect(road.R3.of('configured')).toMatchObject([{ peer: 'R2/0x7465737467726f7570/alice', side: 'gateway' }]);
    const [child] = road.R3.of('child-established');
    expect(child && formatIdentification(child.child.remoteIdentity)).toContain('10.1.77.1');
    expect(child && formatIdentification(child.child.localIdentity)).toContain('10.1.56.0');
  });
});
