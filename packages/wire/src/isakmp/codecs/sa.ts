import type { Reader } from '../../reader.ts';
import type { Writer } from '../../writer.ts';
import type { DecodeLimits } from '../limits.ts';
import { DOI_IPSEC, PAYLOAD, SITUATION } from '../registry/isakmp.ts';
import type { Proposal, SaPayload, Transform } from '../types.ts';
import { decodeAttributes, encodeAttributes } from './attributes.ts';
import { readChain, writeChain } from './chain.ts';
import { readSpi, requireSpi } from './spi.ts';

/**
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !              Domain of Interpretation  (DOI)                  !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !                           Situation                           !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 2408 §3.4. The form of what follows depends on DOI and situation: only SIT_IDENTITY_ONLY of the IPsec DOI is
 * known (RFC 2407 §4.6.1), and the faults `doi` and `situation` refuse any other.
 */
export function decodeSa(reader: Reader, limits: DecodeLimits): SaPayload {
  const at = reader.offset;
  const doi = reader.u32();
  if (doi !== DOI_IPSEC) reader.fail('doi', at);
  const situation = reader.u32();
  if (situation !== SITUATION.identityOnly) reader.fail('situation', at + 4);
  const proposals = readChain(reader, PAYLOAD.proposal, 'proposal', limits.proposalsPerSa, (body) =>
    decodeProposal(body, limits),
  );
  return { kind: 'sa', doi, situation, proposals };
}

export function encodeSa(writer: Writer, sa: SaPayload): void {
  if (sa.doi !== DOI_IPSEC) throw new RangeError('doi must be 1, the IPsec DOI');
  if (sa.situation !== SITUATION.identityOnly) throw new RangeError('situation must be 1, SIT_IDENTITY_ONLY');
  writer.u32(sa.doi, 'doi');
  writer.u32(sa.situation, 'situation');
  writeChain(writer, PAYLOAD.proposal, 'proposal', sa.proposals, (proposal) => encodeProposal(writer, proposal));
}

/**
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !  Proposal #   !  Protocol-Id  !    SPI Size   !# of Transforms!
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !                        SPI (variable)                         !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 2408 §3.5.
 */
function decodeProposal(reader: Reader, limits: DecodeLimits): Proposal {
  const number = reader.u8();
  const protocol = reader.u8();
  const spiOctets = reader.u8();
  const countAt = reader.offset;
  const count = reader.u8();
  const spi = readSpi(reader, spiOctets);
  const transforms = readChain(reader, PAYLOAD.transform, 'transform', limits.transformsPerProposal, (body) =>
    decodeTransform(body, limits),
  );
  if (transforms.length !== count) reader.fail('count', countAt);
  return { number, protocol, spi, transforms };
}

function encodeProposal(writer: Writer, proposal: Proposal): void {
  requireSpi(proposal.spi);
  writer.u8(proposal.number, 'proposal number');
  writer.u8(proposal.protocol, 'protocol');
  writer.u8(proposal.spi.length, 'spi length');
  writer.u8(proposal.transforms.length, 'number of transforms');
  writer.octets(proposal.spi, 'spi');
  writeChain(writer, PAYLOAD.transform, 'transform', proposal.transforms, (transform) =>
    encodeTransform(writer, transform),
  );
}

/**
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !  Transform #  !  Transform-Id !           RESERVED2           !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     ~                        SA Attributes                          ~
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 2408 §3.6.
 */
function decodeTransform(reader: Reader, limits: DecodeLimits): Transform {
  const number = reader.u8();
  const id = reader.u8();
  reader.reserved(2);
  return { number, id, attributes: decodeAttributes(reader, limits.attributesPerTransform) };
}

function encodeTransform(writer: Writer, transform: Transform): void {
  writer.u8(transform.number, 'transform number');
  writer.u8(transform.id, 'transform id');
  writer.u16(0, 'reserved');
  encodeAttributes(writer, transform.attributes);
}
