import type { Engine, EspSuite } from '@espalier/crypto';
import { EspalierContender } from '../packets/espalier.ts';
import { innerPacket } from '../packets/suites.ts';
import { Supplier } from '../packets/supply.ts';
import { type Allocations, allocationsPerPacket, retainedOctets } from './allocations.ts';

const BATCH = 64;
const PACKETS_AT_ONCE = 4 * BATCH;

/** What packets of one suite allocate on one engine, in batches of 64, and what is still there after many. */
export interface PacketCounts {
  readonly seal: Allocations;
  readonly open: Allocations;
  readonly retained: number;
}

export interface CountedPackets {
  readonly octets: number;
  /** How many are sealed, and then opened, while one looks at what is kept. */
  readonly count: number;
}

/** `supplying` seals what is opened; an engine that leaves no garbage of its own. */
export function countPackets(
  engine: Engine,
  supplying: Engine,
  suite: EspSuite,
  { octets, count }: CountedPackets,
): PacketCounts {
  const inner = innerPacket(octets);
  const contender = new EspalierContender('node', engine, suite, BATCH);
  const supplier = new Supplier(supplying, suite);
  const supply = supplier.supply(inner);
  const seal = (packets: number) => void contender.timeSeal(inner, packets);
  const open = (packets: number) => void contender.timeOpen(supply.renew(packets), packets);
  const counts = {
    seal: allocationsPerPacket(seal, PACKETS_AT_ONCE),
    open: allocationsPerPacket(open, PACKETS_AT_ONCE),
    retained: retainedOctets(() => {
      for (let done = 0; done < count; done += PACKETS_AT_ONCE) {
        seal(PACKETS_AT_ONCE);
        open(PACKETS_AT_ONCE);
      }
    }),
  };
  supply.close();
  supplier.close();
  contender.close();
  return counts;
}
