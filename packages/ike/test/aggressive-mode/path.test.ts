import { classifyUdpEncapsulated, EXCHANGE, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { type Crossing, NatBed, type NatBedOptions } from '../support/nat-bed.ts';
import { type PeerChanges, R2, R3, type Side } from '../support/pair.ts';
import { AGGRESSIVE } from './client.ts';

const BEHIND: readonly (readonly Side[])[] = [[], ['R2'], ['R3'], ['R2', 'R3']];
const FORMS: readonly NonNullable<PeerChanges['natTraversal']>[] = ['auto', 'force', 'off'];

function up(options: NatBedOptions = {}, changes: PeerChanges = {}): NatBed {
  const side = { ...AGGRESSIVE, ...changes };
  return new NatBed({ ...options, R2: side, R3: side }).initiate().run();
}

function isAggressive({ octets }: Crossing): boolean {
  const at = classifyUdpEncapsulated(octets) === 'ike' ? 4 : 0;
  return octets[at + 18] === EXCHANGE.aggressive;
}

describe.each(
  BEHIND.flatMap((behind) => FORMS.map((form) => [behind.join(' and ') || 'nobody', form, behind] as const)),
)('with %s behind a NAT and NAT traversal %s', (_name, natTraversal, behind) => {
  const inUdp = natTraversal !== 'off' && (behind.length > 0 || natTraversal === 'force');

  it('the tunnel is there; message 3 is the first that goes to port 4500, and only where ESP goes in UDP', () => {
    const bed = up({ behind }, { natTraversal });
    const ports = bed.crossed.filter(isAggressive).map(({ destination, from }) => [from, destination.port]);
    expect(ports.filter(([from]) => from === 'R2')).toEqual([
      ['R2', 500],
      ['R2', inUdp ? 4500 : 500],
    ]);
    for (const side of ['R2', 'R3'] as const) {
      expect(bed[side].endpoint.ikeSas()).toMatchObject([{ state: 'ready', local: { port: inUdp ? 4500 : 500 } }]);
      const [child] = bed[side].of('child-established');
      expect(child?.child).toMatchObject({ mode: 'tunnel', inUdp });
    }
  });

  it('each side knows who is behind it: only a host behind a NAT keeps it awake', () => {
    if (natTraversal === 'force') return;
    const bed = up({ behind }, { natTraversal });
    const before = bed.crossed.length;
    bed.run(seconds(65));
    const keepers = bed.crossed.slice(before).flatMap(({ from, octets }) => (octets.length === 1 ? [from] : []));
    expect([...new Set(keepers)].sort()).toEqual(natTraversal === 'off' ? [] : behind);
  });
});

describe('message 3', () => {
  it('from elsewhere is refused where no NAT explains it, and taken from where it should come', () => {
    const bed = new NatBed({ R2: AGGRESSIVE, R3: AGGRESSIVE });
    const elsewhere = { source: { ...R2, address: '10.9.9.9', port: 4500 }, destination: { ...R3, port: 4500 } };
    bed.alter = (transmit) => {
      const isThird = transmit.octets[18] === EXCHANGE.aggressive && ((transmit.octets[19] ?? 0) & 1) === 1;
      if (!isThird) return transmit;
      const octets = Uint8Array.of(0, 0, 0, 0, ...transmit.octets);
      expect(bed.inject('R3', { ...elsewhere, octets })).toEqual({ ok: false, reason: 'wrong-endpoint' });
      return transmit;
    };
    bed.initiate().run();
    expect(bed.R3.results.filter(({ ok }) => !ok)).toHaveLength(1);
    expect(bed.R3.endpoint.ikeSas()).toMatchObject([{ state: 'ready', remote: R2 }]);
  });
});
