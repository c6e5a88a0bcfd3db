import type { Datagram, Gateway, GatewayEvent } from '@espalier/gateway';
import type { Answer, Endpoint, IkeEndpoint, IkeEvent, Question } from '@espalier/ike';
import type { Inside } from './inside.ts';
import type { DatagramRefused } from './party/party.ts';
import type { UdpPorts } from './ports.ts';
import type { OpenSocket } from './sockets/socket.ts';

/** What happens beside what the endpoint itself tells. */
export type DriverEvent =
  /** A datagram could not be sent, or a socket is not usable for a while: it is opened anew by itself. */
  | { readonly kind: 'socket-failed'; readonly local: Endpoint; readonly error: Error }
  /** What is inside does not work, or a packet could not be delivered to it. */
  | { readonly kind: 'inside-failed'; readonly error: Error }
  /** `onQuestion` has thrown, rejected, or given what is no answer: IKE goes on as if nobody knew. */
  | { readonly kind: 'question-failed'; readonly question: Question; readonly error: Error };

/** The events of an endpoint, and those of its driver. */
export type EventOf<E extends IkeEndpoint | Gateway> =
  | DriverEvent
  | (E extends Gateway ? GatewayEvent : never)
  | (E extends IkeEndpoint ? IkeEvent : never);

/** Where a driver listens, and whom it tells. What these functions throw is the caller's: it is not caught. */
export interface UdpDriverOptions<E extends IkeEndpoint | Gateway> {
  /** Addresses of this host, IPv4 or IPv6, those by which the endpoint's configuration knows itself: no wildcards. */
  readonly addresses: readonly [string, ...string[]];
  /**
   * Which ports are opened in the place of 500 and 4500, which need privileges; 0 is any that is free. The endpoint sees the
   * well-known ones; peers see that there is a NAT, unless their drivers know better (`peerPorts`). Default: 500 and 4500.
   */
  readonly ports?: UdpPorts;
  /** By address, where peers have their ports for 500 and 4500, if they have others. */
  readonly peerPorts?: Readonly<Record<string, UdpPorts>>;
  /** Is told every event. One of the driver's, where this is absent, is thrown: nobody else would know. */
  readonly onEvent?: (event: EventOf<E>) => void;
  /** Answers what the endpoint asks, at once or later; undefined: nobody here knows. */
  readonly onQuestion?: (question: Question) => Answer | undefined | Promise<Answer | undefined>;
  /** Is told of every datagram that was refused, and why. Its octets are valid during the call. */
  readonly onRefused?: (refused: DatagramRefused, datagram: Datagram) => void;
  /** With an `IkeEndpoint`: takes ESP in UDP (RFC 3948). Octets are valid during the call. Default: it is refused. */
  readonly onEsp?: (datagram: Datagram) => void;
  /** With a `Gateway`: what is behind it. Default: nothing, and what comes out of tunnels is dropped. */
  readonly inside?: Inside;
  /** How sockets are made. Default: `dgramSocket`. */
  readonly openSocket?: OpenSocket;
}
