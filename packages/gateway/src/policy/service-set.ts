import type { ServiceSetConfig } from '../config.ts';
import { StatisticsCounter } from '../sas/statistics.ts';
import { Tunnel } from '../sas/tunnel.ts';
import type { TunnelPlan } from './tunnel-plan.ts';

/** One service set at work. */
export interface ServiceSet {
  readonly config: ServiceSetConfig;
  readonly statistics: StatisticsCounter;
  readonly tunnels: readonly Tunnel[];
}

export function buildServiceSets(
  configs: readonly ServiceSetConfig[],
  plans: readonly TunnelPlan[],
): readonly ServiceSet[] {
  return configs.map((config) => {
    const statistics = new StatisticsCounter();
    const own = plans.filter((plan) => plan.serviceSet === config);
    return { config, statistics, tunnels: own.map((plan) => new Tunnel(plan, statistics)) };
  });
}
