import { firstDifference } from '../four-routers/document.ts';
import { ALICE, BOB, type Evidence, type HubViews } from './scenario.ts';

/** A dynamic tunnel as the hub is to show it. */
interface Tunnel {
  readonly index: number;
  readonly peer: string;
  /** The address behind the peer. */
  readonly inside: string;
}

/** What the hub is to show at one moment. */
interface Expected {
  readonly moment: string;
  readonly tunnels: readonly Tunnel[];
  /** Addresses of the peers that there are IKE SAs with. */
  readonly peers: readonly string[];
}

const NAT = '192.0.2.77';

/** Everything in which a run differs from what Junos shows of dynamic endpoints; nothing if all is well. */
export function differences({ addresses, pings, views }: Evidence): readonly string[] {
  const [first, second] = addresses;
  const bob = { index: 2, peer: NAT, inside: BOB };
  // The IKE SA with Alice's first address is there until its peer is found dead.
  const expected: readonly Expected[] = [
    { moment: 'with both', tunnels: [{ index: 1, peer: first, inside: ALICE }, bob], peers: [first, NAT] },
    {
      moment: 'after Alice has moved',
      tunnels: [bob, { index: 3, peer: second, inside: ALICE }],
      peers: [first, NAT, second],
    },
    { moment: 'without Alice', tunnels: [bob], peers: [NAT] },
  ];
  return [
    ...pings.flatMap(({ from, to, sent, received }) =>
      received === sent && sent > 0 ? [] : [`ping from ${from} to ${to}: ${sent - received} of ${sent} lost`],
    ),
    ...(pings.length === 7 ? [] : [`there were ${pings.length} pings, not 7`]),
    ...expected.flatMap((each, i) => viewDifferences(each, views[i])),
  ];
}

function viewDifferences({ moment, tunnels, peers }: Expected, view: HubViews | undefined): readonly string[] {
  if (view === undefined) return [`${moment}, nothing was shown`];
  const compared = [
    ['ike security-associations', ikeSas(peers), view.ikeSecurityAssociations],
    ['ipsec security-associations detail', ipsecSas(tunnels), view.ipsecSecurityAssociations],
    ['route protocol static', routes(tunnels), withoutAges(view.routes)],
    ['ipsec statistics', STATISTICS, view.ipsecStatistics],
  ] as const;
  return compared.flatMap(([command, documented, shown]) => {
    const difference = firstDifference(documented, shown);
    return difference === undefined ? [] : [`${moment}, show ${command} has ${difference}`];
  });
}

/** In the order of the calls. */
function ikeSas(peers: readonly string[]): string {
  const rows = peers.map((peer) => `${peer} Matured <cookie> <cookie> Main`);
  return ['Remote Address State Initiator cookie Responder cookie Exchange type', ...rows].join('\n');
}

function ipsecSas(tunnels: readonly Tunnel[]): string {
  const sa = (direction: string): string => `
    Direction: ${direction}, SPI: <n>, AUX-SPI: 0
    Mode: tunnel, Type: dynamic, State: Installed
    Protocol: ESP, Authentication: hmac-sha1-96, Encryption: aes-cbc (128 bits)
    Soft lifetime: Expires in <n> seconds
    Hard lifetime: Expires in <n> seconds
    Anti-replay service: Enabled, Replay window size: 64`;
  const shown = tunnels.map(
    ({ index, peer, inside }) => `
      Rule: _junos_, Term: tunnel${index}, Tunnel index: ${index}
      Local gateway: 203.0.113.1, Remote gateway: ${peer}
      Local identity: ipv4_subnet(any:0,[0..7]=10.30.0.0/16)
      Remote identity: ipv4_subnet(any:0,[0..7]=${inside}/32)
      ${sa('inbound')}
      ${sa('outbound')}`,
  );
  return ['Service set: dynamic-endpoints', ...shown].join('\n');
}

function routes(tunnels: readonly Tunnel[]): string {
  return tunnels.map(({ inside }) => `${inside}/32 *[Static/1] > via sp-1/2/0.1`).join('\n');
}

function withoutAges(text: string): string {
  return text.replace(/ \d\d:\d\d:\d\d$/gm, '');
}

const STATISTICS = `
  PIC: sp-1/2/0, Service set: dynamic-endpoints
  ESP Statistics:
    Encrypted bytes: <n>
    Decrypted bytes: <n>
    Encrypted packets: <n>
    Decrypted packets: <n>
  AH Statistics:
    Input bytes: 0
    Output bytes: 0
    Input packets: 0
    Output packets: 0
  Errors:
    AH authentication failures: 0, Replay errors: 0
    ESP authentication failures: 0, ESP decryption failures: 0
    Bad headers: 0, Bad trailers: 0`;
