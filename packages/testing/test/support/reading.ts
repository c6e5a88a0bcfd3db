/** How this library reads each structure, and why it does not. */
import { nobleEngine } from '@espalier/crypto';
import { IkeEndpoint, type IkeRefusal } from '@espalier/ike';
import { ICMPV6_ENDS, type StructureName } from '@espalier/testing/arbitraries';
import {
  AH_HEADER_OCTETS,
  ahOctets,
  ahSequence,
  ahSignedSpi,
  checkIdentification,
  classifyUdpEncapsulated,
  DecodeError,
  decodeFragment,
  decodeIcmp,
  decodeIcmpv6,
  decodeIpv4,
  decodeIpv4Options,
  decodeIpv6,
  decodeMessage,
  decodePayloads,
  decodeUdp,
  ESP_HEADER_OCTETS,
  EXCHANGE,
  encodePayloads,
  espSequence,
  espSpi,
  fromAscii,
  IPCOMP_HEADER_OCTETS,
  instant,
  ip,
  ipcompCpi,
  PAYLOAD,
  seconds,
  TcpFrameDecoder,
} from '@espalier/wire';
import { seededRng } from '../../../../test/support/rng.ts';

/** Undefined for what is read, else the reason for which it is not. */
type Reading = (octets: Uint8Array) => string | undefined;

export const READINGS: Readonly<Record<StructureName, Reading>> = {
  'ipv4-packet': faultOf((octets) => {
    if (!decodeIpv4(octets).headerChecksumOk) throw new DecodeError('checksum', 10, 'ipv4');
  }),
  'ipv4-options': faultOf(decodeIpv4Options),
  'ipv6-packet': faultOf(decodeIpv6),
  'ipv6-chain': (octets) => {
    const end = ip.packetOctets(octets, 0, octets.length);
    return end === octets.length && ip.payloadAt(octets, 0, end) > 0 ? undefined : 'no payload';
  },
  'udp-datagram': faultOf((octets) => decodeUdp(octets)),
  'icmp-message': faultOf(decodeIcmp),
  'icmpv6-message': faultOf((octets) => decodeIcmpv6(octets, ICMPV6_ENDS)),
  'esp-packet': (octets) => {
    const isWhole = octets.length >= ESP_HEADER_OCTETS;
    return isWhole && espSpi(octets, 0) > 0xff && espSequence(octets, 0) > 0 ? undefined : 'malformed';
  },
  'ah-packet': (octets) => {
    const headerOctets = ahOctets(octets, 0);
    const isWhole = headerOctets > AH_HEADER_OCTETS && headerOctets <= octets.length;
    const spi = ahSignedSpi(octets, 0) >>> 0;
    return isWhole && spi > 0xff && ahSequence(octets, 0) > 0 ? undefined : 'malformed';
  },
  'ipcomp-packet': (octets) => {
    const cpi = octets.length < IPCOMP_HEADER_OCTETS ? 0 : ipcompCpi(octets, 0);
    return cpi === 0 || (cpi > 63 && cpi < 256) ? 'malformed' : undefined;
  },
  'udp-encapsulated': (octets) => {
    const kind = classifyUdpEncapsulated(octets);
    return kind === 'malformed' ? kind : undefined;
  },
  'tcp-frame': stream('frames'),
  'tcp-stream': stream('prefix'),
  'isakmp-message': faultOf(decodeMessage),
  'isakmp-exchange': (octets) => faultOf(decodeMessage)(octets) ?? refusedAsFirst(octets),
  'isakmp-fragment': faultOf(decodeFragment),
  identification: faultOf((octets) => {
    const [id] = bodyOf(PAYLOAD.id, octets);
    if (id?.kind !== 'id') throw new Error('no identification');
    const fault = checkIdentification(id);
    if (fault !== undefined) throw new DecodeError(fault, 4, 'id');
  }),
  'ike-sa': faultOf((octets) => bodyOf(PAYLOAD.sa, octets)),
  'ipsec-sa': faultOf((octets) => bodyOf(PAYLOAD.sa, octets)),
};

function faultOf(decode: (octets: Uint8Array) => unknown): Reading {
  return (octets) => {
    try {
      decode(octets);
      return undefined;
    } catch (error) {
      if (error instanceof DecodeError) return error.fault;
      throw error;
    }
  };
}

/** What a responder that knows nothing yet says of a message itself: not of what is asked for with it, nor of whom it is from. */
const OF_THE_MESSAGE: readonly IkeRefusal[] = [
  'malformed',
  'zero-cookie',
  'invalid-message-id',
  'missing-payload',
  'unexpected-payload',
  'payload-order',
  'invalid-nonce',
];

const LOCAL = { address: '192.0.2.1', port: 500 };
const MODES = { main: '192.0.2.2', aggressive: '192.0.2.3' } as const;

const responder = new IkeEndpoint({
  engine: nobleEngine(),
  rng: seededRng(1),
  peers: (['main', 'aggressive'] as const).map((mode) => ({
    name: mode,
    mode,
    local: LOCAL,
    remote: { address: MODES[mode], port: 500 },
    remoteIdentity: 'any',
    preSharedKey: fromAscii('shared'),
    proposals: [{ encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
    lifetime: seconds(3600),
    children: [],
  })),
});

function refusedAsFirst(octets: Uint8Array): string | undefined {
  const mode = octets[18] === EXCHANGE.aggressive ? 'aggressive' : 'main';
  const result = responder.handleDatagram(instant(1), { address: MODES[mode], port: 500 }, LOCAL, octets.slice());
  while (responder.pollEvent() !== undefined || responder.pollTransmit() !== undefined);
  return result.ok || !OF_THE_MESSAGE.includes(result.reason) ? undefined : result.reason;
}

function stream(begins: 'prefix' | 'frames'): Reading {
  return (octets) => {
    const decoder = new TcpFrameDecoder(begins);
    decoder.push(octets);
    return decoder.fault ?? (decoder.waitingOctets > 0 ? 'waits' : undefined);
  };
}

function bodyOf(type: number, data: Uint8Array) {
  const { firstType, octets } = encodePayloads([{ kind: 'unknown', type, data }]);
  return decodePayloads(firstType, octets).payloads;
}
