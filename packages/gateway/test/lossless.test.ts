import { type Duration, ipv4, milliseconds, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { isThorough } from '../../../test/support/thorough.ts';
import { Bed, type Link, type Name, peerOf, plainLink, type Variation } from './support/bed.ts';

const UDP = 17;
/** When what is looked at begins, and when everything that follows from it is over. */
const BEGINS = 10;
const ENDS = 50;

type Fate = 'arrives' | 'lost' | 'late';

interface Scenario {
  readonly name: string;
  readonly R2: Variation;
  readonly R3: Variation;
  /** Who sends packets. */
  readonly senders: readonly Name[];
  readonly fates: readonly Fate[];
}

/** Renews the SAs of one phase when the time has come, and none of the other. */
function renewing(phase: 1 | 2, renews: boolean): Variation {
  const lifetimes = { ike: seconds(3600), ipsec: seconds(1800) };
  const own = phase === 1 ? lifetimes.ike : lifetimes.ipsec;
  return {
    suite: 'null/hmac-sha1-96',
    peer: { lifetime: lifetimes.ike },
    ipsecLifetime: lifetimes.ipsec,
    options: { softLifetime: (hard) => (renews && hard === own ? seconds(BEGINS) : milliseconds(hard - 1000)) },
  };
}

function probing(asks: boolean): Variation {
  const deadPeerDetection = { idle: seconds(BEGINS), interval: seconds(2), retries: 3 };
  const never = renewing(1, false);
  return asks ? { ...never, peer: { ...never.peer, deadPeerDetection } } : never;
}

/** To be late is to be lost, and then to come again: `npm run thorough` looks at it everywhere. */
const FATES: readonly Fate[] = isThorough ? ['lost', 'late'] : ['lost'];
const BOTH: readonly Name[] = ['R2', 'R3'];
const SIDES: readonly (readonly [string, boolean, boolean])[] = [
  ['its initiator', true, false],
  ...(isThorough ? [['its responder', false, true] as const] : []),
  ['both at once', true, true],
];
const SCENARIOS: readonly Scenario[] = [
  ...([2, 1] as const).flatMap((phase) =>
    SIDES.map(([who, r2, r3]) => ({
      name: `phase ${phase} renewed by ${who}, and what was there before deleted`,
      R2: renewing(phase, r2),
      R3: renewing(phase, r3),
      senders: BOTH,
      fates: phase === 2 && r2 !== r3 ? FATES : (['lost'] as const),
    })),
  ),
  ...(isThorough ? BOTH : (['R2'] as const)).map((sender) => ({
    name: `the peer asked for a sign of life by ${sender}, which hears nothing`,
    R2: probing(sender === 'R2'),
    R3: probing(sender === 'R3'),
    senders: [sender],
    fates: FATES,
  })),
  {
    name: 'phase 2 renewed while only its initiator sends',
    R2: renewing(2, true),
    R3: renewing(2, false),
    senders: ['R2'],
    fates: FATES,
  },
];

interface Outcome {
  /** Datagrams of IKE since the exchange began. */
  readonly datagrams: number;
  readonly lost: number;
}

/** Sends a packet each millisecond while IKE speaks, fewer and fewer afterwards, and counts what does not arrive. */
function run({ R2, R3, senders }: Scenario, chosen: number, fate: Fate): Outcome {
  const bed = new Bed({ R2, R3 });
  let datagrams = 0;
  let spokenAt = 0;
  bed.ping('R2', 0);
  bed.run(seconds(BEGINS - 0.1));
  const link: Link = (from, octets) => {
    if (ipv4.protocol(octets, 0) !== UDP) return plainLink(from, octets);
    spokenAt = bed.now;
    const isChosen = datagrams === chosen;
    datagrams += 1;
    if (!isChosen || fate === 'arrives') return plainLink(from, octets);
    return fate === 'lost' ? [] : [{ delay: milliseconds(1700), octets }];
  };
  bed.link = link;
  const received = (): number => BOTH.reduce((sum, name) => sum + bed.site(name).received.length, 0);
  const before = received();
  let sent = 0;
  while (bed.now < seconds(ENDS)) {
    for (const name of senders) bed.ping(name, sent & 0xffff);
    sent += senders.length;
    bed.run(pace(bed.now - spokenAt));
  }
  bed.run(seconds(1));
  expect(
    bed
      .site('R2')
      .events.concat(bed.site('R3').events)
      .filter(({ kind }) => kind.endsWith('failed')),
  ).toEqual([]);
  for (const name of senders) expect(bed.pings(peerOf(name)).length).toBeGreaterThan(100);
  return { datagrams, lost: sent - (received() - before) };
}

function pace(sinceSpoken: number): Duration {
  if (sinceSpoken < 10) return milliseconds(1);
  return milliseconds(sinceSpoken < 6000 ? 100 : 1000);
}

describe.each(SCENARIOS)('$name', (scenario) => {
  it('loses no packet, whichever datagram is lost or late', () => {
    const undisturbed = run(scenario, -1, 'arrives');
    expect(undisturbed.lost).toBe(0);
    expect(undisturbed.datagrams).toBeGreaterThan(1);
    for (let i = 0; i < undisturbed.datagrams; i++) {
      for (const fate of scenario.fates) {
        expect({ i, fate, lost: run(scenario, i, fate).lost }).toEqual({ i, fate, lost: 0 });
      }
    }
  });
});
