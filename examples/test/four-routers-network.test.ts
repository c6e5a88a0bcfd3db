import { readFileSync } from 'node:fs';
import { type JunosConfiguration, readJunos } from '@espalier/junos';
import { encodeIpv4, ipv4, milliseconds, PROTOCOL, parseAddress, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toAddress, toText } from '../src/routers/address.ts';
import { VirtualClock } from '../src/routers/clock.ts';
import { createLink } from '../src/routers/link.ts';
import { type NeighborChange, OspfInterface } from '../src/routers/ospf.ts';
import { decodeHello, encodeHello } from '../src/routers/ospf-hello.ts';
import { ping } from '../src/routers/ping.ts';
import { Router } from '../src/routers/router.ts';
import { RoutingTable } from '../src/routers/routing-table.ts';
import { traceroute } from '../src/routers/traceroute.ts';

const LINK = { latency: milliseconds(1), bitsPerSecond: 1_000_000 };

function configuration(name: string): JunosConfiguration {
  return readJunos(readFileSync(new URL(`../configs/${name}.conf`, import.meta.url), 'utf8')).configuration;
}

/** R1 - R2 - R3 - R4 with a bare wire where the tunnel belongs. */
function network() {
  const clock = new VirtualClock();
  const routers = ['R1', 'R2', 'R3', 'R4'].map((name) => new Router(name, configuration(name)));
  const [r1, r2, r3, r4] = routers;
  if (!r1 || !r2 || !r3 || !r4) throw new Error('four routers are needed');
  const west = createLink(clock, LINK);
  const middle = createLink(clock, LINK);
  const east = createLink(clock, LINK);
  r1.plug('so-0/0/0.0', west[0]);
  r2.plug('so-0/0/0.0', west[1]);
  r2.plug('sp-1/2/0.1', middle[0], toAddress('10.1.15.1'));
  r3.plug('sp-1/2/0.1', middle[1], toAddress('10.1.15.2'));
  r3.plug('so-0/0/0.0', east[0]);
  r4.plug('so-0/0/0.0', east[1]);
  return { clock, r1, r2, r3, r4, west, middle, east };
}

describe('virtual time', () => {
  it('rings alarms in order of time, then in the order in which they were set', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (times) => {
        const clock = new VirtualClock();
        const rung: [number, number][] = [];
        for (const [index, time] of times.entries()) {
          clock.after(milliseconds(time), () => rung.push([clock.now, index]));
        }
        clock.runFor(milliseconds(20));
        const expected = times.map((time, index): [number, number] => [time, index]);
        expect(rung).toEqual(expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
        expect(clock.now).toBe(20);
      }),
    );
  });

  it('does not ring what was taken back, and stops as soon as it is done', () => {
    const clock = new VirtualClock();
    const rung: string[] = [];
    clock.after(milliseconds(1), () => rung.push('taken back'))();
    clock.after(milliseconds(2), () => rung.push('first'));
    clock.after(milliseconds(3), () => rung.push('late'));
    clock.runFor(milliseconds(10), () => rung.length > 0);
    expect([rung, clock.now]).toEqual([['first'], 2]);
  });
});

