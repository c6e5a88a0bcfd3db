import { ahSuite, espSuite } from '@espalier/crypto';
import type { GatewayConfig, GatewayPeer, ManualSnapshot, PolicyConfig, Protection } from '@espalier/gateway';
import { milliseconds } from '@espalier/wire';
import { saByHand, sharedKey, signingKey, userOf, verifyingKey } from './keys.ts';
import { gatewayAddress, movedAddress, netOf, PORT, publicAddress, siteIdentity } from './places.ts';
import type { ChildPlan, TunnelPlan, WorldPlan } from './plan.ts';

/** One end of a tunnel: which one, and whose. */
interface TunnelEnd {
  readonly index: number;
  readonly tunnel: TunnelPlan;
  /** 0 of `a`, 1 of `b`. */
  readonly end: 0 | 1;
  readonly site: number;
  readonly other: number;
}

function endsAt(plan: WorldPlan, site: number): readonly TunnelEnd[] {
  return plan.tunnels.flatMap((tunnel, index): readonly TunnelEnd[] => {
    const { a, b } = tunnel;
    if (a === site) return [{ index, tunnel, end: 0, site, other: b }];
    return b === site ? [{ index, tunnel, end: 1, site, other: a }] : [];
  });
}

export function policyName(tunnel: number, child: number): string {
  return `t${tunnel}c${child}`;
}

function peerName(tunnel: number): string {
  return `t${tunnel}`;
}

/** What a site is configured with. `kept`: what was kept of SAs by hand, by the name of the policy. */
export function configure(
  plan: WorldPlan,
  site: number,
  kept: ReadonlyMap<string, ManualSnapshot> = new Map(),
): GatewayConfig {
  const ends = endsAt(plan, site);
  return {
    establish: plan.sites[site]?.establish ?? 'on-traffic',
    peers: ends.filter(({ tunnel }) => tunnel.authentication !== 'by-hand').map((end) => peerOf(plan, end)),
    // Whose selectors say nothing of one side would take what is of the others.
    policies: [...ends]
      .sort((one, other) => rank(one) - rank(other))
      .flatMap((end) => end.tunnel.children.map((child, i) => policyOf(plan, end, child, i, kept))),
  };
}

function rank({ tunnel }: TunnelEnd): number {
  return tunnel.authentication === 'user' ? 1 : 0;
}

function peerOf(plan: WorldPlan, { index, tunnel, end, site, other }: TunnelEnd): GatewayPeer {
  const detection = tunnel.deadPeerDetection[end];
  const own = addressesOf(plan, tunnel, site);
  const peer = addressesOf(plan, tunnel, other);
  const isTemplate = tunnel.template && end === 1;
  return {
    name: peerName(index),
    local: own.local,
    remote: isTemplate ? { addresses: prefixesOf(peer.public, other) } : peer.public,
    mode: tunnel.mode,
    localIdentity: siteIdentity(site),
    remoteIdentity: siteIdentity(other),
    lifetime: milliseconds(tunnel.lifetimes[end]),
    channel: tunnel.channel,
    unknownSpiResponses: tunnel.unknownSpiResponses[end],
    ...(detection === undefined ? {} : { deadPeerDetection: detection }),
    ...proofOf(index, tunnel, end),
  };
}

