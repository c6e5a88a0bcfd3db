import { nobleEngine } from '@espalier/crypto';
import { decodeIpv4, fragmentIpv4, instant, ip, PROTOCOL, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { Gateway } from '../../src/index.ts';
import { datagramIn } from '../support/bed.ts';
import { hostConfig, L2TP_PORT, NAT, SERVER, serverConfig, udpPacket, World } from './world.ts';

const CLIENT = { 4: '198.51.100.2', 6: '2001:db8::2' } as const;
const L2TP = { protocol: 'udp', localPort: L2TP_PORT, remotePort: L2TP_PORT } as const;

/** A client of L2TP behind the NAT, as every phone is. */
const behindNat = (world: World, address: string) =>
  world.join(address, hostConfig(address, SERVER[4], L2TP), { behindNat: true });

describe.each([4, 6] as const)('two hosts in transport mode over IPv%i', (family) => {
  it.each(['ip', 'udp'] as const)('bring each other’s packets as they were sent, %s outside', (outside) => {
    const world = new World();
    const [own, other] = [CLIENT[family], SERVER[family]];
    const client = world.join(own, hostConfig(own, other), { outside });
    const server = world.join(other, hostConfig(other, own), { outside });
    const question = udpPacket([own, 5000], [other, 53], 40);
    const answer = udpPacket([other, 53], [own, 5000], 400);
    world.send(client, question);
    // Sockets do not know them: this is how the bed hands them over.
    world.run(seconds(2));
    world.send(server, answer);
    world.run(seconds(1));
    expect(client.gateway.ipsecSas()[0]).toMatchObject({ mode: 'transport', inUdp: outside === 'udp' });
    expect(datagramIn(world.lastOf(server))).toEqual(datagramIn(question));
    expect(datagramIn(world.lastOf(client))).toEqual(datagramIn(answer));
    if (outside === 'ip') expect(world.lastOf(server)).toEqual(question);
  });
});

describe('a policy for one port', () => {
  const world = new World();
  const client = world.join(CLIENT[4], hostConfig(CLIENT[4], SERVER[4], L2TP));
  const server = world.join(SERVER[4], hostConfig(SERVER[4], CLIENT[4], L2TP));
  const l2tp = udpPacket([CLIENT[4], L2TP_PORT], [SERVER[4], L2TP_PORT]);

  it('protects that alone: what goes between other ports is passed on in the clear', () => {
    world.send(client, l2tp);
    world.run(seconds(2));
    expect(world.lastOf(server)).toEqual(l2tp);
    const clear = udpPacket([CLIENT[4], 5000], [SERVER[4], 53]);
    expect(world.send(client, clear)).toEqual({ ok: true, action: 'bypassed' });
    world.run(seconds(1));
    expect(world.lastOf(server)).toEqual(clear);
    expect(client.gateway.ipsecSas()[0]?.localIdentity).toMatchObject({ protocol: PROTOCOL.udp, port: L2TP_PORT });
  });

  it('lets nothing out of the SAs but what is selected at this end, whatever IKE can say', () => {
    const wide = new World();
    const lax = wide.join(CLIENT[4], hostConfig(CLIENT[4], SERVER[4], { protocol: 'udp', remotePort: [1701, 1702] }));
    const strict = wide.join(
      SERVER[4],
      hostConfig(SERVER[4], CLIENT[4], { protocol: 'udp', localPort: [1701, 1703], remotePort: '1-60000' }),
    );
    wide.send(lax, udpPacket([CLIENT[4], 9], [SERVER[4], 1701]));
    wide.run(seconds(3));
    expect(strict.received).toHaveLength(1);
    wide.send(lax, udpPacket([CLIENT[4], 9], [SERVER[4], 1702]));
    wide.run(seconds(1));
    expect(strict.received).toHaveLength(1);
    expect(strict.gateway.refusals.gateway['selector-mismatch']).toBe(1);
  });

  it('takes nothing for that port in the clear (RFC 4301 §5.2)', () => {
    expect(server.gateway.handleOutside(world.now, l2tp)).toEqual({ ok: false, by: 'gateway', reason: 'unprotected' });
  });
});

describe('a host that anybody may call', () => {
  const l2tp = udpPacket([CLIENT[4], L2TP_PORT], [SERVER[4], L2TP_PORT]);
  const others = { name: 'everything else', action: { kind: 'bypass' } } as const;
  const { peers, policies = [] } = serverConfig(['l2tp0']);
  const shared = policies.map(({ action, ...policy }) => {
    if (action.kind !== 'protect') return { ...policy, action };
    const { ownInterfaces: _, ...common } = action;
    return { ...policy, action: common };
  });

  it.each([
    ['interfaces of their own', policies],
    ['none of their own', shared],
  ])(
    'takes nothing for that port in the clear, whoever has called: callers with %s (regression: bypassed)',
    (_, own) => {
      const world = new World();
      const server = world.join(SERVER[4], { peers, policies: [...own, others] });
      const take = (packet: Uint8Array) => server.gateway.handleOutside(world.now, packet);
      const client = world.join(
        CLIENT[4],
        hostConfig(CLIENT[4], SERVER[4], { protocol: 'udp', remotePort: L2TP_PORT }),
      );
      const refused = { ok: false, by: 'gateway', reason: 'unprotected' };
      expect(take(l2tp)).toEqual(refused);
      world.send(client, l2tp);
      world.run(seconds(3));
      expect(server.received).toHaveLength(1);
      expect(take(l2tp)).toEqual(refused);
      expect(take(udpPacket([CLIENT[4], 5000], [SERVER[4], 53]))).toEqual({ ok: true, action: 'bypassed' });
      server.gateway.removePolicy(world.now, 'l2tp');
      expect(take(l2tp)).toEqual({ ok: true, action: 'bypassed' });
    },
  );

  it('has one reason for it where nothing else is let in (regression: unexpected-datagram)', () => {
    const { gateway } = new World().join(SERVER[4], { peers, policies });
    expect(gateway.handleOutside(instant(0), l2tp)).toMatchObject({ reason: 'unprotected' });
    const other = udpPacket([CLIENT[4], 5000], [SERVER[4], 53]);
    expect(gateway.handleOutside(instant(0), other)).toMatchObject({ reason: 'unexpected-datagram' });
  });

  it('takes it where a policy before that lets it pass', () => {
    const { gateway } = new World().join(SERVER[4], { peers, policies: [others, ...policies] });
    expect(gateway.handleOutside(instant(0), l2tp)).toEqual({ ok: true, action: 'bypassed' });
  });
});

describe('an L2TP client behind a NAT', () => {
  it('speaks with the server, checksums mended both ways (RFC 3948 §3.1.2)', () => {
    const world = new World();
    const server = world.join(SERVER[4], serverConfig(['l2tp0']));
    const client = behindNat(world, '10.0.0.2');
    world.send(client, udpPacket(['10.0.0.2', L2TP_PORT], [SERVER[4], L2TP_PORT]));
    world.run(seconds(3));
    const arrived = world.lastOf(server);
    expect(datagramIn(arrived)).toMatchObject({ source: { address: NAT, port: L2TP_PORT } });
    world.send(server, udpPacket([SERVER[4], L2TP_PORT], [NAT, L2TP_PORT]), 'l2tp0');
    world.run(seconds(1));
    expect(datagramIn(world.lastOf(client))).toMatchObject({ destination: { address: '10.0.0.2', port: L2TP_PORT } });
    expect(server.gateway.ipsecSas()[0]).toMatchObject({ mode: 'transport', inUdp: true });
  });

  it('has another beside it, behind the same NAT: each is spoken to on its own interface', () => {
    const world = new World();
    const server = world.join(SERVER[4], serverConfig(['l2tp0', 'l2tp1']));
    const clients = ['10.0.0.2', '10.0.0.3'].map((address) => behindNat(world, address));
    for (const client of clients) {
      world.send(client, udpPacket([client.address, L2TP_PORT], [SERVER[4], L2TP_PORT], 40));
      world.run(seconds(3));
    }
    const interfaces = server.received.map(({ insideInterface }) => insideInterface);
    expect(interfaces).toEqual(['l2tp0', 'l2tp1']);
    for (const [i, name] of ['l2tp0', 'l2tp1'].entries()) {
      world.send(server, udpPacket([SERVER[4], L2TP_PORT], [NAT, L2TP_PORT], 100 + i), name);
    }
    world.run(seconds(1));
    for (const [i, client] of clients.entries()) {
      expect(client.received).toHaveLength(1);
      expect(datagramIn(world.lastOf(client))).toMatchObject({ destination: { address: client.address } });
      expect(datagramIn(world.lastOf(client)).octets).toHaveLength(100 + i);
    }
  });
});

describe('in transport mode', () => {
  const pair = (action: Parameters<typeof hostConfig>[3] = {}) => {
    const world = new World();
    const client = world.join(CLIENT[4], hostConfig(CLIENT[4], SERVER[4], {}, action));
    const server = world.join(SERVER[4], hostConfig(SERVER[4], CLIENT[4], {}, action));
    world.send(client, udpPacket([CLIENT[4], 1], [SERVER[4], 2]));
    world.run(seconds(2));
    return { world, client, server };
  };

  it('fragments are put together before they are protected (RFC 4303 §3.1.1)', () => {
    const { world, client, server } = pair();
    const whole = udpPacket([CLIENT[4], 1], [SERVER[4], 2], 1900);
    const pieces = fragmentIpv4(whole, 1000) ?? [];
    const actions = pieces.map((piece) => world.send(client, piece));
    expect(actions.map((outcome) => outcome.ok && outcome.action)).toEqual(['held', 'protected']);
    world.run(seconds(1));
    expect(decodeIpv4(world.lastOf(server)).payload).toEqual(decodeIpv4(whole).payload);
  });

  it('what is too large is fragmented after it is protected, unless it says Don’t Fragment', () => {
    const { world, client, server } = pair({ mtu: 1000 });
    const large = udpPacket([CLIENT[4], 1], [SERVER[4], 2], 1900);
    const before = world.sent.length;
    expect(world.send(client, large)).toEqual({ ok: true, action: 'protected' });
    const pieces = world.sent.slice(before);
    expect(pieces).toHaveLength(2);
    expect(pieces.every((packet) => ip.isFragment(packet, 0, packet.length))).toBe(true);
    world.run(seconds(1));
    expect(world.lastOf(server)).toEqual(large);
    const fixed = udpPacket([CLIENT[4], 1], [SERVER[4], 2], 1900, true);
    expect(world.send(client, fixed)).toMatchObject({ ok: false, reason: 'fragmentation-needed' });
    expect(decodeIpv4(world.lastOf(client)).protocol).toBe(PROTOCOL.icmp);
  });

  it('what is too large of IPv6 is fragmented at its source, which this is (RFC 8200 §5)', () => {
    const world = new World();
    const client = world.join(CLIENT[6], hostConfig(CLIENT[6], SERVER[6], {}, { mtu: 1280 }));
    const server = world.join(SERVER[6], hostConfig(SERVER[6], CLIENT[6]));
    const large = udpPacket([CLIENT[6], 1], [SERVER[6], 2], 1900);
    for (const _ of [1, 2]) {
      expect(world.send(client, large)).toMatchObject({ ok: true });
      world.run(seconds(2));
    }
    expect(server.received.map(({ packet }) => packet)).toEqual([large, large]);
  });

  it('the ends of a policy are those of its peer, and there is one header', () => {
    const build = (selectors: object, action: object) => () =>
      new Gateway({
        config: hostConfig(CLIENT[4], SERVER[4], selectors, action),
        engine: nobleEngine(),
        rng: seededRng(1),
      });
    expect(build({ local: CLIENT[4], remote: `${SERVER[4]}/32` }, {})).not.toThrow();
    expect(build({ local: '10.0.0.0/8' }, {})).toThrow(/policies\[0\].selectors.local/);
    expect(build({ remote: ['10.0.0.1'] }, {})).toThrow(/policies\[0\].selectors.remote/);
    expect(build({}, { outer: { ttl: 9 } })).toThrow(/policies\[0\].action/);
    expect(build({}, { dscpInside: 'copy' })).toThrow(/policies\[0\].action/);
    expect(build({}, { mode: 'beet' })).toThrow(TypeError);
  });
});
