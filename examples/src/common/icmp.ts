import {
  DecodeError,
  decodeIcmp,
  EXCEEDED,
  encodeIcmp,
  type IcmpMessage,
  icmpOriginal,
  ipv4,
  PROTOCOL,
  UNREACHABLE,
} from '@espalier/wire';

/** The ICMP message of a whole packet, if it holds one. */
export function icmpOf(packet: Uint8Array): IcmpMessage | undefined {
  if (ipv4.protocol(packet, 0) !== PROTOCOL.icmp || ipv4.isFragment(packet, 0)) return undefined;
  try {
    return decodeIcmp(packet.subarray(ipv4.headerOctets(packet, 0), ipv4.totalLength(packet, 0)));
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** RFC 792: the answer to an echo request. */
export function echoReply(request: IcmpMessage | undefined): Uint8Array | undefined {
  return request?.kind === 'echo-request' ? encodeIcmp({ ...request, kind: 'echo-reply' }) : undefined;
}

export function timeExceeded(packet: Uint8Array): Uint8Array {
  return encodeIcmp({ kind: 'time-exceeded', code: EXCEEDED.ttl, original: icmpOriginal(packet) });
}

export function portUnreachable(packet: Uint8Array): Uint8Array {
  return encodeIcmp({
    kind: 'destination-unreachable',
    code: UNREACHABLE.port,
    nextHopMtu: 0,
    original: icmpOriginal(packet),
  });
}

/** RFC 1812 §4.3.2.7: no error about an error, a multicast, or a later fragment. */
export function mayBeAnsweredWithError(packet: Uint8Array): boolean {
  const multicast = ipv4.destination(packet, 0) >= 0xe0000000;
  if (multicast || ipv4.fragmentOffset(packet, 0) > 0) return false;
  const message = icmpOf(packet);
  return (
    ipv4.protocol(packet, 0) !== PROTOCOL.icmp || message?.kind === 'echo-request' || message?.kind === 'echo-reply'
  );
}
