import type { Reader } from '../../reader.ts';
import type { Writer } from '../../writer.ts';
import type { DecodeLimits } from '../limits.ts';
import type { DeletePayload } from '../types.ts';
import { MAX_SPI_OCTETS } from './spi.ts';

/**
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !              Domain of Interpretation  (DOI)                  !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !  Protocol-Id  !   SPI Size    !           # of SPIs           !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     ~               Security Parameter Index(es) (SPI)              ~
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 2408 §3.15. The SPIs must fill the payload exactly.
 */
export function decodeDelete(reader: Reader, limits: DecodeLimits): DeletePayload {
  const doi = reader.u32();
  const protocol = reader.u8();
  const sizeAt = reader.offset;
  const spiOctets = reader.u8();
  const count = reader.u16();
  if (spiOctets === 0 || spiOctets > MAX_SPI_OCTETS) reader.fail('spi-length', sizeAt);
  if (count > limits.spisPerDelete) reader.fail('limit', sizeAt + 1);
  if (count * spiOctets !== reader.remaining) reader.fail('count', sizeAt + 1);
  const spis = Array.from({ length: count }, () => reader.octets(spiOctets));
  return { kind: 'delete', doi, protocol, spiOctets, spis };
}

export function encodeDelete(writer: Writer, payload: DeletePayload): void {
  const { spiOctets, spis } = payload;
  if (spiOctets === 0 || spiOctets > MAX_SPI_OCTETS) throw new RangeError('spiOctets must be from 1 to 16');
  if (spis.some((spi) => spi.length !== spiOctets)) throw new RangeError('spis must all be of spiOctets octets');
  writer.u32(payload.doi, 'doi');
  writer.u8(payload.protocol, 'protocol');
  writer.u8(spiOctets, 'spiOctets');
  writer.u16(spis.length, 'number of spis');
  for (const spi of spis) writer.octets(spi, 'spi');
}
