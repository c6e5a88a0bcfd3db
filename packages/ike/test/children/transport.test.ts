import type { ChildPolicy, ClientIdentity, NegotiatedChild, PeerConfig } from '@espalier/ike';
import {
  type Identification,
  ipv4AddressId,
  ipv4RangeId,
  ipv4SubnetId,
  type Payload,
  seconds,
  spi,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { NAT_METHODS } from '../../src/nat/methods.ts';
import { addressId } from '../../src/v1/identities.ts';
import { choosePhase2, offerPhase2 } from '../../src/v1/proposals/phase2.ts';
import { originalAddresses, readOriginalAddresses, seenIdentity } from '../../src/v1/quick-mode/transport.ts';
import { Host, Hosts, SharedAddress } from '../peers/hosts.ts';
import { INSIDE, keepVendorIds, NatBed, type NatBedOptions } from '../support/nat-bed.ts';
import { childPolicy, Pair, peerConfig, R2, R3, type Side } from '../support/pair.ts';

const L2TP = { protocol: 17, port: 1701 };
const ANY_L2TP: ClientIdentity = { within: [ipv4SubnetId('0.0.0.0/0', L2TP)] };
const BEHIND: readonly (readonly Side[])[] = [[], ['R2'], ['R3'], ['R2', 'R3']];

function transport(local: ClientIdentity, remote: ClientIdentity, changes: Partial<ChildPolicy> = {}): ChildPolicy {
  return { ...childPolicy('R2'), mode: 'transport', localIdentity: local, remoteIdentity: remote, ...changes };
}

function addressOf(side: Side, behind: readonly Side[]): string {
  return behind.includes(side) ? INSIDE[side] : { R2, R3 }[side].address;
}

/** R2 asks for L2TP with R3, each speaking for its address as it knows it. */
function bedFor(behind: readonly Side[], options: NatBedOptions = {}): NatBed {
  const [r2, r3] = [addressOf('R2', behind), addressOf('R3', behind)];
  const children = {
    R2: [transport(ipv4AddressId(r2, L2TP), ipv4AddressId(R3.address, L2TP))],
    R3: [transport(ipv4AddressId(r3, L2TP), ipv4AddressId(R2.address, L2TP))],
  };
  return new NatBed({
    behind,
    ...options,
    R2: { children: children.R2, ...options.R2 },
    R3: { children: children.R3, ...options.R3 },
  });
}

function childOf(bed: NatBed, side: Side): NegotiatedChild {
  return bed[side].of('child-established').at(-1)?.child ?? expect.unreachable(`${side} has no child`);
}

describe('Transport mode', () => {
  const methods = NAT_METHODS.flatMap((method) => BEHIND.map((behind) => ({ ...method, behind })));

  it.each(methods)(
    'is agreed on for the addresses of gateways, each as it knows itself: behind $behind, vendor ID $vendorId',
    ({ form, vendorId, behind }) => {
      const bed = bedFor(behind, { R2: { natTraversalForms: [form] }, alter: keepVendorIds((hex) => hex === vendorId) })
        .initiate()
        .run();
      const [r2, r3] = [childOf(bed, 'R2'), childOf(bed, 'R3')];
      const inUdp = behind.length > 0;
      expect([r2, r3]).toMatchObject(Array(2).fill({ mode: 'transport', inUdp }));
      expect(r2.outbound).toBe(r3.inbound);
      expect(r3.remoteIdentity).toEqual(ipv4AddressId(addressOf('R2', behind), L2TP));
      expect(r3.localIdentity).toEqual(ipv4AddressId(R3.address, L2TP));
      // RFC 3947 §5.2: each tells its own address, and where it sees the other.
      expect(r3.originalAddresses).toEqual(inUdp ? { local: R3.address, remote: addressOf('R2', behind) } : undefined);
      expect(r2.originalAddresses).toEqual(inUdp ? { local: R2.address, remote: addressOf('R3', behind) } : undefined);
    },
  );

  it.each(BEHIND)('is renewed by either side: behind %s %s', (...behind) => {
    const bed = bedFor(behind).initiate().run();
    for (const side of ['R3', 'R2'] as const) {
      bed.on(side, (endpoint, now) => endpoint.rekeyChild(now, childOf(bed, side).inbound));
      bed.run(seconds(6));
    }
    expect(bed.R2.of('child-established')).toHaveLength(3);
    expect(bed.R3.of('child-established')).toHaveLength(3);
    expect(bed.R3.endpoint.counters['invalid-identity']).toBe(0);
  });

  it('is not what a peer gets that is configured for tunnels, nor the other way round', () => {
    for (const [ours, theirs] of [
      ['tunnel', 'transport'],
      ['transport', 'tunnel'],
    ] as const) {
      const ids = [ipv4AddressId(R2.address), ipv4AddressId(R3.address)] as const;
      const pair = new Pair({
        R2: { children: [transport(...ids, { mode: ours })] },
        R3: { children: [transport(ids[1], ids[0], { mode: theirs })] },
      }).initiate();
      pair.run(seconds(1));
      expect(pair.R2.of('child-failed')).toMatchObject([{ reason: 'NO-PROPOSAL-CHOSEN' }]);
      expect(pair.R3.endpoint.counters['no-proposal-chosen']).toBe(1);
      expect(pair.R3.news).toMatchObject([
        { detail: { kind: 'proposals', nearest: { differences: [{ attribute: 'encapsulation', offered: ours }] } } },
      ]);
    }
  });

  it.each<readonly [string, Identification]>([
    ['a subnet', ipv4SubnetId('10.1.15.0/24')],
    ['the subnet of one address', ipv4SubnetId('10.1.15.1/32')],
    ['a range', ipv4RangeId('10.1.15.1', '10.1.15.1')],
    ["another's address", ipv4AddressId('10.1.15.3')],
  ])('is refused for %s, whatever the policy would take', (_, asked) => {
    const pair = new Pair({
      R2: { children: [transport(asked, ipv4AddressId(R3.address))] },
      R3: { children: [transport('any', 'any')] },
    }).initiate();
    pair.run(seconds(1));
    expect(pair.R3.endpoint.counters['invalid-identity']).toBe(1);
    expect(pair.R2.of('child-failed')).toMatchObject([{ reason: 'INVALID-ID-INFORMATION' }]);
  });

  it('takes the number of its method alone, with a NAT and without', () => {
    const policy = transport('any', 'any');
    const findings = NAT_METHODS.map((method) => ({ method, isLocalBehind: true, isRemoteBehind: false }));
    for (const theirs of [undefined, ...findings]) {
      for (const ours of [undefined, ...findings]) {
        const isSame = theirs?.method.udpTransport === ours?.method.udpTransport;
        const offer = offerPhase2(policy, { spi: spi(0x1234) }, theirs);
        expect(choosePhase2(offer, policy, ours) !== undefined).toBe(isSame);
        expect(choosePhase2(offer, { ...policy, mode: 'tunnel' }, ours)).toBeUndefined();
      }
    }
  });
});

describe('NAT-OA (RFC 3947 §5.2)', () => {
  const path = { local: R2, remote: R3 };
  const policy = transport('any', 'any');
  const received = (payloads: readonly Payload[]) =>
    payloads.map((payload) => ({ ...payload, raw: new Uint8Array(0), body: new Uint8Array(0) }));

  it.each(NAT_METHODS)('is what the other side reads, the initiator first: $vendorId', (method) => {
    const gateways = { path, nat: { method, isLocalBehind: false, isRemoteBehind: true } };
    const sent = originalAddresses(gateways, policy, 'initiator');
    expect(sent.map((payload) => 'type' in payload && payload.type)).toEqual(Array(2).fill(method.originalAddress));
    const mirrored = { ...gateways, path: { local: R3, remote: R2 } };
    expect(originalAddresses(mirrored, policy, 'responder')).toEqual(sent);
    expect(readOriginalAddresses(received(sent), mirrored, policy, 'responder')).toEqual({
      local: R3.address,
      remote: R2.address,
    });
    expect(readOriginalAddresses(received(sent), gateways, policy, 'initiator')).toEqual({
      local: R2.address,
      remote: R3.address,
    });
    expect(readOriginalAddresses([], gateways, policy, 'initiator')).toBeUndefined();
    const alone = () => readOriginalAddresses(received(sent.slice(0, 1)), mirrored, policy, 'responder');
    if (method.isDraft) expect(alone()).toEqual({ local: R3.address, remote: R2.address });
    else expect(alone).toThrow('missing-payload');
  });

  it('is neither sent nor read in tunnel mode, or where there is no NAT', () => {
    const [method] = NAT_METHODS;
    if (method === undefined) return expect.unreachable('there is no method');
    const gateways = { path, nat: { method, isLocalBehind: true, isRemoteBehind: true } };
    const sent = received(originalAddresses(gateways, policy, 'initiator'));
    for (const [where, how] of [
      [{ path }, policy],
      [gateways, childPolicy('R2')],
    ] as const) {
      expect(originalAddresses(where, how, 'initiator')).toEqual([]);
      expect(readOriginalAddresses(sent, where, how, 'responder')).toBeUndefined();
    }
  });

  it('leaves an identity as it is where it is that of the gateway, and of a NAT shows what is seen', () => {
    const [method] = NAT_METHODS;
    if (method === undefined) return expect.unreachable('there is no method');
    const own = ipv4AddressId('192.168.2.1', L2TP);
    for (const isLocalBehind of [false, true]) {
      const gateways = { path, nat: { method, isLocalBehind, isRemoteBehind: !isLocalBehind } };
      const seen = (end: 'local' | 'remote') => seenIdentity(own, end, gateways, policy)?.identity;
      expect(seen('local')).toEqual(isLocalBehind ? { ...addressId(R2.address), ...L2TP } : undefined);
      expect(seen('remote')).toEqual(isLocalBehind ? undefined : { ...addressId(R3.address), ...L2TP });
    }
  });
});

describe('L2TP clients behind one NAT', () => {
  const HUB = '198.51.100.1';

  it('have each their own child, with the same ports, whatever the server sees of their addresses', () => {
    const nat = new SharedAddress('203.0.113.9');
    const common = { mode: 'main', allowWildcardKey: true, natTraversal: 'auto' } as const;
    const server = new Host(HUB, [
      peerConfig('R3', {
        ...common,
        name: 'clients',
        local: { address: HUB, port: 500 },
        remote: { addresses: 'any' },
        children: [transport(ipv4AddressId(HUB, L2TP), ANY_L2TP)],
      }),
    ]);
    const clientConfig = (address: string): PeerConfig => ({
      ...peerConfig('R2'),
      name: 'hub',
      local: { address, port: 500 },
      remote: { address: HUB, port: 500 },
      children: [transport(ipv4AddressId(address, L2TP), ipv4AddressId(HUB, L2TP))],
    });
    const inside = ['192.168.1.10', '192.168.1.11'];
    const clients = inside.map((address) => new Host(address, [clientConfig(address)], nat.of(address)));
    const hosts = new Hosts(server, ...clients);
    for (const client of clients) hosts.on(client, (endpoint, now) => endpoint.initiate(now, 'hub'));
    const children = server.of('child-established').map(({ child }) => child);
    expect(children).toMatchObject(
      inside.map((address) => ({
        peer: `clients/${address}`,
        mode: 'transport',
        inUdp: true,
        remote: { address: '203.0.113.9' },
        remoteIdentity: ipv4AddressId(address, L2TP),
        originalAddresses: { local: HUB, remote: address },
      })),
    );
    expect(new Set(children.map(({ remote }) => remote.port)).size).toBe(2);
    expect(new Set(children.map(({ inbound }) => inbound)).size).toBe(2);
    // The one renews its child, and the other's stays.
    const [first, second] = children;
    if (first === undefined || second === undefined) return expect.unreachable('there are no two children');
    hosts.on(server, (endpoint, now) => endpoint.rekeyChild(now, first.inbound));
    expect(clients[0]?.of('child-superseded')).toMatchObject([{ outbound: first.inbound }]);
    expect(clients[1]?.of('child-superseded')).toEqual([]);
    expect(server.endpoint.children().map(({ inbound }) => inbound)).toContain(second.inbound);
  });
});
