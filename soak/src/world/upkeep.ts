import type { Gateway, IpsecSaInfo } from '@espalier/gateway';
import type { IkeSaInfo } from '@espalier/ike';
import type { Instant } from '@espalier/wire';
import type { Held } from './engine.ts';
import type { Oracle } from './oracle.ts';

/** A gateway as anybody can look at it. */
interface Shown {
  readonly name: string;
  readonly gateway: Pick<Gateway, 'liveTunnels' | 'pollTimeout'> & {
    ipsecSas(): readonly Pick<IpsecSaInfo, 'policy' | 'inbound' | 'hardExpiry' | 'liveTunnel'>[];
    ikeSas(): readonly Pick<IkeSaInfo, 'peer' | 'initiatorCookie' | 'hardExpiry'>[];
  };
  readonly held: Held;
}

/** Beyond its hard lifetime. */
const GRACE = 1000;
/** One that sends, one that it has replaced, and one that another has begun at the same time. */
const PAIRS_MOST = 3;
const IKE_SAS_MOST = 4;

/** No SA is shown that should be no more. `now`: what the site's clock shows. */
export function checkLifetimes(oracle: Oracle, site: Shown, now: Instant): void {
  // Its clock has been set at this very instant: what is due comes first.
  if ((site.gateway.pollTimeout()?.at ?? Number.POSITIVE_INFINITY) <= now) return;
  for (const { policy, inbound, hardExpiry } of site.gateway.ipsecSas()) {
    if (hardExpiry !== undefined && now > hardExpiry + GRACE) {
      oracle.violated(
        'outlived',
        `${site.name} has SPI ${inbound.toString(16)} of ${policy}, ${now - hardExpiry} ms too long`,
      );
    }
  }
  for (const { peer, initiatorCookie, hardExpiry } of site.gateway.ikeSas()) {
    if (hardExpiry !== undefined && now > hardExpiry + GRACE) {
      oracle.violated(
        'outlived',
        `${site.name} has IKE SA ${initiatorCookie} with ${peer}, ${now - hardExpiry} ms too long`,
      );
    }
  }
}

/** In calm nobody has more than is needed. */
export function checkNumbers(oracle: Oracle, site: Shown): void {
  const { gateway, name } = site;
  for (const [policy, count] of counted(gateway.ipsecSas().map((one) => `${one.policy} ${one.liveTunnel ?? ''}`))) {
    if (count > PAIRS_MOST) oracle.violated('leak', `${name} has ${count} pairs of SAs of ${policy}`);
  }
  for (const [peer, count] of counted(gateway.ikeSas().map((one) => one.peer))) {
    if (count > IKE_SAS_MOST) oracle.violated('leak', `${name} has ${count} IKE SAs with ${peer}`);
  }
}

/** Of a gateway that is closed nothing is left. */
export function checkClosed(oracle: Oracle, { name, gateway, held }: Shown): void {
  const left = {
    'IKE SAs': gateway.ikeSas().length,
    'pairs of SAs': gateway.ipsecSas().length,
    'live tunnels': gateway.liveTunnels().length,
    timers: gateway.pollTimeout() === undefined ? 0 : 1,
    transforms: held.transforms,
    'key pairs': held.keyPairs,
    'octets of the arena': held.octets,
  };
  for (const [what, count] of Object.entries(left)) {
    if (count !== 0) oracle.violated('leak', `${name} is closed, and ${count} ${what} are left`);
  }
}

function counted(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
