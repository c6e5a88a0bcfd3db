import type { AssignedConfiguration, ModeConfig } from '../../../types.ts';
import type { TransactionOutcome } from '../outcome.ts';
import type { Asked, Reaction } from '../transaction.ts';
import { acknowledging, readConfiguration, requestAttributes } from './attributes.ts';

/** REQUEST; `held`: what this side has had before. */
export function configurationRequest(
  settings: ModeConfig,
  held: AssignedConfiguration | undefined,
  unity: boolean,
): Asked {
  const { families = ['ipv4'], applicationVersion = 'Espalier' } = settings;
  return {
    type: 'request',
    attributes: requestAttributes({
      ipv4: families.includes('ipv4'),
      ipv6: families.includes('ipv6'),
      wishes: held?.addresses ?? [],
      applicationVersion,
      unity,
    }),
  };
}

/** To a REPLY, or to a SET, which is acknowledged. */
export function assigned({
  type,
  attributes,
}: Pick<Asked, 'attributes'> & { readonly type: 'reply' | 'set' }): Reaction<TransactionOutcome> {
  return {
    attributes: type === 'set' ? acknowledging(attributes) : [],
    outcome: { kind: 'assigned', configuration: readConfiguration(attributes) },
  };
}
