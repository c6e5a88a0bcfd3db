import { after, fromAscii, type Identification, type Instant, identificationText, toHex } from '@espalier/wire';
import { UNKNOWN_SPI_PAUSE } from '../../limits.ts';
import { isFixed } from '../../path.ts';
import type { PeerConfig } from '../../types.ts';
import { identityKey } from '../../v1/identities.ts';
import { asPeerHasIt } from '../profiles/suites.ts';

/** Whom a peer has proved to be: in phase 1, and in XAuth. */
export interface Whom {
  readonly identity: Identification | undefined;
  readonly user: string | undefined;
}

/** Nobody in particular: who is configured. */
export const ANYBODY: Whom = { identity: undefined, user: undefined };

/** One entry of the PAD (RFC 4301 §4.4.3): a configured peer, or a template of peers, and those of them that are live. */
export class Entry<Live> {
  #config: PeerConfig;
  /** Nothing new is negotiated with its peers: what is there lasts as long as it lasts. */
  isRemoved = false;
  /** The one peer; of a template those that are live, by their identities. */
  #live: Live | Map<string, Live> | undefined;
  /** When an unknown SPI may be answered again, and how often. */
  #unknownSpi: { readonly until: Instant; readonly left: number } | undefined;

  constructor(config: PeerConfig) {
    this.#config = withSuites(config);
  }

  /** As the caller gave it, addresses in canonical form, the key a copy of our own. */
  get config(): PeerConfig {
    return this.#config;
  }

  set config(config: PeerConfig) {
    this.#config = withSuites(config);
  }

  /** Whether IKE is to be begun because of an unknown SPI: seldom, and so often in a row. */
  mayAnswerUnknownSpi(now: Instant): boolean {
    const { unknownSpiResponses = 0 } = this.config;
    const { until, left } = this.#unknownSpi ?? { until: now, left: unknownSpiResponses };
    if (now < until || left === 0) return false;
    this.#unknownSpi = { until: after(now, UNKNOWN_SPI_PAUSE), left: left - 1 };
    return true;
  }

  /** There is an IKE SA with its peer. */
  spoken(): void {
    this.#unknownSpi = undefined;
  }

  get name(): string {
    return this.config.name;
  }

  /** Whether each identity that is met here is a peer of its own. */
  get isTemplate(): boolean {
    return !isFixed(this.config.remote) || isManifold(this.config.remoteIdentity);
  }

  get live(): readonly Live[] {
    if (this.#live instanceof Map) return [...this.#live.values()];
    return this.#live === undefined ? [] : [this.#live];
  }

  get size(): number {
    return this.#live instanceof Map ? this.#live.size : this.live.length;
  }

  find(whom: Whom): Live | undefined {
    return this.#live instanceof Map ? this.#live.get(keyOf(whom)) : this.#live;
  }

  add(whom: Whom, peer: Live): void {
    if (!this.isTemplate) this.#live = peer;
    else if (this.#live instanceof Map) this.#live.set(keyOf(whom), peer);
    else this.#live = new Map([[keyOf(whom), peer]]);
  }

  remove(peer: Live): void {
    if (this.#live === peer) this.#live = undefined;
    if (!(this.#live instanceof Map)) return;
    for (const [key, live] of this.#live) if (live === peer) this.#live.delete(key);
    if (this.#live.size === 0) this.#live = undefined;
  }

  /**
   * What a peer of this entry is called: of a template's peers each has its identity, and its user, in its name. A solidus in
   * either is escaped, `\x2f`, and a reverse one, too: no two are called the same.
   */
  nameOf({ identity, user }: Whom): string {
    if (identity === undefined || !this.isTemplate) return this.name;
    const name = `${this.name}/${identificationText(identity).replaceAll('/', escaped)}`;
    return user === undefined ? name : `${name}/${user.replaceAll(/[\\/]/g, escaped)}`;
  }
}

/** As identities are written (`formatIdentification`). */
function escaped(character: string): string {
  return `\\x${toHex(fromAscii(character))}`;
}

/** Whatever it is given: `asPeerHasIt` changes nothing twice. */
function withSuites(config: PeerConfig): PeerConfig {
  const children = config.children.map((child) => asPeerHasIt(child, config));
  return children.every((child, i) => child === config.children[i]) ? config : { ...config, children };
}

function keyOf({ identity, user }: Whom): string {
  if (identity === undefined) return '';
  return user === undefined ? identityKey(identity) : `${identityKey(identity)} ${user}`;
}

function isManifold(identity: PeerConfig['remoteIdentity']): boolean {
  return identity === 'any' || (Array.isArray(identity) && identity.length > 1);
}
