import { espSuite } from '@espalier/crypto';
import { EXCHANGE, encodeIpv4, encodeMessage, parseAddress, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Gateway, GatewayPeer, PolicyConfig } from '../src/index.ts';
import { Bed, type Name, POLICY, packetAround, seedConfig, type Variation } from './support/bed.ts';

const COMMON: Variation = { spd: 'common', suite: 'aes-128-gcm-16' };

function upBed(variation: Variation | Readonly<Record<Name, Variation>> = COMMON): Bed {
  const bed = new Bed(variation);
  bed.ping('R2', 1);
  bed.run(seconds(1));
  expect(bed.pings('R3')).toEqual([1]);
  return bed;
}

/** One change of R2's configuration, and what it has to say. */
function change(bed: Bed, what: (gateway: Gateway) => void): void {
  what(bed.site('R2').gateway);
  bed.drain();
  bed.run(seconds(1));
}

const [peer] = seedConfig('R2', COMMON).peers as readonly [GatewayPeer];
const [policy] = seedConfig('R2', COMMON).policies as readonly [PolicyConfig];
const otherSuite: PolicyConfig =
  seedConfig('R2', { ...COMMON, suite: 'aes-256-cbc/hmac-sha2-256-128' }).policies[0] ?? policy;
const suites = (bed: Bed, name: Name) =>
  bed
    .site(name)
    .gateway.ipsecSas()
    .map(({ suite }) => suite.name);
const packet = (destination: string) =>
  encodeIpv4({
    source: parseAddress('10.1.12.2'),
    destination: parseAddress(destination),
    protocol: 17,
    payload: new Uint8Array(8),
  });

describe('a gateway whose peers and policies come at run time', () => {
  it('does octet for octet what one does that was made with them', () => {
    const history = (bed: Bed) => {
      bed.ping('R2', 1);
      bed.run(seconds(30));
      bed.ping('R3', 2);
      bed.run(seconds(30));
      return [bed.sent, bed.site('R2').received, bed.site('R3').received, bed.site('R2').events];
    };
    const late = new Bed({ R2: { ...COMMON, empty: true }, R3: COMMON });
    late.site('R2').gateway.addPeer(late.now, peer);
    late.site('R2').gateway.addPolicy(late.now, policy);
    expect(history(late)).toEqual(history(new Bed(COMMON)));
  });

  it('has no policy for a packet before they come, and none after they have gone', () => {
    const bed = new Bed({ R2: { ...COMMON, empty: true }, R3: COMMON });
    expect(bed.ping('R2', 1)).toMatchObject({ ok: false, reason: 'no-policy' });
    change(bed, (gateway) => gateway.addPeer(bed.now, peer));
    expect(bed.ping('R2', 1)).toMatchObject({ ok: false, reason: 'no-policy' });
    change(bed, (gateway) => gateway.addPolicy(bed.now, policy));
    expect(bed.ping('R2', 1)).toEqual({ ok: true, action: 'queued' });
    bed.run(seconds(1));
    change(bed, (gateway) => gateway.removePolicy(bed.now, POLICY));
    change(bed, (gateway) => gateway.removePeer(bed.now, 'peer'));
    expect(bed.ping('R2', 2)).toMatchObject({ ok: false, reason: 'no-policy' });
    expect([suites(bed, 'R2'), suites(bed, 'R3')]).toEqual([[], []]);
    expect(bed.site('R2').gateway.ikeSas()).toEqual([]);
    expect(bed.site('R2').gateway.pollTimeout()).toBeUndefined();
    expect(bed.outside('R2', packet('10.1.15.1'))).toMatchObject({ ok: false, reason: 'no-policy' });
  });
});

