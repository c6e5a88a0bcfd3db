import { IPV4_OCTETS } from '../../addresses/ipv4-text.ts';
import { IPV6_OCTETS } from '../../addresses/ipv6-text.ts';
import type { Reader } from '../../reader.ts';
import type { Writer } from '../../writer.ts';
import { ID_TYPE } from '../registry/isakmp.ts';
import type { NatOriginalAddressPayload } from '../types.ts';

/**
 *     +---------------+---------------+---------------+---------------+
 *     !   ID Type     !  RESERVED     !            RESERVED           !
 *     +---------------+---------------+---------------+---------------+
 *     !           IPv4 (4 octets) or IPv6 address (16 octets)         !
 *     +---------------+---------------+---------------+---------------+
 *
 * RFC 3947 §5.2.
 */
export function decodeNatOriginalAddress(
  reader: Reader,
  type: NatOriginalAddressPayload['type'],
): NatOriginalAddressPayload {
  const at = reader.offset;
  const idType = reader.u8();
  reader.reserved(3);
  const octets = addressOctets(idType);
  if (octets === undefined) reader.fail('value', at);
  return { kind: 'nat-oa', type, idType, address: reader.octets(octets) };
}

export function encodeNatOriginalAddress(writer: Writer, payload: NatOriginalAddressPayload): void {
  const octets = addressOctets(payload.idType);
  if (octets === undefined) throw new RangeError('idType must be ID_IPV4_ADDR or ID_IPV6_ADDR');
  if (payload.address.length !== octets) throw new RangeError(`address must be ${octets} octets`);
  writer.u8(payload.idType, 'idType');
  writer.octets(new Uint8Array(3));
  writer.octets(payload.address, 'address');
}

function addressOctets(idType: number): number | undefined {
  if (idType === ID_TYPE.ipv4Address) return IPV4_OCTETS;
  if (idType === ID_TYPE.ipv6Address) return IPV6_OCTETS;
  return undefined;
}
