import { expect } from 'vitest';
import type { GatewayConfig, GatewayOptions } from '../../../packages/gateway/src/index.ts';
import { ip, PROTOCOL, seconds } from '../../../packages/wire/src/index.ts';
import { Internet } from './internet.ts';
import { configOf, markedPacket, marksIn, type Wishes } from './play.ts';

export const WEST = '203.0.113.1';
export const EAST = '203.0.113.2';
export const DPD = { idle: seconds(10), interval: seconds(2), retries: 2 };
export const ENDS = ['west', 'east'] as const;
export type EndName = (typeof ENDS)[number];

export const MODES = ['main', 'aggressive'] as const;

/** Nets behind either end, each pair of them a policy: `10.1.N.0/24` with `10.2.N.0/24`. */
export function configs(count: number, wishes: Wishes = {}, establish: GatewayConfig['establish'] = 'on-traffic') {
  const config = (own: 1 | 2): GatewayConfig => {
    const other = own === 1 ? 2 : 1;
    const net = (side: number, i: number) => `10.${side}.${i}.0/24`;
    const peer = own === 1 ? { local: WEST, remote: EAST } : { local: EAST, remote: WEST };
    const whole = configOf(wishes, peer, {});
    const policies = Array.from({ length: count }, (_, i) =>
      whole.policies.map((policy) => ({
        ...policy,
        name: `net ${i}`,
        selectors: { local: net(own, i), remote: net(other, i) },
      })),
    );
    return { ...whole, policies: policies.flat(), establish };
  };
  return { west: config(1), east: config(2) };
}

/** Both ends, and nothing between them yet. `options`: what an end is given beside its configuration. */
export function ends(
  config: (name: EndName) => GatewayConfig,
  options: (name: EndName) => Partial<GatewayOptions> = () => ({}),
): Internet {
  const internet = new Internet();
  for (const name of ['east', 'west'] as const) {
    internet.join(name, name === 'west' ? WEST : EAST, config(name), options(name));
  }
  return internet;
}

/** Who is in a net behind an end. */
export function hostOf(end: EndName, net = 0): string {
  return `10.${end === 'west' ? 1 : 2}.${net}.9`;
}

export function upInternet(
  count = 1,
  wishes: Wishes = {},
  establish: { readonly [End in EndName]?: GatewayConfig['establish'] } = {},
): Internet {
  const internet = ends((name) => configs(count, wishes, establish[name])[name]);
  for (let i = 0; i < count; i++) expect(reaches(internet, 'west', i)).toBe(true);
  return internet;
}

/** Whether a packet gets from one net to the other, and one back. */
export function reaches(internet: Internet, from: EndName, i = 0): boolean {
  const to = from === 'west' ? 'east' : 'west';
  const before = [internet.host(from).received.length, internet.host(to).received.length] as const;
  internet.send(from, markedPacket(hostOf(from, i), hostOf(to, i)));
  internet.run(seconds(3));
  internet.send(to, markedPacket(hostOf(to, i), hostOf(from, i)));
  internet.run(seconds(1));
  return marksIn(internet.host(to), before[1]).length === 1 && marksIn(internet.host(from), before[0]).length === 1;
}

export const sas = (internet: Internet, name: string, policy?: string) => internet.host(name).gateway.ipsecSas(policy);
export const cookies = (internet: Internet, name: string) =>
  internet
    .host(name)
    .gateway.ikeSas()
    .map(({ initiatorCookie }) => initiatorCookie);

export function cut(internet: Internet): void {
  internet.link = () => [];
}

export function mend(internet: Internet): void {
  internet.link = (_, packet) => [packet];
}

/** Of IKE in UDP over IPv4; undefined for anything else. */
export function exchangeOf(packet: Uint8Array): number | undefined {
  if (ip.protocol(packet, 0, packet.length) !== PROTOCOL.udp) return undefined;
  return packet[20 + 8 + 18];
}

/** Short enough to be over in a test. */
export const SHORT: Wishes = { peer: { lifetime: seconds(400) }, action: { lifetime: seconds(300) } };
