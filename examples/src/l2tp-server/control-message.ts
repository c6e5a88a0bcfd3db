/** The header of a control message and the few attributes of it that setting up a control connection needs (RFC 2661 §3.1, §4). */
export interface ControlMessage {
  /** Of the receiver; 0 in the first message. */
  readonly tunnel: number;
  readonly ns: number;
  readonly nr: number;
  /** Undefined in a message without a body, which acknowledges and nothing else (§5.8). */
  readonly type: number | undefined;
  /** That the sender wants to be written to by. */
  readonly assignedTunnel?: number;
}

/** Message types (RFC 2661 §3.2). */
export const TYPE = { sccrq: 1, sccrp: 2, scccn: 3, stopCcn: 4, hello: 6 } as const;

const HEADER_OCTETS = 12;
const AVP_HEADER_OCTETS = 6;
/** Type, length and sequence bits, version 2. */
const CONTROL = 0xc802;
const MANDATORY = 0x8000;
const LENGTH = 0x03ff;
const HIDDEN = 0x4000;
/** Attributes of the IETF (§4.4). */
const ATTRIBUTE = { messageType: 0, protocolVersion: 2, framing: 3, hostName: 7, assignedTunnel: 9 } as const;

/** Undefined for what is no control message, or a broken one. */
export function decodeControl(octets: Uint8Array): ControlMessage | undefined {
  if (octets.length < HEADER_OCTETS) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  if (view.getUint16(0) !== CONTROL || view.getUint16(2) !== octets.length) return undefined;
  const values = new Map<number, number>();
  for (let at = HEADER_OCTETS; at < octets.length; ) {
    if (octets.length - at < AVP_HEADER_OCTETS) return undefined;
    const first = view.getUint16(at);
    const length = first & LENGTH;
    if (length < AVP_HEADER_OCTETS || at + length > octets.length) return undefined;
    const isPlain = (first & HIDDEN) === 0 && view.getUint16(at + 2) === 0;
    if (isPlain && length === AVP_HEADER_OCTETS + 2) {
      values.set(view.getUint16(at + 4), view.getUint16(at + AVP_HEADER_OCTETS));
    }
    at += length;
  }
  const type = values.get(ATTRIBUTE.messageType);
  if (type === undefined && octets.length > HEADER_OCTETS) return undefined;
  const assignedTunnel = values.get(ATTRIBUTE.assignedTunnel);
  return {
    ...{ tunnel: view.getUint16(4), ns: view.getUint16(8), nr: view.getUint16(10), type },
    ...(assignedTunnel === undefined ? {} : { assignedTunnel }),
  };
}

/** Of the types that a server begins with: SCCRP, which says who it is, and what has no body. */
export function encodeControl({ tunnel, ns, nr, type, assignedTunnel }: ControlMessage, hostName: string): Uint8Array {
  const body = type === undefined ? [] : [avp(ATTRIBUTE.messageType, u16(type))];
  if (assignedTunnel !== undefined) {
    body.push(
      avp(ATTRIBUTE.protocolVersion, u16(0x0100)),
      avp(ATTRIBUTE.framing, [...u16(0), ...u16(3)]),
      avp(ATTRIBUTE.hostName, [...new TextEncoder().encode(hostName)]),
      avp(ATTRIBUTE.assignedTunnel, u16(assignedTunnel)),
    );
  }
  const octets = body.flat();
  const length = HEADER_OCTETS + octets.length;
  return Uint8Array.from([...[CONTROL, length, tunnel, 0, ns, nr].flatMap(u16), ...octets]);
}

function avp(attribute: number, value: readonly number[]): readonly number[] {
  const first = MANDATORY | (AVP_HEADER_OCTETS + value.length);
  return [...[first, 0, attribute].flatMap(u16), ...value];
}

function u16(value: number): readonly number[] {
  return [(value >> 8) & 255, value & 255];
}