/** What this end proves who it is with, and how the other is to. */
function proofOf(
  index: number,
  { authentication, proposal, template }: TunnelPlan,
  end: 0 | 1,
): Pick<GatewayPeer, 'proposals' | 'preSharedKey' | 'credentials' | 'xauth' | 'modeConfig' | 'allowWildcardKey'> {
  const byKey = {
    proposals: [{ ...proposal, authentication: 'pre-shared-key' }],
    preSharedKey: authentication === 'key-asked' ? 'ask' : sharedKey(index),
    ...(template && end === 1 ? { allowWildcardKey: true } : {}),
  } as const;
  switch (authentication) {
    case 'key':
    case 'key-asked':
    case 'by-hand':
      return byKey;
    case 'user':
      return {
        ...byKey,
        proposals: [{ ...proposal, authentication: 'xauth-initiator-pre-shared-key' }],
        xauth: end === 0 ? { side: 'user', ...userOf(index) } : { side: 'gateway' },
        modeConfig: { side: end === 0 ? 'client' : 'gateway' },
      };
    case 'signature':
    case 'signature-asked':
    case 'certificate':
      return {
        proposals: [{ ...proposal, authentication: 'ecdsa-256' }],
        credentials:
          authentication === 'signature'
            ? { privateKey: signingKey(end), remoteKey: verifyingKey(end === 0 ? 1 : 0) }
            : { privateKey: 'ask', remoteKey: 'ask' },
      };
  }
}

function addressesOf(plan: WorldPlan, { outer }: TunnelPlan, site: number) {
  const sitePlan = plan.sites[site];
  if (sitePlan === undefined) throw new RangeError(`there is no site ${site}`);
  return { local: gatewayAddress(site, sitePlan, outer), public: publicAddress(site, sitePlan, outer) };
}

/** Where the peer of a template is, and where its NAT may move to. */
function prefixesOf(address: string, site: number): readonly string[] {
  return address.includes(':') ? [address] : [address, movedAddress(site)];
}

function policyOf(
  plan: WorldPlan,
  { index, tunnel, end, site, other }: TunnelEnd,
  child: ChildPlan,
  number: number,
  kept: ReadonlyMap<string, ManualSnapshot>,
): PolicyConfig {
  const name = policyName(index, number);
  const [own, peer] = [addressesOf(plan, tunnel, site), addressesOf(plan, tunnel, other)];
  const isUser = tunnel.authentication === 'user';
  const selectors =
    child.mode === 'transport'
      ? { local: own.local, remote: peer.public, protocol: 'udp', localPort: PORT, remotePort: PORT }
      : {
          ...(isUser && end === 0 ? {} : { local: netOf(site, child.inner) }),
          ...(isUser && end === 1 ? {} : { remote: netOf(other, child.inner) }),
        };
  if (tunnel.authentication !== 'by-hand') {
    return { name, selectors, action: { kind: 'protect', ...protectionOf(index, child, tunnel, end) } };
  }
  const resume = kept.get(name);
  const opposite = end === 0 ? 1 : 0;
  return {
    name,
    selectors,
    action: {
      kind: 'manual',
      mode: child.mode,
      local: own.local,
      remote: peer.public,
      outbound: saByHand(index, number, child, end),
      inbound: saByHand(index, number, child, opposite),
      keepAhead: true,
      ...(resume === undefined ? { freshKeys: true } : { resume }),
    },
  };
}

function protectionOf(index: number, child: ChildPlan, tunnel: TunnelPlan, end: 0 | 1): Protection {
  const esp = [espSuite(child.suite)];
  const { ipcomp, ah } = child;
  const isPlain = ah === undefined && !ipcomp;
  return {
    peer: peerName(index),
    mode: child.mode,
    suites: isPlain ? esp : [],
    ...(isPlain
      ? {}
      : {
          bundles: [
            {
              ...(ipcomp ? { ipcomp: 'deflate' as const } : {}),
              esp,
              ...(ah === undefined ? {} : { ah: [ahSuite(ah)] }),
            },
          ],
        }),
    ...(tunnel.authentication === 'user' ? { assigned: end === 0 ? ('local' as const) : ('remote' as const) } : {}),
    lifetime: milliseconds(child.lifetimes[end]),
    ...(child.kilobytes === undefined ? {} : { lifetimeKilobytes: child.kilobytes }),
    ...(child.pfs ? { pfsGroup: tunnel.proposal.group } : {}),
    esn: child.esn,
    antiReplayWindow: child.window,
  };
}
