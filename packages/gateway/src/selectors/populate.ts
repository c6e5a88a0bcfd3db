import type { ChildIdentities } from '@espalier/ike';
import { formatAddress } from '@espalier/wire';
import type { PopulatedSelector, Selectors } from '../config.ts';
import { proxyIdentities } from '../policy/ike-peers.ts';
import { type AddressSet, formatAddressRange } from './address-set.ts';
import { OPAQUE } from './number-set.ts';
import type { PacketFields } from './packet-fields.ts';
import { SelectorMatcher } from './selectors.ts';
import type { AgreedSelectors } from './selectors-of.ts';

/**
 * Populate from packet (RFC 4301 §4.4.1): the selectors of the SAs for a packet are, each, its own value or what the policy
 * says. Undefined where it does not show what it is to be told apart by.
 */
export class Population {
  readonly #names: ReadonlySet<PopulatedSelector>;
  readonly #matcher: SelectorMatcher;

  constructor(selectors: Selectors, names: readonly PopulatedSelector[]) {
    this.#names = new Set(names);
    this.#matcher = new SelectorMatcher(selectors);
  }

  selectorsFor(fields: PacketFields): AgreedSelectors | undefined {
    const { local, remote, upper } = this.#matcher;
    const protocol = this.#valueOf('protocol', fields.protocol, upper?.protocol?.only);
    const localPort = this.#valueOf('localPort', fields.localPort, upper?.localPort?.only);
    const remotePort = this.#valueOf('remotePort', fields.remotePort, upper?.remotePort?.only);
    if (protocol === OPAQUE || localPort === OPAQUE || remotePort === OPAQUE) return undefined;
    return {
      local: this.#addressesOf('local', local, fields, fields.localAt),
      remote: this.#addressesOf('remote', remote, fields, fields.remoteAt),
      ...(protocol === undefined ? {} : { protocol }),
      ...(localPort === undefined ? {} : { localPort }),
      ...(remotePort === undefined ? {} : { remotePort }),
    };
  }

  #valueOf(name: PopulatedSelector, shown: number, said: number | undefined): number | undefined {
    return this.#names.has(name) ? shown : said;
  }

  #addressesOf(
    name: PopulatedSelector,
    set: AddressSet | undefined,
    { octets, addressOctets }: PacketFields,
    at: number,
  ): string {
    const [range] = set?.ranges ?? [];
    if (!this.#names.has(name)) return range === undefined ? everything(addressOctets) : formatAddressRange(range);
    return `${formatAddress(octets.subarray(at, at + addressOctets))}/${8 * addressOctets}`;
  }
}

/** What IKE is told that a tunnel is for. */
export function identitiesFor(selectors: AgreedSelectors): ChildIdentities {
  return proxyIdentities(selectors);
}

function everything(addressOctets: number): string {
  return addressOctets === 4 ? '0.0.0.0/0' : '::/0';
}
