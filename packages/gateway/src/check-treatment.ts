import type { TrafficFlow } from '@espalier/esp';
import { formatAddress, parseAddress, requireMembers } from '@espalier/wire';
import { requireBoolean, requireInteger, requireObject, requireOneOf, requireText } from './arguments.ts';
import { OUTER, TRAFFIC_FLOW } from './check-members.ts';
import type { GatewayPeer, OuterTreatment, PacketTreatment, Protection, Selectors } from './config.ts';
import { readAddressRange } from './selectors/address-set.ts';

/** In transport mode the ends of the policy are those of its peer. */
export function checkHost(selectors: Selectors, { local, remote }: GatewayPeer, at: string): void {
  const ends = { local, ...(typeof remote === 'string' ? { remote } : {}) };
  for (const [side, address] of Object.entries(ends)) {
    const named = selectors[side === 'local' ? 'local' : 'remote'];
    const isSame = named === undefined || (typeof named === 'string' && isAddress(named, address));
    if (!isSame) throw new RangeError(`${at}.${side}: in transport mode it can be nothing but ${address}`);
  }
}

function isAddress(text: string, address: string): boolean {
  const { first, bits } = readAddressRange(text);
  return bits === 8 * first.length && formatAddress(first) === formatAddress(parseAddress(address));
}

/** What is done with packets, whoever has agreed on the SAs. */
export function checkTreatment(
  treatment: PacketTreatment & Pick<Protection, 'admits' | 'statistics'>,
  at: string,
): void {
  const { mode, outer, dscpInside, clearDontFragment, fragmentation, trafficFlow, tcpMss, icmpErrors } = treatment;
  const { admits, statistics } = treatment;
  if (mode !== undefined) requireOneOf(mode, ['tunnel', 'transport'], `${at}.mode`);
  if (fragmentation !== undefined) {
    requireOneOf(fragmentation, ['before', 'after', 'refuse'], `${at}.fragmentation`);
  }
  if (mode === 'transport' && fragmentation === 'before') {
    throw new RangeError(`${at}.fragmentation: in transport mode there is no before (RFC 4303 §3.3.4)`);
  }
  if (clearDontFragment !== undefined) requireBoolean(clearDontFragment, `${at}.clearDontFragment`);
  if (admits !== undefined) requireOneOf(admits, ['selectors', 'anything'], `${at}.admits`);
  if (statistics !== undefined) requireText(statistics, `${at}.statistics`);
  if (icmpErrors !== undefined) requireOneOf(icmpErrors, ['by-selectors', 'by-payload'], `${at}.icmpErrors`);
  if (tcpMss !== undefined && tcpMss !== 'path') requireInteger(tcpMss, 88, 65_535, `${at}.tcpMss`);
  if (dscpInside !== undefined) requireOneOf(dscpInside, ['keep', 'copy'], `${at}.dscpInside`);
  if (mode === 'transport' && (outer !== undefined || dscpInside !== undefined)) {
    throw new RangeError(`${at}: in transport mode there is one header: neither outer nor dscpInside`);
  }
  if (outer !== undefined) checkOuter(outer, `${at}.outer`);
  if (trafficFlow === undefined) return;
  if (mode === 'transport') throw new RangeError(`${at}.trafficFlow: only in tunnel mode`);
  checkTrafficFlow(trafficFlow, `${at}.trafficFlow`);
}

function checkTrafficFlow(flow: TrafficFlow, at: string): void {
  requireObject(flow, at);
  requireMembers(at, flow, TRAFFIC_FLOW);
  if ('multipleOf' in flow && 'length' in flow) throw new TypeError(`${at}: has multipleOf or length, not both`);
  if ('multipleOf' in flow) requireInteger(flow.multipleOf, 2, 65_535, `${at}.multipleOf`);
  else requireInteger(flow.length, 1, 65_535, `${at}.length`);
}

function checkOuter(outer: OuterTreatment, at: string): void {
  requireObject(outer, at);
  requireMembers(at, outer, OUTER);
  const { ttl, df, dscp, ecn, flowLabel } = outer;
  if (ttl !== undefined && ttl !== 'copy') requireInteger(ttl, 1, 255, `${at}.ttl`);
  if (df !== undefined) requireOneOf(df, ['clear', 'set', 'copy'], `${at}.df`);
  if (dscp !== undefined && dscp !== 'copy') requireInteger(dscp, 0, 63, `${at}.dscp`);
  if (ecn !== undefined) requireOneOf(ecn, ['normal', 'compatibility'], `${at}.ecn`);
  if (flowLabel !== undefined && flowLabel !== 'copy') requireInteger(flowLabel, 0, 0xfffff, `${at}.flowLabel`);
}
