import {
  concat,
  type DecodedPayload,
  decodePayloads,
  encodePayloadBody,
  type NatOriginalAddressPayload,
  PAYLOAD,
  type Payload,
} from '@espalier/wire';
import { all } from '../exchange/rules.ts';
import type { NatMethod } from './methods.ts';
import { NAT_D_BEFORE, NAT_OA_BEFORE } from './numbers.ts';

type OriginalAddress = Pick<NatOriginalAddressPayload, 'idType' | 'address'>;

const GENERIC_HEADER_OCTETS = 4;

/** NAT-D of a method. Numbers that ISAKMP has given to others since are no payloads of NAT traversal to anybody else. */
export function natDiscoveryPayload({ discovery: type }: NatMethod, hash: Uint8Array): Payload {
  return isOfBefore(type) ? { kind: 'unknown', type, data: hash } : { kind: 'nat-d', type, hash };
}

/** The hashes that a peer has sent in NAT-D of a method. */
export function natHashes({ discovery }: NatMethod, payloads: readonly DecodedPayload[]): readonly Uint8Array[] {
  return isOfBefore(discovery)
    ? unknownOf(payloads, discovery)
    : all(payloads, 'nat-d').flatMap(({ type, hash }) => (type === discovery ? hash : []));
}

/** Whether it is NAT-D, of whichever method. */
export function isNatDiscovery(payload: Pick<DecodedPayload, 'kind'> & { readonly type?: number }): boolean {
  return payload.kind === 'nat-d' || (payload.kind === 'unknown' && payload.type === NAT_D_BEFORE);
}

/** NAT-OA of a method. */
export function originalAddressPayload(
  { originalAddress: type }: NatMethod,
  { idType, address }: OriginalAddress,
): Payload {
  if (!isOfBefore(type)) return { kind: 'nat-oa', type, idType, address };
  return { kind: 'unknown', type, data: encodePayloadBody({ kind: 'nat-oa', type: PAYLOAD.natOa, idType, address }) };
}

/** What a peer has sent in NAT-OA of a method. @throws DecodeError */
export function originalAddressesIn(
  { originalAddress }: NatMethod,
  payloads: readonly DecodedPayload[],
): readonly OriginalAddress[] {
  if (!isOfBefore(originalAddress)) return all(payloads, 'nat-oa').filter(({ type }) => type === originalAddress);
  return unknownOf(payloads, originalAddress).flatMap((data) => {
    const length = GENERIC_HEADER_OCTETS + data.length;
    const alone = concat(Uint8Array.of(PAYLOAD.none, 0, length >>> 8, length & 0xff), data);
    return all(decodePayloads(PAYLOAD.natOa, alone).payloads, 'nat-oa');
  });
}

function isOfBefore(type: number): type is typeof NAT_D_BEFORE | typeof NAT_OA_BEFORE {
  return type === NAT_D_BEFORE || type === NAT_OA_BEFORE;
}

function unknownOf(payloads: readonly DecodedPayload[], type: number): readonly Uint8Array[] {
  return all(payloads, 'unknown').flatMap((payload) => (payload.type === type ? payload.data : []));
}
