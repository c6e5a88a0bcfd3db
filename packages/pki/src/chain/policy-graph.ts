import type { Certificate } from '../certificate/certificate.ts';
import { OID } from '../certificate/object-identifiers.ts';
import { POLICIES_MOST } from '../limits.ts';
import { refuse } from './path-fault.ts';

const ANY = OID.anyPolicy;

interface PolicyNode {
  readonly policy: string;
  /** What the first issuer of each way here called it: which is what may be wanted (RFC 5280 §6.1.5 g iii). */
  readonly domains: ReadonlySet<string>;
  expected: ReadonlySet<string>;
}

/** One level of the graph: its nodes by their policies. */
type Level = Map<string, PolicyNode>;

/**
 * Certificate policies along a path (RFC 5280 §6.1), as the graph of RFC 9618 and not as a tree, whose size a stranger
 * could make exponential.
 */
export class PolicyGraph {
  readonly #wanted: ReadonlySet<string> | undefined;
  readonly #length: number;
  /** Undefined: the valid_policy_tree of RFC 5280 is NULL. */
  #level: Level | undefined = new Map([[ANY, node(ANY, [])]]);
  #explicitIn: number;
  #noMappingIn: number;
  #noAnyIn: number;

  /** `length`: certificates of the path without the trust anchor. */
  constructor(length: number, wanted: readonly string[] | undefined) {
    this.#length = length;
    this.#wanted = wanted === undefined || wanted.includes(ANY) ? undefined : new Set(wanted);
    this.#explicitIn = this.#wanted === undefined ? length + 1 : 0;
    this.#noMappingIn = length + 1;
    this.#noAnyIn = length + 1;
  }

  /** The next certificate; `depth` is 1 for that below the trust anchor. */
  add(certificate: Certificate, depth: number, isSelfIssued: boolean): void {
    const isLast = depth === this.#length;
    const { policies } = certificate.extensions;
    this.#level =
      policies === undefined ? undefined : this.#next(policies, this.#noAnyIn > 0 || (!isLast && isSelfIssued));
    if (this.#explicitIn === 0 && this.#level === undefined) this.#refuse(certificate);
    if (isLast) {
      this.#finish(certificate);
      return;
    }
    this.#map(certificate);
    this.#count(certificate, isSelfIssued);
  }

  /** RFC 5280 §6.1.3 d. */
  #next(policies: readonly string[], mayBeAny: boolean): Level | undefined {
    const above = this.#level;
    if (above === undefined) return undefined;
    const level: Level = new Map();
    const any = above.get(ANY);
    const expecting = (policy: string) => [...above.values()].filter(({ expected }) => expected.has(policy));
    for (const policy of policies) {
      if (policy === ANY) continue;
      const parents = expecting(policy);
      if (parents.length > 0) level.set(policy, node(policy, parents));
      else if (any !== undefined) level.set(policy, node(policy, [any]));
    }
    if (policies.includes(ANY) && mayBeAny) {
      const rest = new Set([...above.values()].flatMap(({ expected }) => [...expected]));
      for (const policy of rest) if (!level.has(policy)) level.set(policy, node(policy, expecting(policy)));
    }
    return level.size === 0 ? undefined : level;
  }

  /** RFC 5280 §6.1.4 a, b. */
  #map(certificate: Certificate): void {
    const mappings = certificate.extensions.policyMappings ?? [];
    if (mappings.some(({ from, to }) => from === ANY || to === ANY)) {
      refuse(certificate, 'certificate-policy', 'it maps a policy to any, or any to a policy');
    }
    const level = this.#level;
    if (level === undefined) return;
    const any = level.get(ANY);
    for (const from of new Set(mappings.map((mapping) => mapping.from))) {
      if (this.#noMappingIn === 0) {
        level.delete(from);
        continue;
      }
      const expected = new Set(mappings.filter((mapping) => mapping.from === from).map(({ to }) => to));
      const mapped = level.get(from);
      if (mapped !== undefined) mapped.expected = expected;
      else if (any !== undefined) level.set(from, { policy: from, domains: new Set([from]), expected });
    }
    if (level.size > POLICIES_MOST) refuse(certificate, 'too-complex', 'too many certificate policies');
    if (level.size === 0) this.#level = undefined;
  }

  /** RFC 5280 §6.1.4 h, i, j. */
  #count({ extensions }: Certificate, isSelfIssued: boolean): void {
    if (!isSelfIssued) {
      this.#explicitIn = Math.max(0, this.#explicitIn - 1);
      this.#noMappingIn = Math.max(0, this.#noMappingIn - 1);
      this.#noAnyIn = Math.max(0, this.#noAnyIn - 1);
    }
    const { policyConstraints, inhibitAnyPolicy } = extensions;
    this.#explicitIn = Math.min(this.#explicitIn, policyConstraints?.requireExplicit ?? this.#explicitIn);
    this.#noMappingIn = Math.min(this.#noMappingIn, policyConstraints?.inhibitMapping ?? this.#noMappingIn);
    this.#noAnyIn = Math.min(this.#noAnyIn, inhibitAnyPolicy ?? this.#noAnyIn);
  }

  /** RFC 5280 §6.1.5. */
  #finish(certificate: Certificate): void {
    const isExplicit = this.#explicitIn <= 1 || certificate.extensions.policyConstraints?.requireExplicit === 0;
    const nodes = [...(this.#level?.values() ?? [])];
    const wanted = this.#wanted;
    const isValid = wanted === undefined ? nodes.length > 0 : nodes.some((one) => isOneOf(one, wanted));
    if (isExplicit && !isValid) this.#refuse(certificate);
  }

  #refuse(certificate: Certificate): never {
    refuse(certificate, 'certificate-policy', 'its path is valid for no certificate policy that is asked for');
  }
}

function node(policy: string, parents: readonly PolicyNode[]): PolicyNode {
  const isFirst = policy === ANY || parents.some((parent) => parent.policy === ANY);
  const domains = new Set(isFirst ? [policy] : parents.flatMap((parent) => [...parent.domains]));
  return { policy, domains, expected: new Set([policy]) };
}

function isOneOf({ domains }: PolicyNode, wanted: ReadonlySet<string>): boolean {
  return domains.has(ANY) || [...domains].some((domain) => wanted.has(domain));
}
