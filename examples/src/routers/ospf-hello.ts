import { checksum, DecodeError, Reader, Writer, writeU16 } from '@espalier/wire';
import type { Address } from './address.ts';

export interface OspfHello {
  readonly routerId: Address;
  readonly area: Address;
  readonly networkMask: Address;
  /** Seconds. */
  readonly helloInterval: number;
  /** Seconds. */
  readonly deadInterval: number;
  /** Router IDs of those who were heard of late. */
  readonly neighbors: readonly Address[];
}

const VERSION = 2;
const HELLO = 1;
const NO_AUTHENTICATION = 0;
const LENGTH_AT = 2;
const CHECKSUM_AT = 12;
/** The area takes external routes. */
const E_BIT = 0x02;
const PRIORITY = 128;

/** RFC 2328 §A.3.1 and §A.3.2, without a designated router. */
export function encodeHello(hello: OspfHello): Uint8Array {
  const writer = new Writer();
  writer.u8(VERSION, 'version');
  writer.u8(HELLO, 'type');
  writer.u16(0, 'length');
  writer.u32(hello.routerId, 'routerId');
  writer.u32(hello.area, 'area');
  writer.u16(0, 'checksum');
  writer.u16(NO_AUTHENTICATION, 'authentication type');
  writer.octets(new Uint8Array(8));
  writer.u32(hello.networkMask, 'networkMask');
  writer.u16(hello.helloInterval, 'helloInterval');
  writer.u8(E_BIT, 'options');
  writer.u8(PRIORITY, 'priority');
  writer.u32(hello.deadInterval, 'deadInterval');
  writer.u32(0, 'designated router');
  writer.u32(0, 'backup designated router');
  for (const neighbor of hello.neighbors) writer.u32(neighbor, 'neighbor');
  const octets = writer.finish();
  writeU16(octets, LENGTH_AT, octets.length);
  writeU16(octets, CHECKSUM_AT, checksum(octets, 0, octets.length));
  return octets;
}

/** Undefined for what is not a sound Hello without authentication. */
export function decodeHello(octets: Uint8Array): OspfHello | undefined {
  try {
    return readHello(new Reader(octets, 'ospf'), octets);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function readHello(reader: Reader, octets: Uint8Array): OspfHello | undefined {
  if (reader.u8() !== VERSION || reader.u8() !== HELLO || reader.u16() !== octets.length) return undefined;
  const routerId = reader.u32();
  const area = reader.u32();
  reader.u16();
  if (reader.u16() !== NO_AUTHENTICATION || checksum(octets, 0, octets.length) !== 0) return undefined;
  reader.octets(8);
  const networkMask = reader.u32();
  const helloInterval = reader.u16();
  reader.u16();
  const deadInterval = reader.u32();
  reader.octets(8);
  const neighbors: Address[] = [];
  while (reader.remaining > 0) neighbors.push(reader.u32());
  return { routerId, area, networkMask, helloInterval, deadInterval, neighbors };
}
