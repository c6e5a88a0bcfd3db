import type { ChildFailedEvent, IkeFailedEvent, NegotiationRefusedEvent } from '../events.ts';
import type { ChildFailure } from '../failures.ts';
import type { Words } from './setting.ts';
import { wordsForDetail } from './words.ts';

/** What `formatFailure` can put into words. */
export type FailureEvent = IkeFailedEvent | ChildFailedEvent | NegotiationRefusedEvent;

/**
 * A failure in at most five lines, for people: what failed; what came, and what is configured; at which side something
 * is to be done, and what. Lines after the first begin with two spaces.
 */
export function formatFailure(event: FailureEvent): string {
  const { what, facts, advice } = wordsFor(event);
  return [`${happening(event)}: ${what}${more(event)}`, ...facts, ...advice].join('\n  ');
}

function happening(event: FailureEvent): string {
  switch (event.kind) {
    case 'ike-failed': {
      const who = whoText(event.peer, event.remote.address);
      return event.role === 'initiator' ? `Phase 1 with ${who} failed` : `Phase 1 that ${who} began failed`;
    }
    case 'child-failed':
      return `IPsec SAs of ${event.policy} with ${event.peer} failed`;
    case 'negotiation-refused': {
      const { peer, phase, remote } = event;
      const who = peer === undefined ? `${remote.address}, which is no peer` : whoText(peer, remote.address);
      return `Refused ${phase === 1 ? 'phase 1' : 'IPsec SAs'} to ${who}`;
    }
  }
}

/** A peer may be named by its address. */
function whoText(peer: string, address: string): string {
  return peer.split(' ').includes(address) ? peer : `${peer} (${address})`;
}

function more(event: FailureEvent): string {
  const suppressed = event.kind === 'child-failed' ? 0 : event.suppressed;
  return suppressed === 0 ? '' : ` (and ${suppressed} more like it that were not told)`;
}

function wordsFor(event: FailureEvent): Words {
  if (event.kind === 'child-failed' && event.phase === 1) {
    return { what: `there is no IKE SA to negotiate them under: ${event.reason}`, facts: [], advice: [] };
  }
  const phase = event.kind === 'ike-failed' ? 1 : event.kind === 'child-failed' ? 2 : event.phase;
  const role = event.kind === 'ike-failed' ? event.role : event.kind === 'child-failed' ? 'initiator' : 'responder';
  if (event.detail !== undefined) return wordsForDetail(event.detail, { phase, role, reason: event.reason });
  return { what: event.reason, facts: [], advice: ADVICE[event.reason] ?? [] };
}

/** What to do about reasons that explain themselves. */
const ADVICE: Readonly<Partial<Record<ChildFailure, readonly string[]>>> = {
  'ah-behind-nat': ['Here: AH does not pass a NAT; allow ESP alone, which goes in UDP there.'],
  'group-not-agreed': [
    'Here: ask for the group by its number (newGroup) once there is an IKE SA, and for the children after that.',
  ],
  limit: ['Here: there are as many negotiations or children as there may be; old ones make room in time.'],
  'xauth-failed': [
    'Either side: the user name or the password is wrong, or the gateway does not know the user; its log says which.',
  ],
  'no-credentials': ['Here: configure xauth.userName and xauth.password, or answer when credentials are asked for.'],
  'no-lease': [
    'Either side: the gateway has no address for the client: its pool is spent, of another family, or not there.',
    'Here: as gateway, answer when a lease is asked for (an AddressPool does).',
  ],
  'invalid-key-exchange': ['At the peer: its public value is none of the group, or it was altered on the way.'],
  'invalid-nonce': ['At the peer: its nonce is shorter than 8 or longer than 256 octets.'],
  'invalid-identity': ['Here: a child of any identities can be answered, and not begun.'],
  'hash-mismatch': ['At the peer: its hash is wrong, or the message was altered on the way.'],
  'missing-payload': [
    'At the peer: a payload is missing that RFC 2409 asks for; for PFS both sides must name a group.',
  ],
  'unexpected-payload': ['At the peer: it sends a payload that has no place here; without PFS there is no KE.'],
  'payload-order': ['At the peer: its payloads are not in the order that RFC 2409 asks for.'],
};
