import {
  createPrivateGroupKeyPair,
  type DhSide,
  type Engine,
  isPrivateGroupValue,
  type PrivateGroup,
  type Rng,
} from '@espalier/crypto';
import { isPrivateGroupNumber, type PrivateGroupNumber } from '../../configuration/private-groups.ts';
import { refuse } from '../../refusals.ts';
import type { ChildPolicy } from '../../types.ts';
import { checkPublicValue, refuseKeyExchange } from '../phase1/key-exchange.ts';
import type { QuickContext } from '../phase2/phase2.ts';

/** The group of a Quick Mode's own exchange: one that everybody knows, or one of the IKE SA (RFC 2409 §5.6). */
export type PfsGroup = NonNullable<ChildPolicy['pfsGroup']>;

/** @throws Refusal for a group that is not agreed on under the IKE SA, and for a value that is none of the group. */
export function checkPfsValue(context: QuickContext, number: PfsGroup, value: Uint8Array): void {
  if (!isPrivateGroupNumber(number)) checkPublicValue(number, value);
  else if (!isPrivateGroupValue(privateGroup(context, number), value)) refuseKeyExchange();
}

/** @throws Refusal for a group that is not agreed on under the IKE SA. */
export function createPfsKeyPair(context: QuickContext, number: PfsGroup, engine: Engine, rng: Rng): DhSide {
  if (!isPrivateGroupNumber(number)) return engine.createDhKeyPair(number, rng);
  return privateGroupKeyPair(engine, privateGroup(context, number), rng);
}

/** By the engine, where it has its own; else by BigInt. */
export function privateGroupKeyPair(engine: Engine, group: PrivateGroup, rng: Rng): DhSide {
  return engine.createPrivateGroupKeyPair?.(group, rng) ?? createPrivateGroupKeyPair(group, rng);
}

function privateGroup({ privateGroups }: QuickContext, number: PrivateGroupNumber): PrivateGroup {
  return privateGroups?.get(number) ?? refuse('no-proposal-chosen', { notify: 'NO-PROPOSAL-CHOSEN' });
}
