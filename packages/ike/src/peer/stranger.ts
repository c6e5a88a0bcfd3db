import { EXCHANGE } from '@espalier/wire';
import { type ConfiguredPlace, type FailureDetail, type RefusalDetail, SHOWN_MOST } from '../explain/detail.ts';
import { nameIdentity } from '../explain/identity.ts';
import { isFixed } from '../path.ts';
import type { PeerConfig } from '../types.ts';
import { modeOf, remoteIdentityOf } from './pad/profile.ts';

interface Configured {
  readonly config: PeerConfig;
}

/**
 * Why a first message is nobody's: `there`: who is configured where it came from, `all`: who is at all, `known`: what
 * was found before that.
 */
export function explainStranger(
  exchange: number,
  there: readonly Configured[],
  all: Iterable<Configured>,
  known: FailureDetail | undefined,
): RefusalDetail {
  if (there.length === 0 && (exchange === EXCHANGE.main || exchange === EXCHANGE.aggressive))
    return explainAddress(all);
  const alike = there.filter(({ config }) => EXCHANGE[modeOf(config)] === exchange);
  if (alike.length > 0 && known?.kind === 'identity') {
    const expected = alike.flatMap(({ config }) => [remoteIdentityOf(config)].flat());
    return {
      ...known,
      expected: expected.flatMap((one) => (one === 'any' ? [] : nameIdentity(one))).slice(0, SHOWN_MOST),
    };
  }
  return {
    kind: 'exchange',
    asked: exchangeName(exchange),
    configured: there.slice(0, SHOWN_MOST).map(({ config }) => ({ peer: config.name, mode: modeOf(config) })),
  };
}

function explainAddress(all: Iterable<Configured>): RefusalDetail {
  const places = [...all].map(({ config }) => config);
  return {
    kind: 'address',
    configured: places.slice(0, SHOWN_MOST).map(placeOf),
    configuredCount: places.length,
  };
}

function placeOf({ name, local, remote }: PeerConfig): ConfiguredPlace {
  const where = isFixed(remote) ? remote.address : [remote.addresses].flat().slice(0, SHOWN_MOST).join(', ');
  return { peer: name, local: local.address, remote: where };
}

/** The name of an exchange type (RFC 2408 §3.1), or its number. */
function exchangeName(exchange: number): string {
  return Object.entries(EXCHANGE).find(([, number]) => number === exchange)?.[0] ?? String(exchange);
}
