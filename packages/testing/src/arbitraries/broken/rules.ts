import fc from 'fast-check';
import type { StructureName } from '../structures.ts';
import { STRUCTURES } from '../structures.ts';
import { BROKEN_EXCHANGES, EXCHANGE_RULES } from './exchanges.ts';
import { BROKEN_IDENTIFICATION, IDENTIFICATION_RULES } from './identification.ts';
import { BROKEN_IP, IP_RULES } from './ip.ts';
import { BROKEN_IPSEC, IPSEC_RULES } from './ipsec.ts';
import { BROKEN_ISAKMP, ISAKMP_RULES } from './isakmp.ts';
import type { BrokenRule } from './rule.ts';
import { BROKEN_SA, SA_RULES } from './sa.ts';
import { BROKEN_SAS, SAS_RULES } from './sas.ts';

/** What one rule is called. */
export type RuleName =
  | (typeof IP_RULES)[number]
  | (typeof IPSEC_RULES)[number]
  | (typeof ISAKMP_RULES)[number]
  | (typeof SA_RULES)[number]
  | (typeof EXCHANGE_RULES)[number]
  | (typeof IDENTIFICATION_RULES)[number]
  | (typeof SAS_RULES)[number];

/** One thing that one clause asks for. */
export interface Rule {
  readonly name: RuleName;
  readonly structure: StructureName;
  readonly clause: string;
  /** What the clause asks for, in words. */
  readonly says: string;
}

/** Octets that are good but for one rule. */
export interface AlmostValid {
  readonly octets: Uint8Array;
  readonly rule: Rule;
}

const BROKEN: Readonly<Record<RuleName, BrokenRule>> = {
  ...BROKEN_IP,
  ...BROKEN_IPSEC,
  ...BROKEN_ISAKMP,
  ...BROKEN_SA,
  ...BROKEN_EXCHANGES,
  ...BROKEN_IDENTIFICATION,
  ...BROKEN_SAS,
};

/** Every rule that can be broken, by structure. */
export const RULES: readonly Rule[] = [
  ...IP_RULES,
  ...IPSEC_RULES,
  ...ISAKMP_RULES,
  ...SA_RULES,
  ...EXCHANGE_RULES,
  ...IDENTIFICATION_RULES,
  ...SAS_RULES,
].map((name) => {
  const { structure, clause, says } = BROKEN[name];
  return { name, structure, clause, says };
});

/** Octets that break that rule and no other. @throws RangeError for a name that no rule has. */
export function breaking(name: RuleName): fc.Arbitrary<Uint8Array> {
  if (!Object.hasOwn(BROKEN, name)) throw new RangeError(`name must be that of one of RULES: ${String(name)}`);
  return BROKEN[name].octets;
}

/**
 * Octets of a structure that break one rule of one clause, which is told.
 * @throws RangeError for a name that is none of `STRUCTURES`.
 */
export function almostValid(structure: StructureName): fc.Arbitrary<AlmostValid> {
  if (!STRUCTURES.includes(structure))
    throw new RangeError(`structure must be one of STRUCTURES: ${String(structure)}`);
  const rules = RULES.filter((rule) => rule.structure === structure);
  return fc.oneof(...rules.map((rule) => BROKEN[rule.name].octets.map((octets) => ({ octets, rule }))));
}
