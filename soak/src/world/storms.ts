import {
  bandwidth,
  burstLoss,
  corruption,
  cut,
  delay,
  duplication,
  during,
  type Impairment,
  jitter,
  loss,
  mtu,
  reordering,
  replaying,
  truncation,
} from '@espalier/testing/network';
import { instant } from '@espalier/wire';
import type { ImpairmentKind, StormPlan, WorldPlan } from '../plan/plan.ts';

/** Each kind with its value: percent, milliseconds, bits a second or octets. */
const IMPAIRMENTS: Readonly<Record<ImpairmentKind, (value: number) => Impairment>> = {
  loss: (percent) => loss(percent / 100),
  'burst-loss': (percent) => burstLoss({ begins: percent / 100, ends: 0.2 }),
  duplication: (percent) => duplication(percent / 100),
  corruption: (percent) => corruption(percent / 100),
  truncation: (percent) => truncation(percent / 100),
  reordering: (percent) => reordering(percent / 100, 2000),
  replaying: (percent) => replaying(percent / 100),
  delay,
  jitter,
  bandwidth: (bitsPerSecond) => bandwidth(bitsPerSecond),
  mtu: (octets) => mtu(octets),
  'silent-mtu': (octets) => mtu(octets, { tells: false }),
  cut: () => cut,
};

/** What the link of a site does, one way. */
export function stormsOf({ storms }: WorldPlan, site: number, way: StormPlan['way']): readonly Impairment[] {
  return storms
    .filter((storm) => storm.site === site && storm.way === way)
    .map(({ kind, value, from, until }) => during(instant(from), instant(until), IMPAIRMENTS[kind](value)));
}
