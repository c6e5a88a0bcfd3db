import {
  classifyAtIkePort,
  classifyUdpEncapsulated,
  concat,
  NAT_TRAVERSAL_PORT,
  NON_ESP_MARKER_OCTETS,
  type OwnOctets,
} from '@espalier/wire';
import { isSameEndpoint, isSamePath, type Path } from '../path.ts';
import { refuse } from '../refusals.ts';
import type { Endpoint } from '../types.ts';
import type { NatMethod } from './methods.ts';

const NON_ESP_MARKER = new Uint8Array(NON_ESP_MARKER_OCTETS);

/** Whether ESP and IKE share the port (RFC 3947 §4). */
export function isShared({ port }: Endpoint): boolean {
  return port === NAT_TRAVERSAL_PORT;
}

/** How a peer behind a NAT may move. */
export interface Mobility {
  readonly isRemoteBehind: boolean;
  readonly method: Pick<NatMethod, 'floats'>;
}

/**
 * Both ends at port 4500, where the method has IKE go there; where the local one is there already, the peer's port is what
 * its NAT makes of it.
 */
export function floated(ends: Path, { floats }: Pick<NatMethod, 'floats'>): Path {
  if (!floats || isShared(ends.local)) return ends;
  return { local: atSharedPort(ends.local), remote: atSharedPort(ends.remote) };
}

/** A copy as it leaves the local end: the marker tells IKE from ESP (RFC 3948 §2.2). */
export function withMarker(local: Endpoint, message: Uint8Array): OwnOctets {
  return isShared(local) ? concat(NON_ESP_MARKER, message) : concat(message);
}

/** What came to the local end, without the marker; undefined for a NAT keepalive. @throws Refusal for anything else. */
export function withoutMarker(local: Endpoint, datagram: Uint8Array): Uint8Array | undefined {
  if (!isShared(local)) return classifyAtIkePort(datagram) === 'keepalive' ? undefined : datagram;
  switch (classifyUdpEncapsulated(datagram)) {
    case 'ike':
      return datagram.subarray(NON_ESP_MARKER_OCTETS);
    case 'keepalive':
      return undefined;
    default:
      return refuse('no-marker');
  }
}

/**
 * Refuses a message by where it comes from: the peer may be elsewhere than `known` once both sides may go to port 4500,
 * and behind a NAT anywhere. That it is there is for the message to prove (RFC 3947 §4).
 */
export function checkPath(known: Path, arrived: Path, nat: Mobility | undefined): void {
  const fault = faultOf(known, arrived, nat);
  if (fault !== undefined) refuse(fault);
}

export function mayBeOn(known: Path, arrived: Path, nat: Mobility | undefined): boolean {
  return faultOf(known, arrived, nat) === undefined;
}

function faultOf(known: Path, arrived: Path, nat: Mobility | undefined): 'old-port' | 'wrong-endpoint' | undefined {
  if (isSamePath(known, arrived)) return undefined;
  if (nat === undefined || arrived.local.address !== known.local.address) return 'wrong-endpoint';
  const { isRemoteBehind, method } = nat;
  if (!method.floats && arrived.local.port !== known.local.port) return 'wrong-endpoint';
  if (method.floats && !isShared(arrived.local)) return isShared(known.local) ? 'old-port' : 'wrong-endpoint';
  const isElsewhere = !isRemoteBehind && !isSameEndpoint(arrived.remote, floated(known, method).remote);
  return isElsewhere ? 'wrong-endpoint' : undefined;
}

function atSharedPort({ address }: Endpoint): Endpoint {
  return { address, port: NAT_TRAVERSAL_PORT };
}
