import { cooked, cooked2 } from './cooked.ts';
import { ethernet } from './ethernet.ts';
import { hdlc } from './hdlc.ts';
import { junipers } from './juniper.ts';
import type { Key, Layer } from './layer.ts';
import { nullLoopback } from './loopback.ts';
import { nflog } from './nflog.ts';
import { enc, pflog } from './openbsd.ts';
import { pktap } from './pktap.ts';
import { ofPpp, ppp, pppd, pppoe } from './ppp.ts';
import { ofEthernet, ofIp, raw } from './raw.ts';
import { gre } from './tunnels/gre.ts';
import { mpls } from './tunnels/mpls.ts';
import { vxlan } from './tunnels/vxlan.ts';
import { vlan } from './vlan.ts';

/** Every header that is read. The next one is a file, and a word here. */
const LAYERS: readonly Layer[] = [
  ...[ethernet, vlan, cooked, cooked2, raw, nullLoopback, ppp, pppd, pppoe, hdlc, mpls],
  ...[enc, pflog, nflog, pktap, ...junipers, gre, vxlan, ofEthernet, ofPpp, ofIp],
];

const BY_KEY: ReadonlyMap<string, Layer> = new Map(
  LAYERS.flatMap((layer) => layer.found.map((key) => [key.join(' '), layer] as const)),
);

/** The layer that is found there; undefined for what is not read. */
export function layerOf(key: Key): Layer | undefined {
  return BY_KEY.get(key.join(' '));
}
