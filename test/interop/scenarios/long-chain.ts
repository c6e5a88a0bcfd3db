import { check } from '../machine/failures.ts';
import type { Testbed } from '../machine/testbed.ts';
import type { Pair } from './pair.ts';
import { framesOf } from './trace.ts';
import { tunnel } from './tunnel.ts';

/** Payload 132, and nothing that the network took apart; or the reverse. */
const IKE_FRAGMENTS = 'isakmp.nextpayload == 132';
const IP_FRAGMENTS = 'ip.flags.mf == 1';

/** Messages that fit in no frame: in fragments of IKE, or whole. */
export async function longChain(bed: Testbed, pair: Pair, goes: 'in fragments' | 'whole'): Promise<void> {
  await tunnel(bed, pair);
  const [wanted, other] = goes === 'whole' ? [IP_FRAGMENTS, IKE_FRAGMENTS] : [IKE_FRAGMENTS, IP_FRAGMENTS];
  check((await framesOf(bed, wanted)) > 0, `no message went ${goes}`);
  check((await framesOf(bed, other)) === 0, `not every message went ${goes}`);
  bed.verify(goes === 'whole' ? 'a chain of four, whole' : 'a chain of four in fragments of IKE');
}
