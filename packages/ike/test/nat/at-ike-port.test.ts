import type { NatTraversalForm } from '@espalier/ike';
import { seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGGRESSIVE } from '../aggressive-mode/client.ts';
import { INSIDE, NatBed, type NatBedOptions } from '../support/nat-bed.ts';
import { type PeerChanges, R2, R3, type Side } from '../support/pair.ts';

const BEHIND: readonly (readonly Side[])[] = [['R2'], ['R3'], ['R2', 'R3']];
const FORMS: readonly NatTraversalForm[] = ['draft-00', 'draft-01'];
const MODES: readonly PeerChanges[] = [{ mode: 'main' }, AGGRESSIVE];

/** R2 speaks of nothing else; R3 of all that is known. */
function bedOf(form: NatTraversalForm, mode: PeerChanges, options: NatBedOptions): NatBed {
  return new NatBed({ ...options, R2: { ...mode, natTraversalForms: [form] }, R3: mode });
}

const portsOf = ({ crossed }: NatBed): Set<number> =>
  new Set(crossed.map(({ from, source, destination }) => (from === 'R2' ? destination : source).port));

describe('a draft of NAT traversal without a port of its own', () => {
  const grid = FORMS.flatMap((form) =>
    MODES.flatMap((mode) => BEHIND.map((behind) => ({ form, mode, behind, name: mode.mode }))),
  );

  it.each(grid)('leaves all at port 500, and ESP behind its marker: $form, $name mode, behind $behind', (row) => {
    const bed = bedOf(row.form, row.mode, row).initiate().run();
    for (const side of ['R2', 'R3'] as const) {
      const [established] = bed[side].of('child-established');
      expect(established?.child).toMatchObject({ inUdp: true, nonIkeMarker: true, local: { port: 500 } });
    }
    bed.run(seconds(65));
    // Who is behind a NAT, and nobody else, keeps it awake, by the same port.
    const awake = bed.crossed.flatMap(({ from, octets }) => (octets.length === 1 && octets[0] === 0xff ? [from] : []));
    expect(new Set(awake)).toEqual(new Set(row.behind));
    expect(portsOf(bed)).toEqual(new Set([500]));
    expect(bed.R2.results.concat(bed.R3.results).filter(({ ok }) => !ok)).toEqual([]);
  });

  it('is not offered unless it is asked for, and answers whoever speaks of nothing newer', () => {
    const bed = new NatBed({ behind: ['R2'], R3: { natTraversalForms: ['draft-01', 'draft-00'] } }).initiate().run();
    expect(bed.R2.of('child-established')[0]?.child).toMatchObject({ inUdp: false });
    const newer = new NatBed({ behind: ['R2'], R2: { natTraversalForms: ['draft-00', 'draft-03'] } }).initiate().run();
    expect(newer.R3.of('child-established')[0]?.child).toMatchObject({ inUdp: true, local: { port: 4500 } });
    expect(newer.R3.of('child-established')[0]?.child).not.toHaveProperty('nonIkeMarker');
  });

  it('is not spoken of at port 4500, where the other marker stands', () => {
    const local = { address: R2.address, port: 4500 };
    const remote = { ...R3, port: 4500 };
    const bed = new NatBed({ R2: { local, remote, natTraversal: 'force', natTraversalForms: ['draft-00'] } });
    bed.initiate().run();
    expect(bed.R3.of('child-established')[0]?.child).toMatchObject({ inUdp: false });
  });

  it.each(FORMS)('takes a peer from wherever its NAT puts it, and from nowhere else: %s', (form) => {
    const bed = bedOf(form, { mode: 'main' }, { behind: ['R2'] })
      .initiate()
      .run();
    bed.boxes.R2?.rebind('10.1.99.9');
    bed.alter = () => undefined;
    const inbound = bed.R2.of('child-established')[0]?.child.inbound ?? expect.unreachable('no child');
    bed.on('R2', (endpoint, now) => endpoint.rekeyChild(now, inbound));
    const message = bed.crossed.at(-1) ?? expect.unreachable('no message');
    expect(message.source).toMatchObject({ address: '10.1.99.9' });
    const floated = {
      ...message,
      destination: { ...R3, port: 4500 },
      octets: Uint8Array.of(0, 0, 0, 0, ...message.octets),
    };
    expect(bed.inject('R3', floated)).toEqual({ ok: false, reason: 'wrong-endpoint' });
    expect(bed.R3.of('peer-moved')).toEqual([]);
    expect(bed.inject('R3', message)).toEqual({ ok: true });
    expect(bed.R3.of('peer-moved')).toMatchObject([{ local: R3, remote: message.source }]);
    // The other way nothing explains another place.
    const answer = bed.crossed.at(-1) ?? expect.unreachable('no answer');
    const elsewhere = { ...answer, source: { ...answer.source, port: 4500 } };
    const destination = { address: INSIDE.R2, port: 500 };
    expect(bed.inject('R2', { ...elsewhere, destination })).toEqual({ ok: false, reason: 'wrong-endpoint' });
    expect(bed.inject('R2', { ...answer, destination })).toEqual({ ok: true });
  });

  it('comes up whatever is lost', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(8), { maxLength: 4 }),
        fc.constantFrom(...BEHIND),
        fc.constantFrom(...MODES),
        (lost, behind, mode) => {
          let count = 0;
          const bed = bedOf('draft-00', mode, { behind });
          bed.alter = (transmit) => (lost.includes(count++) ? undefined : transmit);
          bed.initiate().run(seconds(120));
          for (const side of ['R2', 'R3'] as const) {
            expect(bed[side].of('child-established')[0]?.child).toMatchObject({ nonIkeMarker: true });
          }
          expect(portsOf(bed)).toEqual(new Set([500]));
        },
      ),
      { numRuns: 40 },
    );
  });
});