describe('a router', () => {
  it('routes by the longest prefix', () => {
    const table = new RoutingTable<string>();
    table.add(0, 0, 'default');
    table.add(toAddress('10.0.0.0'), 8, 'ten');
    table.add(toAddress('10.1.0.0'), 16, 'ten one');
    table.add(toAddress('10.1.12.2'), 32, 'host');
    const found = ['192.0.2.1', '10.9.9.9', '10.1.9.9', '10.1.12.2'].map((text) => table.find(toAddress(text)));
    expect(found).toEqual(['default', 'ten', 'ten one', 'host']);
    expect(new RoutingTable().find(0)).toBeUndefined();
  });

  it('counts TTL down by one and keeps the header checksum right', () => {
    const { clock, r1, r4, west } = network();
    let seen: Uint8Array | undefined;
    r4.listen((packet) => {
      seen = packet;
      return true;
    });
    west[0].send(
      encodeIpv4({
        protocol: PROTOCOL.none,
        ttl: 9,
        source: parseAddress('10.1.12.2'),
        destination: parseAddress('10.1.56.2'),
        payload: new Uint8Array(4),
      }),
    );
    clock.runFor(seconds(1));
    if (!seen) throw new Error('the packet did not arrive');
    expect(ipv4.ttl(seen, 0)).toBe(7);
    expect(ipv4.headerChecksumOk(seen, 0)).toBe(true);
    expect(r1.name).toBe('R1');
  });

  it('answers a ping, and prints it as Junos does', () => {
    const { clock, r1 } = network();
    const lines: string[] = [];
    expect(ping(clock, r1, '10.1.56.2', 2, (line) => lines.push(line))).toEqual({ sent: 2, received: 2 });
    expect(lines).toEqual([
      'PING 10.1.56.2 (10.1.56.2): 56 data bytes',
      '64 bytes from 10.1.56.2: icmp_seq=0 ttl=253 time=10.032 ms',
      '64 bytes from 10.1.56.2: icmp_seq=1 ttl=253 time=10.032 ms',
      '',
      '--- 10.1.56.2 ping statistics ---',
      '2 packets transmitted, 2 packets received, 0% packet loss',
      'round-trip min/avg/max/stddev = 10.032/10.032/10.032/0.000 ms',
    ]);
  });

  it('says how many pings were lost', () => {
    const { clock, r1, middle } = network();
    const deliver = middle[1].receiver;
    let packets = 0;
    middle[1].receiver = (packet) => {
      if (packets++ % 2 === 0) deliver(packet);
    };
    const lines: string[] = [];
    expect(ping(clock, r1, '10.1.56.2', 4, (line) => lines.push(line))).toEqual({ sent: 4, received: 2 });
    expect(lines).toContain('4 packets transmitted, 2 packets received, 50% packet loss');
  });

  it('shows in a traceroute the end of the tunnel, the loopback behind it, and the destination', () => {
    const { clock, r4, r1 } = network();
    const lines: string[] = [];
    const hops = traceroute(clock, r4, '10.1.12.2', (line) => lines.push(line));
    expect(hops).toEqual([['10.1.15.2'], ['10.0.0.2'], ['10.1.12.2']]);
    expect(lines[0]).toBe('traceroute to 10.1.12.2 (10.1.12.2), 30 hops max, 40 byte packets');
    expect(lines[1]).toMatch(/^ 1 {2}10\.1\.15\.2 \(10\.1\.15\.2\) {2}\d\.\d{3} ms {2}\d\.\d{3} ms {2}\d\.\d{3} ms$/);
    expect(traceroute(clock, r1, '10.1.56.2', () => {})).toEqual([['10.1.15.1'], ['10.0.0.3'], ['10.1.56.2']]);
  });

  it('prints a star for each probe that nobody answers', () => {
    const { clock, r4, east } = network();
    east[1].receiver = () => {};
    const lines: string[] = [];
    const hops = traceroute(clock, r4, '10.1.12.2', (line) => lines.push(line));
    expect(hops).toHaveLength(30);
    expect(lines.at(-1)).toBe('30  *  *  *');
  });
});

describe('OSPF Hello', () => {
  const address = fc.nat(0xffffffff);

  it('is read as it was written', () => {
    const hello = fc.record({
      routerId: address,
      area: address,
      networkMask: address,
      helloInterval: fc.nat(0xffff),
      deadInterval: fc.nat(0xffffffff),
      neighbors: fc.array(address, { maxLength: 5 }),
    });
    fc.assert(
      fc.property(hello, (written) => {
        expect(decodeHello(encodeHello(written))).toEqual(written);
      }),
    );
  });

  it('is refused when it is cut short or an octet is wrong', () => {
    const options = { helloInterval: 10, deadInterval: 40 };
    const hello = encodeHello({ routerId: 1, area: 0, networkMask: 0, ...options, neighbors: [2] });
    for (let length = 0; length < hello.length; length++)
      expect(decodeHello(hello.subarray(0, length))).toBeUndefined();
    for (let at = 0; at < hello.length; at++) {
      const wrong = hello.slice();
      wrong[at] = (wrong[at] ?? 0) ^ 0x10;
      expect(decodeHello(wrong)).toBeUndefined();
    }
  });

  function adjacency(deadInterval = 40) {
    const net = network();
    const changes: string[] = [];
    const changed = ({ router, neighbor, state }: NeighborChange) =>
      changes.push(`${router.name} ${toText(neighbor)} ${state}`);
    const [left, right] = [net.r1, net.r2].map((router, index) => {
      const port = router.port('so-0/0/0.0');
      if (!port) throw new Error('the port is not plugged in');
      const options = { name: port.name, helloInterval: 10, deadInterval: index === 0 ? deadInterval : 40 };
      return new OspfInterface({ clock: net.clock, router, port, area: '0.0.0.0', options }, changed);
    });
    if (!left || !right) throw new Error('two interfaces are needed');
    net.clock.after(seconds(0), () => left.start());
    net.clock.after(seconds(1), () => right.start());
    return { ...net, left, right, changes };
  }

  it('finds a neighbour in one direction, then in both', () => {
    const { clock, left, right, changes } = adjacency();
    clock.runFor(seconds(30));
    expect([left.state, right.state]).toEqual(['2-Way', '2-Way']);
    expect(changes).toEqual(['R2 10.0.0.1 Init', 'R1 10.0.0.2 2-Way', 'R2 10.0.0.1 2-Way']);
  });

  it('loses a neighbour that has been silent for the dead interval', () => {
    const { clock, west, right, changes } = adjacency();
    clock.runFor(seconds(31));
    west[1].receiver = () => {};
    clock.runFor(seconds(35));
    expect(right.state).toBe('2-Way');
    clock.runFor(seconds(10));
    expect(right.state).toBe('Down');
    expect(changes).toContain('R2 10.0.0.1 Down');
  });

  it('does not hear a neighbour with other intervals', () => {
    const { clock, left, right } = adjacency(41);
    clock.runFor(seconds(60));
    expect([left.state, right.state]).toEqual(['Down', 'Down']);
  });
});
