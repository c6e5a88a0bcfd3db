import { equalOctets } from '@espalier/wire';
import type { NatFindings } from '../../nat/discovery.ts';
import type { Phase1State, Phase1Step } from './phase1.ts';

/** What was sent, and the states that await the answer to it. */
export interface Sent {
  readonly octets: Uint8Array;
  readonly nat: NatFindings | undefined;
  readonly by: readonly Phase1State[];
}

export function saidBy({ reply, next, outcome }: Phase1Step): readonly Sent[] {
  return reply === undefined ? [] : [{ octets: reply, nat: next[0]?.nat ?? outcome?.nat, by: next }];
}

/** Without what is the same octet for octet. */
export function distinct(all: readonly Sent[]): readonly Sent[] {
  return all.filter((one, i) => all.findIndex((other) => equalOctets(one.octets, other.octets)) === i);
}
