import { encodeIpv4, encodeIpv6, PROTOCOL, parseAddress } from '@espalier/wire';
import type { FrameToWrite } from '../formats/writer.ts';
import { addressOf } from '../packets/ports.ts';
import { spiText } from '../text/names.ts';
import { isIpInside } from './esp/trailer.ts';
import type { EspObservation, Observation } from './observation.ts';

/** Of a file that says any time at all: what is later than so many seconds is none that a capture can hold. */
const LATEST = 2 ** 40;
const HOP_LIMIT = 64;

/**
 * What came out of a packet of ESP, as a frame for a `PcapngWriter` of IP: its comment says out of which. In transport mode,
 * where ESP has taken the place of what was behind the IP header, there is a header made anew in front. Undefined where
 * nothing was decrypted, and of dummy packets.
 */
export function decryptedFrame(observation: Observation): FrameToWrite | undefined {
  if (observation.kind !== 'esp' || observation.inner === undefined) return undefined;
  const octets = packetOf(observation, observation.inner);
  if (octets === undefined) return undefined;
  const { frame, spi } = observation;
  const time = observation.time >= 0 && observation.time < LATEST ? observation.time : 0;
  return { time, octets, comment: `frame ${frame}, SPI 0x${spiText(spi)}` };
}

function packetOf({ source, destination, nextHeader }: EspObservation, inner: Uint8Array): Uint8Array | undefined {
  if (nextHeader === undefined || nextHeader === PROTOCOL.none) return undefined;
  if (isIpInside(nextHeader)) return inner;
  const ends = { source: parseAddress(addressOf(source)), destination: parseAddress(addressOf(destination)) };
  return ends.source.length === 4
    ? encodeIpv4({ ...ends, protocol: nextHeader, payload: inner })
    : encodeIpv6({ ...ends, trafficClass: 0, flowLabel: 0, hopLimit: HOP_LIMIT, nextHeader, payload: inner });
}
