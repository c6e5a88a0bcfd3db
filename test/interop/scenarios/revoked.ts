import type { Role } from '../gateways/gateway.ts';
import { IkeOnly } from '../gateways/ike-only.ts';
import { nameOf } from '../gateways/signing.ts';
import { check } from '../machine/failures.ts';
import type { Testbed } from '../machine/testbed.ts';
import type { Pair } from './pair.ts';

/** The certificate of the end in this role has been revoked: the other one, ours, refuses it and says which. */
export async function revoked(bed: Testbed, pair: Pair, role: Role): Promise<void> {
  const ours = pair[role === 'initiator' ? 'responder' : 'initiator'];
  check(ours instanceof IkeOnly, 'ours is its IKE alone');
  await pair.responder.start('responder');
  // Whoever begins says when that fails.
  await pair.initiator.start('initiator').catch(() => undefined);
  const words = await bed.until('a refusal', 20, () => ours.failures()[0]);
  const certificate = `CN=${nameOf(pair[role].router)}`;
  check(words.includes(certificate) && words.includes('revoked'), `refused, but for another reason: ${words}`);
  const { ike, child } = await ours.established();
  check(ike === 0 && child === 0, 'a revoked certificate was believed');
  bed.verify('a revoked certificate is refused, by name');
}
