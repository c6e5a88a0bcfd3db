import { SelectorMatcher, type Selectors } from './selectors.ts';

/** What is done with the packets of one policy (RFC 4301 §4.4.1). */
export type PolicyAction<Target> =
  | { readonly kind: 'protect'; readonly target: Target }
  | { readonly kind: 'bypass' }
  | { readonly kind: 'discard' };

/** One entry of the SPD: which packets, and what is done with them. */
export interface Policy<Target> {
  readonly selectors: Selectors;
  readonly action: PolicyAction<Target>;
}

/**
 * The Security Policy Database (RFC 4301 §4.4.1): policies in the administrator's order, of which the first that takes
 * a packet decides. It ends with a policy that takes everything.
 */
export class SecurityPolicyDatabase<Target> {
  readonly #policies: readonly { readonly matcher: SelectorMatcher; readonly action: PolicyAction<Target> }[];
  readonly #otherwise: PolicyAction<Target>;

  /** @throws RangeError for a prefix that is none. */
  constructor(policies: readonly Policy<Target>[], otherwise: PolicyAction<Target>) {
    this.#policies = policies.map(({ selectors, action }) => ({ matcher: new SelectorMatcher(selectors), action }));
    this.#otherwise = otherwise;
  }

  /** RFC 4301 §5.1: `packet` is a whole IP packet from the inside. */
  lookUpOutbound(packet: Uint8Array, insideInterface: string | undefined): PolicyAction<Target> {
    for (const { matcher, action } of this.#policies) {
      if (matcher.matchesOutbound(packet, insideInterface)) return action;
    }
    return this.#otherwise;
  }

  /** RFC 4301 §5.2: `packet` is a whole IP packet that came from the outside without protection. */
  lookUpInbound(packet: Uint8Array): PolicyAction<Target> {
    for (const { matcher, action } of this.#policies) if (matcher.matchesInbound(packet)) return action;
    return this.#otherwise;
  }
}
