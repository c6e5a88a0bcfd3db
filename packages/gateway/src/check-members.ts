import type { Resynchronisation, TrafficFlow } from '@espalier/esp';
import type { OuterTreatment, PolicyAction, Selectors } from './config.ts';

/** What is not among these is a slip of the pen, and would be a wider policy than was meant. */
type Members<Options> = Readonly<Record<Options extends unknown ? keyof Options : never, true>>;

export const SELECTORS: Members<Selectors> = {
  local: true,
  remote: true,
  protocol: true,
  localPort: true,
  remotePort: true,
  icmpType: true,
  icmpCode: true,
  mobilityType: true,
};

export const OUTER: Members<OuterTreatment> = { ttl: true, df: true, dscp: true, ecn: true, flowLabel: true };

export const RESYNCHRONISATION: Members<Resynchronisation> = { failures: true, attempts: true };

export const TRAFFIC_FLOW: Members<TrafficFlow> = { multipleOf: true, length: true };

const TREATMENT = {
  kind: true,
  mode: true,
  outer: true,
  dscpInside: true,
  clearDontFragment: true,
  mtu: true,
  fragmentation: true,
  trafficFlow: true,
  tcpMss: true,
  icmpErrors: true,
  admits: true,
  statistics: true,
} as const;

export const ACTIONS: {
  readonly [Kind in PolicyAction['kind']]: Members<Extract<PolicyAction, { readonly kind: Kind }>>;
} = {
  protect: {
    ...TREATMENT,
    peer: true,
    suites: true,
    bundles: true,
    pfsGroup: true,
    lifetime: true,
    lifetimeKilobytes: true,
    esn: true,
    antiReplayWindow: true,
    tellReplayStatus: true,
    resynchronise: true,
    populate: true,
    assigned: true,
    overlap: true,
    ownInterfaces: true,
  },
  manual: {
    ...TREATMENT,
    local: true,
    remote: true,
    inbound: true,
    outbound: true,
    outsideMtu: true,
    freshKeys: true,
    keepAhead: true,
    resume: true,
    unauthenticated: true,
  },
  share: { kind: true, policy: true },
  bypass: { kind: true },
  discard: { kind: true },
};
