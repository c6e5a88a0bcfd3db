import { encodeIpv4, parseAddress } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Selectors } from '../../src/config.ts';
import { PacketFields } from '../../src/selectors/packet-fields.ts';
import { keyOf, piecesOf } from '../../src/selectors/pieces.ts';
import { SelectorMatcher } from '../../src/selectors/selectors.ts';

/** Every second of so many, none of which makes a prefix with another. */
const everySecond = <Value>(count: number, of: (i: number) => Value) =>
  Array.from({ length: count }, (_, i) => of(2 * i));
const addresses = (net: string) => fc.nat(40).map((count) => everySecond(count + 1, (i) => `${net}.${i}`));
const ports = fc
  .tuple(fc.nat(40), fc.boolean())
  .map(([count, opaque]) => [...everySecond(count + 1, (i) => 4000 + i), ...(opaque ? ['opaque'] : [])]);

/** Cut into thousands of boxes, or into few. */
const wide: fc.Arbitrary<Selectors> = fc.record(
  { local: addresses('10.1.2'), remote: addresses('10.2.3'), localPort: ports, remotePort: ports },
  { requiredKeys: [] },
);

/** Of a flow of TCP, or a later fragment of one, which shows no ports. */
function fieldsOf(local: string, remote: string, localPort: number, remotePort: number, isLater = false): PacketFields {
  const packet = encodeIpv4({
    source: parseAddress(local),
    destination: parseAddress(remote),
    protocol: 6,
    fragmentOffset: isLater ? 64 : 0,
    payload: Uint8Array.of(localPort >> 8, localPort & 255, remotePort >> 8, remotePort & 255, 0, 0, 0, 0),
  });
  return new PacketFields().outbound(packet, 0, packet.length);
}

const isIn = (selectors: Selectors, fields: PacketFields): boolean =>
  piecesOf(new SelectorMatcher(selectors)).some((piece) =>
    piece.every(({ level, key }, dimension) => keyOf(fields, dimension, level) === key),
  );

describe('the boxes that selectors are cut into', () => {
  it('are 1024 at most, and each packet that the selectors take lies in one', () => {
    const fields = fc
      .tuple(fc.nat(80), fc.nat(80), fc.nat(80), fc.nat(80), fc.boolean())
      .map(([l, r, a, b, isLater]) => fieldsOf(`10.1.2.${l}`, `10.2.3.${r}`, 4000 + a, 4000 + b, isLater));
    fc.assert(
      fc.property(wide, fc.array(fields, { maxLength: 5 }), (selectors, packets) => {
        const matcher = new SelectorMatcher(selectors);
        expect(piecesOf(matcher).length).toBeLessThanOrEqual(1024);
        for (const packet of packets) if (matcher.matches(packet)) expect(isIn(selectors, packet)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('enclose no more than they must where there would be too many', () => {
    const selectors: Selectors = {
      local: [...everySecond(40, (i) => `10.1.2.${128 + i}`), '10.1.2.140-10.1.2.146'],
      remote: everySecond(40, (i) => `10.2.3.${i}`).toReversed(),
      localPort: everySecond(40, (i) => 4096 + i),
      remotePort: 'opaque',
    };
    const isNear = (local: string, remote: string, port: number) => isIn(selectors, fieldsOf(local, remote, port, 1));
    expect(isNear('10.1.2.129', '10.2.3.1', 4096)).toBe(true);
    expect(isNear('10.1.2.127', '10.2.3.1', 4096)).toBe(false);
    expect(isNear('10.1.2.129', '10.2.3.128', 4096)).toBe(false);
    expect(isNear('10.1.2.129', '10.2.3.1', 4095)).toBe(false);
    expect(isNear('10.1.2.129', '10.2.3.1', 4224)).toBe(false);
  });

  it.each<readonly [Selectors, number]>([
    [{ localPort: '0-65535' }, 1],
    [{ localPort: '1024-2047' }, 1],
    [{ localPort: '1-65534' }, 30],
    [{ localPort: ['80', '80', '81'] }, 2],
    [{ protocol: '1-254' }, 14],
    [{ remote: '10.0.0.0-10.0.0.255' }, 1],
    [{ remote: '10.0.0.1-10.0.0.254' }, 14],
    [{ local: '::1-::fffe' }, 30],
  ])('are as few as can be of a range: %o', (selectors, expected) => {
    expect(piecesOf(new SelectorMatcher(selectors))).toHaveLength(expected);
  });

  it('are one, where packets are asked for what they do not show', () => {
    const opaque: Selectors = { localPort: ['opaque', ...everySecond(10, (i) => i)] };
    expect(piecesOf(new SelectorMatcher(opaque))).toHaveLength(1);
  });
});
