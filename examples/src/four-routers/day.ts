import { after, type Duration, seconds } from '@espalier/wire';
import { toAddress } from '../routers/address.ts';
import type { VirtualClock } from '../routers/clock.ts';
import { Pinger, type PingReport } from '../routers/ping.ts';
import type { Rekeys, Story } from '../routers/story.ts';
import type { Terminal } from '../routers/terminal.ts';
import type { Topology } from '../routers/topology.ts';
import { type DayEvidence, viewGateways } from './evidence.ts';

const PROGRESS_EVERY_SECONDS = 3600;

/** R1 pings `destination` once a second, through every rekey that falls due. */
export function liveThroughDay(
  clock: VirtualClock,
  { r1, gateways }: Topology,
  story: Story,
  terminal: Terminal,
  destination: string,
  duration: Duration,
): DayEvidence {
  const start = clock.now;
  const before = story.tally;
  const rekeys = (): Rekeys => ({
    phase1: story.tally.rekeys.phase1 - before.rekeys.phase1,
    phase2: story.tally.rekeys.phase2 - before.rekeys.phase2,
  });
  const pinger = new Pinger(clock, r1, toAddress(destination), () => {});
  terminal.print(`R1 pings ${destination} once a second, for ${hoursText(duration)} hours of virtual time:`);
  for (let second = 1; second * 1000 <= duration; second++) {
    pinger.send();
    clock.run(after(start, seconds(second)));
    if (second % PROGRESS_EVERY_SECONDS === 0) {
      terminal.progress(`  ${hoursText(seconds(second)).padStart(2)} h: ${summary(pinger.report, rekeys())}`);
    }
  }
  pinger.await();
  pinger.stop();
  terminal.print(`In ${hoursText(duration)} hours: ${summary(pinger.report, rekeys())}`);
  return {
    duration,
    ...pinger.report,
    rekeys: rekeys(),
    lostNeighbors: story.tally.lostNeighbors,
    failures: story.tally.failures,
    gateways: viewGateways(clock.now, gateways),
  };
}

function hoursText(duration: Duration): string {
  return String(duration / 3_600_000);
}

function summary({ sent, received }: PingReport, { phase1, phase2 }: Rekeys): string {
  return `${sent} pings sent, ${sent - received} lost; rekeys: ${phase1} of phase 1, ${phase2} of phase 2`;
}
