import type { Gateway } from '@espalier/gateway';
import { formatFailure } from '@espalier/ike';
import type { EventOf } from '@espalier/node';

/** What a reason alone would not tell. */
const FAILURES: ReadonlyMap<string, string> = new Map([
  [
    'no-nat-traversal',
    'the peer does not speak of NAT traversal (RFC 3947), so its ESP would not go in UDP, which is all that sockets can carry here; switch it on there',
  ],
  ['overlapping-selectors', 'what is asked for, or a part of it, is another peer’s, and nobody gets what is another’s'],
  ['unsupported-selectors', 'what is asked for is no address or subnet with all its protocols and ports'],
  ['no-interface-left', 'each interface that such tunnels may have has one already'],
  ['limit', 'there are as many tunnels as may be'],
]);

const MODES = { main: 'Main Mode', aggressive: 'Aggressive Mode' } as const;

/** An event for people, a failure in up to five lines, else in one; none for what would tell them nothing. */
export function describeEvent(event: EventOf<Gateway>): string | undefined {
  switch (event.kind) {
    case 'ike-established': {
      const { remote, role, proposal, exchange, user } = event.ikeSa;
      const algorithms = proposal ? `: ${proposal.encryption}, ${proposal.hash}, group ${proposal.group}` : '';
      return `IKE SA with ${remote.address} established as ${role} in ${MODES[exchange]}${algorithms}${user === undefined ? '' : `, user ${user}`}`;
    }
    case 'ipsec-established':
      return `IPsec SAs ${event.sa.inbound} in, ${event.sa.outbound} out established in Quick Mode: ${event.suite}`;
    case 'ike-deleted':
      return `IKE SA deleted: ${event.reason}`;
    case 'ipsec-deleted':
      return `IPsec SAs ${event.sa.inbound} in, ${event.sa.outbound} out deleted: ${event.reason}`;
    case 'ike-failed':
    case 'negotiation-refused':
      return formatFailure(event);
    case 'ipsec-failed':
      if (event.failure !== undefined) return formatFailure(event.failure);
      return `IPsec SAs of ${event.policy} with ${event.peer} failed: ${FAILURES.get(event.reason) ?? event.reason}`;
    case 'ipsec-silent':
      return `WARNING: packets go to ${event.peer} by ${event.policy}, and nothing has come back for 10 s`;
    case 'tunnel-added':
      return `${event.tunnel.peer} has got a tunnel for ${event.tunnel.remote}`;
    case 'tunnel-removed':
      return `the tunnel of ${event.tunnel.peer} for ${event.tunnel.remote} is gone`;
    case 'configured': {
      const addresses = event.configuration.addresses.join(' and ');
      return `${event.peer} has ${event.side === 'client' ? 'assigned' : 'got'} ${addresses}`;
    }
    case 'configuration-ended':
      return `${event.configuration.addresses.join(' and ')}, by ${event.peer}, is no longer in use`;
    case 'redirected':
      return `${event.peer} is too busy, and sends this side to ${event.remote.address}`;
    case 'group-agreed':
      return `${event.peer} knows a group by the number ${event.number} now`;
    case 'group-failed':
      return `${event.peer} does not know a group by the number ${event.number}: ${event.reason}`;
    case 'peer-moved':
      return `${event.peer} is now at ${event.remote.address} port ${event.remote.port}`;
    case 'implementation-known': {
      const advice = event.profile === undefined ? '' : `; there is a profile ${event.profile} for it`;
      return `${event.peer} is ${event.implementation}, by its vendor IDs${advice}`;
    }
    case 'tolerated':
      return `${event.peer} does what an RFC has otherwise, which is taken: ${event.tolerance}`;
    case 'socket-failed':
      return `UDP port ${event.local.port}: ${event.error.message}`;
    case 'inside-failed':
      return `the inside: ${event.error.message}`;
    case 'question-failed':
      return `there is no answer to a question for ${event.question.kind}: ${event.error.message}`;
    case 'notified':
      return event.authenticated ? undefined : `${event.peer} says ${event.name}: not authenticated, so not believed`;
  }
}