describe('a policy that is removed', () => {
  it('takes its SAs with it, at both ends, and drops what waits for one', () => {
    const bed = upBed();
    change(bed, (gateway) => gateway.removePolicy(bed.now, POLICY));
    expect([suites(bed, 'R2'), suites(bed, 'R3')]).toEqual([[], []]);
    const waiting = new Bed(COMMON);
    waiting.ping('R2', 1);
    waiting.site('R2').gateway.removePolicy(waiting.now, POLICY);
    waiting.run(seconds(120));
    expect(waiting.site('R2').gateway.refusals.gateway['no-policy']).toBe(1);
    expect(waiting.pings('R3')).toEqual([]);
    expect(waiting.site('R2').gateway.pollTimeout()?.reason).not.toBe('establish-tunnel');
  });

  it('leaves them, if it is to, to receive until they are over', () => {
    const bed = upBed();
    change(bed, (gateway) => gateway.removePolicy(bed.now, POLICY, 'keep'));
    expect(bed.ping('R2', 2).ok).toBe(false);
    expect(bed.ping('R3', 3)).toEqual({ ok: true, action: 'protected' });
    bed.run(seconds(1));
    expect(bed.pings('R2')).toEqual([3]);
    expect(suites(bed, 'R2')).toHaveLength(1);
    bed.run(seconds(28_800));
    expect(suites(bed, 'R2')).toEqual([]);
  });

  it('that comes back while they last has them again', () => {
    const bed = upBed();
    change(bed, (gateway) => gateway.removePolicy(bed.now, POLICY, 'keep'));
    change(bed, (gateway) => gateway.addPolicy(bed.now, policy));
    expect(bed.ping('R2', 2)).toEqual({ ok: true, action: 'protected' });
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([1, 2]);
  });
});

describe('a policy that is replaced', () => {
  it('negotiates anew, with what it now says', () => {
    const bed = upBed({ R2: COMMON, R3: { ...COMMON, suites: ['aes-256-cbc/hmac-sha2-256-128', 'aes-128-gcm-16'] } });
    expect(suites(bed, 'R2')).toEqual(['aes-128-gcm-16']);
    change(bed, (gateway) => gateway.replacePolicy(bed.now, otherSuite));
    bed.ping('R2', 2);
    bed.run(seconds(3));
    expect(suites(bed, 'R2')).toEqual(['aes-256-cbc/hmac-sha2-256-128']);
    expect(bed.pings('R3')).toEqual([1, 2]);
  });

  it('keeps its SAs, if it is to, and renews them with what it now says', () => {
    const both = ['aes-256-cbc/hmac-sha2-256-128', 'aes-128-gcm-16'];
    const bed = upBed({ R2: COMMON, R3: { ...COMMON, suites: both } });
    change(bed, (gateway) => gateway.replacePolicy(bed.now, otherSuite, 'keep'));
    expect(bed.ping('R2', 2)).toEqual({ ok: true, action: 'protected' });
    bed.run(seconds(28_750));
    expect(suites(bed, 'R2')).toContain('aes-256-cbc/hmac-sha2-256-128');
    bed.ping('R2', 3);
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([1, 2, 3]);
  });

  it('takes other packets from then on, its SAs kept', () => {
    const bed = upBed();
    const narrow: PolicyConfig = { ...policy, selectors: { ...policy.selectors, remote: '10.1.56.128/25' } };
    change(bed, (gateway) => gateway.replacePolicy(bed.now, narrow, 'keep'));
    expect(suites(bed, 'R2')).toHaveLength(1);
    expect(bed.ping('R2', 2)).toMatchObject({ ok: false, reason: 'discarded-by-policy' });
    change(bed, (gateway) => gateway.replacePolicy(bed.now, policy, 'keep'));
    expect(bed.ping('R2', 3)).toEqual({ ok: true, action: 'protected' });
  });

  it('may protect no more, or begin to', () => {
    const bed = upBed();
    const inClear: PolicyConfig = { ...policy, action: { kind: 'bypass' } };
    change(bed, (gateway) => gateway.replacePolicy(bed.now, inClear));
    expect(bed.ping('R2', 2)).toEqual({ ok: true, action: 'bypassed' });
    expect(suites(bed, 'R2')).toEqual([]);
    change(bed, (gateway) => gateway.replacePolicy(bed.now, policy));
    expect(bed.ping('R2', 3)).toEqual({ ok: true, action: 'queued' });
    bed.run(seconds(3));
    expect(bed.pings('R3')).toEqual([1, 3]);
  });
});

