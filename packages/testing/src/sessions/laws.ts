import type { IkeEvent } from '@espalier/ike';
import { equalOctets, FLAG, ISAKMP_HEADER_OCTETS } from '@espalier/wire';
import { METHODS } from './ends/methods.ts';
import type { Session } from './session.ts';
import { type SessionSpecification, SIDES, type Side } from './specification.ts';
import type { ChildSaKeys } from './view/key-book.ts';
import { headerOf, markerOctetsOf } from './view/view.ts';

const FLAGS_AT = 19;

/**
 * What the two ends do not agree on, though both have established it: the keys of an IKE SA, or of a child. Undefined where
 * they agree. Holds for whatever somebody without the keys has done.
 */
export function disagreement({ events, ends }: Session): string | undefined {
  const [left, right] = [ends.left.keys, ends.right.keys];
  if (left === undefined || right === undefined) return undefined;
  const ikeSas = SIDES.map((side) => new Set(events[side].flatMap(establishedIkeSa)));
  for (const cookies of ikeSas[0] ?? []) {
    if (ikeSas[1]?.has(cookies) !== true) continue;
    const shared = left.all(cookies).flatMap((one) => {
      const other = right.all(cookies).find(({ skeyidA }) => equalOctets(one.skeyidA, skeyidA));
      return other === undefined ? [] : [{ one: one.proposal, other: other.proposal }];
    });
    if (shared.length === 0) return `the keys of IKE SA ${cookies}`;
    if (shared.every(({ one, other }) => JSON.stringify(one) !== JSON.stringify(other)))
      return `what IKE SA ${cookies} agreed on`;
  }
  return SIDES.flatMap((side) => childDisagreement(events, side))[0] ?? keyDisagreement(left.children, right.children);
}

/** Children that only one end has are to be renewed or found out; of those that both have, the keys are the same. */
function keyDisagreement(left: readonly ChildSaKeys[], right: readonly ChildSaKeys[]): string | undefined {
  const differing = left.find((one) =>
    right.some(
      (other) => isSameSa(one, other) && JSON.stringify(withoutBrand(one)) !== JSON.stringify(withoutBrand(other)),
    ),
  );
  return differing === undefined ? undefined : `the keys of the child's SPI ${differing.spi}`;
}

function isSameSa(one: ChildSaKeys, other: ChildSaKeys): boolean {
  return one.spi === other.spi && one.kind === other.kind && one.source === other.source;
}

function withoutBrand(entry: ChildSaKeys): unknown {
  return entry.kind === 'ah' ? [entry.suite.name, [...entry.key]] : [entry.suite.name, keyParts(entry)];
}

function keyParts({ keys }: Extract<ChildSaKeys, { readonly kind: 'esp' }>): unknown {
  return [[...keys.encryption], [...keys.integrity], [...keys.salt]];
}

/** Of children that both ends have established under the same SPIs: what they are for. */
function childDisagreement(events: Session['events'], side: Side): readonly string[] {
  const other = side === 'left' ? 'right' : 'left';
  return childrenIn(events[side]).flatMap((child) => {
    const twin = childrenIn(events[other]).find(
      ({ inbound, outbound }) => inbound === child.outbound && outbound === child.inbound,
    );
    if (twin === undefined || twin.mode === child.mode) return [];
    return [`the mode of the child with SPI ${child.inbound}`];
  });
}

function childrenIn(events: readonly IkeEvent[]): readonly Extract<IkeEvent, { kind: 'child-established' }>['child'][] {
  return events.flatMap((event) => (event.kind === 'child-established' ? [event.child] : []));
}

function establishedIkeSa(event: IkeEvent): readonly string[] {
  return event.kind === 'ike-established' ? [event.ikeSa.initiatorCookie + event.ikeSa.responderCookie] : [];
}

/**
 * Who took a stranger for the other end; undefined where nobody did. With a key that is shared neither may; where both sign
 * the left end is believed, rightly, by nobody, and believes the right one, whose key it knows; where the right one alone
 * signs, it is not believed.
 */
export function foreignEstablishment(
  { events }: Session,
  { authentication, isStranger }: SessionSpecification,
): string | undefined {
  if (!isStranger) return undefined;
  const { keys, signers } = METHODS[authentication];
  const asked: readonly Side[] = keys === 'shared' ? SIDES : signers.includes('left') ? ['right'] : ['left'];
  return asked.find((side) => events[side].some(({ kind }) => kind === 'ike-established'));
}

/** Whether a datagram says that it is an encrypted message. */
export function isEncrypted(datagram: Uint8Array): boolean {
  const header = headerOf(messageOf(datagram));
  return header !== undefined && (header.flags & FLAG.encryption) !== 0;
}

/**
 * Whether a receiver takes both for the same message: they differ in the commit bit alone, which nothing protects, or in
 * zeros behind the message.
 */
export function isSameToReceiver(sent: Uint8Array, mutant: Uint8Array): boolean {
  const [one, other] = [messageOf(sent), messageOf(mutant)];
  const length = headerOf(other)?.length ?? 0;
  if (length !== one.length || one.length < ISAKMP_HEADER_OCTETS) return equalOctets(sent, mutant);
  if (!other.subarray(length).every((octet) => octet === 0)) return false;
  return equalOctets(withoutCommit(one), withoutCommit(other.subarray(0, length)));
}

function messageOf(datagram: Uint8Array): Uint8Array {
  return datagram.subarray(markerOctetsOf(datagram));
}

function withoutCommit(message: Uint8Array): Uint8Array {
  const copy = message.slice();
  copy[FLAGS_AT] = (copy[FLAGS_AT] ?? 0) & ~FLAG.commit;
  return copy;
}
