import type { IpsecSaView } from '@espalier/junos';
import type { Hop } from '../routers/traceroute.ts';
import { DOCUMENT, DOCUMENTED_HOPS, DOCUMENTED_MARGIN, type DocumentedViews, firstDifference } from './document.ts';
import type { DayEvidence, Evidence, GatewayEvidence, GatewayViews, Verified } from './evidence.ts';

/** Seconds that the SAs of each phase may live at most. */
const LIFETIMES = { phase1: 3600, phase2: 28_800 } as const;

/** Everything in which a run differs from what the document shows; nothing if all is well. */
export function differences({ day, ...verified }: Evidence): readonly string[] {
  return [...verifiedDifferences(verified), ...troubles(day), ...disagreements(day.gateways, ' at the end of the day')];
}

/** Likewise, of the verification alone. */
export function verifiedDifferences({ pings, neighbors, traceroute, verification }: Verified): readonly string[] {
  return [
    ...pings.flatMap(({ from, to, sent, received }) => lostPings(`ping from ${from} to ${to}`, sent, received)),
    ...neighbors.flatMap(({ on, state }) => (state === '2-Way' ? [] : [`OSPF on ${on} is ${state}, not 2-Way`])),
    ...viewsOf('R2', DOCUMENT.r2, verification.r2.text),
    ...viewsOf('R3', DOCUMENT.r3, verification.r3.text),
    ...margins('R2', DOCUMENTED_MARGIN.r2, verification.r2),
    ...margins('R3', DOCUMENTED_MARGIN.r3, verification.r3),
    ...disagreements(verification, ''),
    ...detours(traceroute),
  ];
}

function lostPings(what: string, sent: number, received: number): readonly string[] {
  if (sent === 0) return [`${what}: none was sent`];
  return received === sent ? [] : [`${what}: ${sent - received} of ${sent} lost`];
}

function viewsOf(router: string, documented: DocumentedViews, text: DocumentedViews): readonly string[] {
  const compared = [
    ['ike security-associations', documented.ikeSecurityAssociations, text.ikeSecurityAssociations],
    ['ipsec security-associations detail', documented.ipsecSecurityAssociations, text.ipsecSecurityAssociations],
    ['ipsec statistics', documented.ipsecStatistics, text.ipsecStatistics],
  ] as const;
  return compared.flatMap(([command, expected, found]) => {
    const difference = firstDifference(expected, found);
    return difference === undefined ? [] : [`${router}: show services ipsec-vpn ${command} has ${difference}`];
  });
}

/** The initiator is to rekey 135 s before the end, the responder 90 s. */
function margins(router: string, margin: number, views: GatewayViews): readonly string[] {
  return securityAssociations(views).flatMap(({ direction, softLifetime = 0, hardLifetime = 0 }) =>
    hardLifetime - softLifetime === margin
      ? []
      : [
          `${router}: the soft lifetime ${direction} is ${hardLifetime - softLifetime} s before the hard one, not ${margin}`,
        ],
  );
}

/** What the two ends of the tunnel must tell alike. */
function disagreements({ r2, r3 }: GatewayEvidence, when: string): readonly string[] {
  const compared = [
    ['the cookies of R2', cookies(r2), 'those of R3', cookies(r3)],
    ["R2's inbound SPIs", spis(r2, 'inbound'), "R3's outbound SPIs", spis(r3, 'outbound')],
    ["R2's outbound SPIs", spis(r2, 'outbound'), "R3's inbound SPIs", spis(r3, 'inbound')],
    ["R2's encrypted bytes", sum(r2, 'espEncryptedBytes'), "R3's decrypted", sum(r3, 'espDecryptedBytes')],
    ["R2's encrypted packets", sum(r2, 'espEncryptedPackets'), "R3's decrypted", sum(r3, 'espDecryptedPackets')],
    ["R3's encrypted bytes", sum(r3, 'espEncryptedBytes'), "R2's decrypted", sum(r2, 'espDecryptedBytes')],
    ["R3's encrypted packets", sum(r3, 'espEncryptedPackets'), "R2's decrypted", sum(r2, 'espDecryptedPackets')],
  ] as const;
  return [
    ...(cookies(r2) === '' ? [`R2 has no IKE SA${when}`] : []),
    ...(spis(r2, 'inbound') === '' ? [`R2 has no IPsec SA${when}`] : []),
    ...compared.flatMap(([one, a, other, b]) => (a === b ? [] : [`${one} (${a}) are not ${other} (${b})${when}`])),
  ];
}

function detours(hops: readonly Hop[]): readonly string[] {
  const found = hops.map((hop) => hop.join('/') || '*');
  const way =
    found.join(', ') === DOCUMENTED_HOPS.join(', ')
      ? []
      : [`traceroute from R4: ${found.join(', ')}, not ${DOCUMENTED_HOPS.join(', ')}`];
  const betweenGateways = found.slice(1).filter((hop) => hop.startsWith('10.1.15.'));
  return [...way, ...betweenGateways.map((hop) => `traceroute from R4: ${hop} forwards, beyond the first hop`)];
}

function troubles({ duration, sent, received, rekeys, lostNeighbors, failures }: DayEvidence): readonly string[] {
  const seconds = duration / 1000;
  const late = (['phase1', 'phase2'] as const).filter(
    (phase) => rekeys[phase] < Math.floor(seconds / LIFETIMES[phase]),
  );
  return [
    ...lostPings('ping through the day', sent, received),
    ...late.map((phase) => `only ${rekeys[phase]} rekeys of ${phase.replace('phase', 'phase ')} in ${seconds} s`),
    ...(lostNeighbors === 0 ? [] : [`OSPF neighbours went down through the day: ${lostNeighbors}`]),
    ...failures.map((reason) => `a negotiation failed: ${reason}`),
  ];
}

function cookies({ ike }: GatewayViews): string {
  return ike
    .map(({ initiatorCookie, responderCookie }) => `${initiatorCookie} ${responderCookie}`)
    .sort()
    .join(', ');
}

function spis(views: GatewayViews, direction: IpsecSaView['direction']): string {
  return securityAssociations(views)
    .filter((sa) => sa.direction === direction)
    .map(({ spi }) => String(spi))
    .sort()
    .join(', ');
}

function securityAssociations({ ipsec }: GatewayViews): readonly IpsecSaView[] {
  return ipsec.flatMap(({ tunnels }) => tunnels.flatMap((tunnel) => tunnel.securityAssociations));
}

type EspCounter = 'espEncryptedBytes' | 'espDecryptedBytes' | 'espEncryptedPackets' | 'espDecryptedPackets';

function sum({ statistics }: GatewayViews, counter: EspCounter): number {
  return statistics.reduce((total, view) => total + view[counter], 0);
}