describe('a peer that is replaced', () => {
  it('has another key from then on', () => {
    const bed = upBed();
    change(bed, (gateway) => gateway.replacePeer(bed.now, { ...peer, preSharedKey: Uint8Array.of(1, 2, 3) }));
    bed.ping('R2', 2);
    bed.run(seconds(100));
    expect(bed.pings('R3')).toEqual([1]);
    change(bed, (gateway) => gateway.replacePeer(bed.now, peer));
    bed.run(seconds(120));
    bed.ping('R2', 3);
    bed.run(seconds(3));
    expect(bed.pings('R3')).toEqual([1, 3]);
  });

  it('keeps its SAs, if it is to, unless it is spoken to from another address', () => {
    const bed = upBed();
    change(bed, (gateway) => gateway.replacePeer(bed.now, { ...peer, lifetime: seconds(7200) }, 'keep'));
    expect(bed.ping('R2', 2)).toEqual({ ok: true, action: 'protected' });
    change(bed, (gateway) => gateway.replacePeer(bed.now, { ...peer, local: '10.1.15.9' }, 'keep'));
    expect(suites(bed, 'R2')).toEqual([]);
  });
});

describe('an address of this end', () => {
  it('is one no longer once no SA that was kept is received there, whatever there is at others', () => {
    const bed = upBed();
    const { gateway } = bed.site('R2');
    const own = { address: '10.1.15.9', port: 500 };
    const other: GatewayPeer = { ...peer, name: 'other', local: own.address, remote: '10.1.15.8' };
    const octets = encodeMessage(
      {
        initiatorCookie: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
        responderCookie: Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1),
        exchange: EXCHANGE.informational,
        flags: 0,
        messageId: 0,
      },
      [],
    );
    const reach = () =>
      gateway.handleOutside(
        bed.now,
        packetAround({ source: { address: '10.1.15.8', port: 500 }, destination: own, octets }),
      );
    change(bed, () => gateway.addPeer(bed.now, other));
    expect(reach()).toMatchObject({ ok: false, by: 'ike' });
    change(bed, () => gateway.removePeer(bed.now, 'other', 'keep'));
    change(bed, () => gateway.addPeer(bed.now, { ...other, name: 'another', local: '10.1.15.7' }));
    change(bed, () => gateway.removePeer(bed.now, 'another'));
    expect(gateway.ikeSas()).toHaveLength(1);
    expect(reach()).toMatchObject({ ok: false, by: 'gateway', reason: 'discarded-by-policy' });
  });
});

describe('what cannot be changed so', () => {
  const refused: readonly (readonly [string, string, (gateway: Gateway, bed: Bed) => void])[] = [
    ['a peer that is there', 'peer.name', (gateway, { now }) => gateway.addPeer(now, peer)],
    ['a peer that is not there', 'peer.name', (gateway, { now }) => gateway.replacePeer(now, { ...peer, name: 'x' })],
    ['a peer that is not there, to remove', 'peerName', (gateway, { now }) => gateway.removePeer(now, 'x')],
    ['a peer that a policy protects by', 'peerName', (gateway, { now }) => gateway.removePeer(now, 'peer')],
    [
      'a peer at no address',
      'peer.remote',
      (gateway, { now }) => gateway.addPeer(now, { ...peer, name: 'x', remote: 'r' }),
    ],
    ['a policy that is there', 'policy.name', (gateway, { now }) => gateway.addPolicy(now, policy)],
    [
      'a policy that is not there',
      'policy.name',
      (gateway, { now }) => gateway.replacePolicy(now, { ...policy, name: 'x' }),
    ],
    ['a policy that is not there, to remove', 'policyName', (gateway, { now }) => gateway.removePolicy(now, 'x')],
    ['a policy whose SAs another shares', 'policyName', (gateway, { now }) => gateway.removePolicy(now, POLICY)],
    [
      'a policy that shares what protects no more',
      'policy.name',
      (gateway, { now }) => gateway.replacePolicy(now, { ...policy, action: { kind: 'discard' } }),
    ],
    ['a policy before none', 'before', (gateway, { now }) => gateway.addPolicy(now, { ...policy, name: 'x' }, 'y')],
    [
      'a policy that shares its own SAs',
      'policy.action.policy',
      (gateway, { now }) => gateway.replacePolicy(now, { name: POLICY, action: { kind: 'share', policy: POLICY } }),
    ],
    [
      'a policy of no peer',
      'policy.action.peer',
      (gateway, { now }) =>
        gateway.addPolicy(now, {
          ...policy,
          name: 'x',
          action: {
            ...policy.action,
            kind: 'protect',
            peer: 'y',
            suites: [espSuite('aes-128-gcm-16')],
            lifetime: seconds(1),
          },
        }),
    ],
  ];
  it.each(refused)('is refused by name, and nothing is otherwise than before: %s', (_, argument, call) => {
    const share: PolicyConfig = {
      name: 'share',
      selectors: { remote: '10.9.0.0/16' },
      action: { kind: 'share', policy: POLICY },
    };
    const bed = upBed({ ...COMMON, alter: (policies) => [...policies, share] });
    const { gateway } = bed.site('R2');
    const before = gateway.ipsecSas();
    expect(() => call(gateway, bed)).toThrow(new RegExp(`^${argument.replaceAll('.', '\\.')}:`));
    expect(gateway.ipsecSas()).toEqual(before);
    expect(bed.ping('R2', 2)).toEqual({ ok: true, action: 'protected' });
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([1, 2]);
  });

  it('is of no account once the gateway is closed', () => {
    const bed = upBed();
    bed.close('R2');
    expect(() => bed.site('R2').gateway.removePolicy(bed.now, POLICY)).not.toThrow();
  });
});

