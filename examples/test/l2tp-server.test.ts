import { espSuite } from '@espalier/crypto';
import { decodeUdp, fromHex, ip, parseAddress, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { type Host, hostConfig, L2TP_PORT, SERVER, World } from '../../packages/gateway/test/host/world.ts';
import { serverConfig } from '../src/l2tp-server/configuration.ts';
import { ControlConnections } from '../src/l2tp-server/control-connections.ts';
import { decodeControl, encodeControl } from '../src/l2tp-server/control-message.ts';
import { type HeardL2tp, L2tpInside } from '../src/l2tp-server/l2tp-inside.ts';

/** SCCRQ, SCCCN, HELLO and StopCCN as scapy 2.5 writes them, of two hosts that have the same NAT in front of them. */
const CLIENTS = [
  {
    address: '10.0.0.2',
    packets: [
      '4500005500010000401134940a000002cb00710106a506a500411c45c8020039000000000000000080080000000000018008000000020100800a0000000300000003800b0000000773636170798008000000091267',
      '4500003000020000401134b80a000002cb00710106a506a5001c6443c802001400010000000100018008000000000003',
      '4500003000030000401134b70a000002cb00710106a506a5001c643fc802001400010000000200018008000000000006',
      '4500004000040000401134a60a000002cb00710106a506a5002c518dc80200240001000000030001800800000000000480080000000100018008000000091267',
    ].map(fromHex),
    tunnel: 4711,
  },
  {
    address: '10.0.0.3',
    packets: [
      '4500005500010000401134930a000003cb00710106a506a500411b44c8020039000000000000000080080000000000018008000000020100800a0000000300000003800b0000000773636170798008000000091268',
      '4500003000020000401134b70a000003cb00710106a506a5001c6441c802001400020000000100018008000000000003',
      '4500003000030000401134b60a000003cb00710106a506a5001c643dc802001400020000000200018008000000000006',
      '4500004000040000401134a50a000003cb00710106a506a5002c518ac80200240002000000030001800800000000000480080000000100018008000000091268',
    ].map(fromHex),
    tunnel: 4712,
  },
] as const;

const KEY = 'of hosts';
const OPTIONS = {
  bind: SERVER[4],
  key: KEY,
  clients: 2,
  record: undefined,
  recordSecrets: false,
  json: false,
} as const;

/** A server and what it heard, and its clients in one world. */
function worldOfClients() {
  const world = new World();
  const server = world.join(SERVER[4], serverConfig(OPTIONS));
  const heard: HeardL2tp[] = [];
  const inside = new L2tpInside(new ControlConnections(), (one) => heard.push(one));
  const suites = [espSuite('aes-128-cbc/hmac-sha1-96')];
  const selectors = { protocol: 'udp', localPort: L2TP_PORT, remotePort: L2TP_PORT } as const;
  const clients = CLIENTS.map(({ address }) =>
    world.join(address, hostConfig(address, SERVER[4], selectors, { suites }), { behindNat: true }),
  );
  const serve = (): void => {
    for (const { packet, insideInterface } of server.received.splice(0)) {
      const answer = inside.deliver(packet, insideInterface);
      if (answer !== undefined) world.send(server, answer, insideInterface);
    }
  };
  const say = (client: Host, packet: Uint8Array): void => {
    world.send(client, packet);
    world.run(seconds(3));
    serve();
    world.run(seconds(1));
  };
  return { world, clients, heard, say };
}

/** The control message that a host was sent, and how good its checksum is for that host. */
function controlIn(world: World, client: Host) {
  const packet = world.lastOf(client);
  const at = ip.payloadAt(packet, 0, packet.length);
  const addresses = { source: parseAddress(SERVER[4]), destination: parseAddress(client.address) };
  const { checksum, payload } = decodeUdp(packet.subarray(at), addresses);
  return { checksum, ...decodeControl(payload) };
}

describe('the L2TP server, spoken to by scapy from two hosts behind one NAT', () => {
  const { world, clients, heard, say } = worldOfClients();

  it('answers each by its own tunnel, with checksums mended both ways (RFC 3948 §3.1.2)', () => {
    for (const step of [0, 1, 2, 3]) {
      for (const [i, client] of clients.entries()) {
        const { packets, tunnel } = CLIENTS[i] ?? CLIENTS[0];
        say(client, packets[step] ?? new Uint8Array(0));
        expect(controlIn(world, client)).toEqual({
          checksum: 'good',
          tunnel,
          ns: step === 0 ? 0 : 1,
          nr: step + 1,
          type: step === 0 ? 2 : undefined,
          ...(step === 0 ? { assignedTunnel: i + 1 } : {}),
        });
      }
    }
    for (const client of clients) expect(client.received).toHaveLength(4);
    expect(heard.map(({ caller, type, checksum }) => [caller, type, checksum])).toEqual(
      [1, 3, 6, 4].flatMap((type) => ['l2tp0', 'l2tp1'].map((caller) => [caller, type, 'good'])),
    );
  });
});

describe('control connections of L2TP', () => {
  const sccrq = encodeControl({ tunnel: 0, ns: 0, nr: 0, type: 1, assignedTunnel: 7 }, 'peer');
  const hello = (tunnel: number): Uint8Array => encodeControl({ tunnel, ns: 1, nr: 1, type: 6 }, 'peer');

  it('answer a request that comes again as before', () => {
    const connections = new ControlConnections();
    const first = connections.hear('l2tp0', sccrq).answer;
    expect(first && decodeControl(first)).toMatchObject({ type: 2, tunnel: 7, assignedTunnel: 1 });
    expect(connections.hear('l2tp0', sccrq).answer).toEqual(first);
    expect(connections.hear('l2tp1', sccrq).answer).not.toEqual(first);
  });

  it('are those of one caller, and over when they have been stopped', () => {
    const connections = new ControlConnections();
    connections.hear('l2tp0', sccrq);
    expect(connections.hear('l2tp1', hello(1)).answer).toBeUndefined();
    expect(connections.hear('l2tp0', hello(1)).answer).toBeDefined();
    expect(connections.hear('l2tp0', encodeControl({ tunnel: 1, ns: 2, nr: 1, type: 4 }, 'peer')).answer).toBeDefined();
    expect(connections.hear('l2tp0', hello(1)).answer).toBeUndefined();
  });

  it('are no more than 256, and pass over what is no control message', () => {
    const connections = new ControlConnections();
    const answers = Array.from({ length: 300 }, (_, i) => {
      const request = encodeControl({ tunnel: 0, ns: 0, nr: 0, type: 1, assignedTunnel: i + 1 }, 'peer');
      return connections.hear('l2tp0', request).answer;
    });
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(256);
    for (let length = 0; length < sccrq.length; length++) {
      expect(decodeControl(sccrq.subarray(0, length))).toBeUndefined();
    }
    expect(decodeControl(Uint8Array.from(sccrq, (octet, i) => (i === 0 ? 0x48 : octet)))).toBeUndefined();
  });
});
