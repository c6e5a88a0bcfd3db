import { cooked, cooked2 } from './host/cooked.ts';
import { nullLoopback } from './host/loopback.ts';
import { nflog } from './host/nflog.ts';
import { enc, pflog } from './host/openbsd.ts';
import { pktap } from './host/pktap.ts';
import { ofEthernet, ofIp, raw } from './host/raw.ts';
import { ethernet } from './lan/ethernet.ts';
import { vlan } from './lan/vlan.ts';
import type { Key, Layer } from './layer.ts';
import { geneve } from './tunnels/geneve.ts';
import { gre } from './tunnels/gre.ts';
import { gtp } from './tunnels/gtp.ts';
import { l2tp } from './tunnels/l2tp.ts';
import { mpls } from './tunnels/mpls.ts';
import { vxlan } from './tunnels/vxlan.ts';
import { hdlc } from './wan/hdlc.ts';
import { junipers } from './wan/juniper.ts';
import { ofPpp, ppp, pppd, pppoe } from './wan/ppp.ts';

/** Every header that is read. The next one is a file, and a word here. */
const LAYERS: readonly Layer[] = [
  ...[ethernet, vlan, cooked, cooked2, raw, nullLoopback, ppp, pppd, pppoe, hdlc, mpls],
  ...[enc, pflog, nflog, pktap, ...junipers, gre, vxlan, geneve, gtp, l2tp, ofEthernet, ofPpp, ofIp],
];

const BY_KEY: ReadonlyMap<string, Layer> = new Map(
  LAYERS.flatMap((layer) => layer.found.map((key) => [key.join(' '), layer] as const)),
);

/** The layer that is found there; undefined for what is not read. */
export function layerOf(key: Key): Layer | undefined {
  return BY_KEY.get(key.join(' '));
}
