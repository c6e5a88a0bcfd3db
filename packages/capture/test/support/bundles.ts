import type { KeyLogEntry } from '@espalier/ike';
import { seconds, toHex } from '@espalier/wire';
import { type Action, hostConfig, udpPacket, World } from '../../../gateway/test/host/world.ts';

export type Bundle = NonNullable<Action['bundles']>[number];
export type Mode = 'tunnel' | 'transport';

const GATEWAYS = { 4: ['192.0.2.1', '198.51.100.1'], 6: ['2001:db8:1::1', '2001:db8:2::1'] } as const;
const NETS = { 4: ['10.1.0.0/16', '10.2.0.0/16'], 6: ['fd01::/32', 'fd02::/32'] } as const;
const HOSTS = { 4: ['10.1.0.7', '10.2.0.9'], 6: ['fd01::7', 'fd02::9'] } as const;

/** What went between two gateways of our own that have agreed on a bundle, three packets there; and their key log. */
export function bundleSession(bundle: Bundle, mode: Mode, family: 4 | 6, more: Partial<Action> = {}) {
  const world = new World();
  const [west, east] = GATEWAYS[family];
  const [local, remote] = NETS[family];
  const log: KeyLogEntry[] = [];
  const action = { mode, suites: [], bundles: [bundle], ...more } as const;
  const isTunnel = mode === 'tunnel';
  const keyLog = (entry: KeyLogEntry) => log.push(structuredClone(entry));
  const left = world.join(west, hostConfig(west, east, isTunnel ? { local, remote } : {}, action), { keyLog });
  world.join(east, hostConfig(east, west, isTunnel ? { local: remote, remote: local } : {}, action));
  const [from, to] = isTunnel ? HOSTS[family] : GATEWAYS[family];
  const inner = [30, 900, 700].map((octets) => udpPacket([from, 5], [to, 6], octets));
  for (const packet of inner) {
    world.send(left, packet);
    world.run(seconds(2));
  }
  return { frames: world.sent, inner, log };
}

/** A keys.json of phase 1 alone: the keys of the children follow from it. */
export function phase1Keys(log: readonly KeyLogEntry[]): string {
  const ike_sas = log.flatMap((entry) =>
    entry.kind === 'ike'
      ? [{ cookie_i: entry.initiatorCookie, ka: toHex(entry.encryption), skeyid_d: toHex(entry.skeyidD) }]
      : [],
  );
  return JSON.stringify({ ike_sas });
}