describe('the order of policies', () => {
  it('is that of a list, however policies come, go and change', () => {
    const nets = ['10.0.0.0/8', '10.1.0.0/16', '10.1.1.0/24', '10.1.1.1', undefined] as const;
    const step = fc.record({
      kind: fc.constantFrom('add', 'before', 'replace', 'remove'),
      name: fc.nat(14).map((i) => `p${i}`),
      before: fc.nat(14).map((i) => `p${i}`),
      remote: fc.constantFrom(...nets),
      action: fc.constantFrom('bypass' as const, 'discard' as const),
    });
    const { gateway } = new Bed(COMMON).site('R2');
    const now = new Bed().now;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const model: PolicyConfig[] = [];
        gateway.addPolicy(now, { name: 'all', interface: 'model', action: { kind: 'discard' } });
        for (const { kind, name, before, remote, action } of steps) {
          const changed = {
            name,
            interface: 'model',
            selectors: remote === undefined ? {} : { remote },
            action: { kind: action },
          } as const;
          const at = model.findIndex((each) => each.name === name);
          const next = model.findIndex((each) => each.name === before);
          if (kind === 'add' && at < 0) {
            gateway.addPolicy(now, changed, 'all');
            model.push(changed);
          } else if (kind === 'before' && at < 0 && next >= 0) {
            gateway.addPolicy(now, changed, before);
            model.splice(next, 0, changed);
          } else if (kind === 'replace' && at >= 0) {
            gateway.replacePolicy(now, changed);
            model[at] = changed;
          } else if (kind === 'remove' && at >= 0) {
            gateway.removePolicy(now, name);
            model.splice(at, 1);
          }
        }
        for (const destination of ['10.2.0.1', '10.1.9.9', '10.1.1.7', '10.1.1.1', '172.16.0.1']) {
          const covers = ({ selectors }: PolicyConfig) => {
            const remote = String(selectors?.remote ?? '');
            const bits = Number(remote.split('/')[1] ?? (remote === '' ? 0 : 32)) / 8;
            const octets = (text: string) => text.split('/')[0]?.split('.').slice(0, bits).join('.');
            return bits === 0 || octets(remote) === octets(destination);
          };
          const decides = model.find(covers)?.action.kind ?? 'discard';
          const outcome = gateway.handleInside(now, packet(destination), 'model');
          expect(outcome.ok ? 'bypass' : 'discard').toBe(decides);
        }
        for (const { name } of [...model, { name: 'all' }]) gateway.removePolicy(now, name);
        while (gateway.pollTransmit() !== undefined);
      }),
      { numRuns: 60 },
    );
    expect(gateway.handleInside(now, packet('10.2.0.1'), 'model')).toMatchObject({
      ok: false,
      reason: 'discarded-by-policy',
    });
  });
});
