import type { ClientIdentity } from '@espalier/ike';
import {
  fqdnId,
  fromAscii,
  type Identification,
  ipv4AddressId,
  ipv4SubnetId,
  ipv6SubnetId,
  seconds,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { childPolicy, Pair, peerConfig } from '../support/pair.ts';

const ANYWHERE: ClientIdentity = { within: [ipv4SubnetId('0.0.0.0/0'), ipv6SubnetId('::/0')] };
const NET_80: ClientIdentity = { within: [ipv4SubnetId('10.80.0.0/16')] };

/** R2 asks for a child with R3, which answers what it may. */
function negotiated(asked: Identification, expected: ClientIdentity): Pair {
  const own = ipv4SubnetId('10.1.56.0/24');
  const pair = new Pair({
    R2: { children: [childPolicy('R2', { localIdentity: asked, remoteIdentity: own })] },
    R3: { children: [childPolicy('R3', { localIdentity: own, remoteIdentity: expected })] },
  }).initiate();
  pair.run(seconds(5));
  return pair;
}

describe('A child for whatever lies within an identity', () => {
  it.each([
    ['the whole', ipv4SubnetId('10.80.0.0/16'), NET_80],
    ['a part', ipv4SubnetId('10.80.3.0/24'), NET_80],
    ['a host', ipv4AddressId('10.80.3.1'), NET_80],
    ['anything of the one family', ipv4SubnetId('0.0.0.0/0'), ANYWHERE],
    ['anything of the other', ipv6SubnetId('2001:db8::/32'), ANYWHERE],
    ['anything, by another word', fqdnId('north.example'), 'any'],
  ] as const)('is agreed on for %s', (_, asked, expected) => {
    const pair = negotiated(asked, expected);
    expect(pair.R3.of('child-established').map(({ child }) => child.remoteIdentity)).toEqual([asked]);
    expect(pair.R2.of('child-established')).toHaveLength(1);
  });

  it.each([
    ['more than that', ipv4SubnetId('10.0.0.0/8')],
    ['something else', ipv4SubnetId('10.81.0.0/16')],
    ['a name', { ...fqdnId('north.example'), data: fromAscii('north.example') }],
  ])('is refused for %s', (_, asked) => {
    const pair = negotiated(asked, NET_80);
    expect(pair.R3.of('child-negotiated')).toEqual([]);
    expect(pair.R3.endpoint.counters['invalid-identity']).toBe(1);
  });

  it('is renewed for what was agreed on, by either side, and never begun', () => {
    const pair = negotiated(ipv4SubnetId('10.80.3.0/24'), NET_80);
    const [inbound] = pair.R3.endpoint.children().map((child) => child.inbound);
    if (inbound === undefined) return expect.unreachable('there is no child');
    pair.on('R3', (endpoint, now) => endpoint.rekeyChild(now, inbound));
    pair.run(seconds(6));
    expect(pair.R2.of('child-established').at(-1)?.child.localIdentity).toEqual(ipv4SubnetId('10.80.3.0/24'));
    expect(pair.R3.of('child-established')).toHaveLength(2);
    expect(() => pair.on('R3', (endpoint, now) => endpoint.initiate(now, 'R2', 'net'))).toThrow('not begun');
  });

  it('names the argument where it says nothing', () => {
    const children = [childPolicy('R3', { remoteIdentity: { within: [] } })];
    expect(() => new Pair({ R3: peerConfig('R3', { children }) })).toThrow(
      'peers[0].children[0].remoteIdentity.within',
    );
  });
});
