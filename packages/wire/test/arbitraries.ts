/** Every packet and message that this package can write, as fast-check arbitraries. Other suites import them. */
import {
  type AddressPair,
  type Attribute,
  DOI_IPSEC,
  encodeIpv6,
  FLAG,
  type HeaderFields,
  type IcmpMessage,
  type Icmpv6Message,
  ID_TYPE,
  type Identification,
  type Ipv4Option,
  type Ipv4Packet,
  type Ipv6Packet,
  PAYLOAD,
  type Payload,
  type Proposal,
  prefixMask,
  SITUATION,
  type Transform,
  type UdpDatagram,
} from '@espalier/wire';
import fc from 'fast-check';

export const u8: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xff });
export const u16: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffff });
export const u32: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffffffff });

/** Of every length up to `maxLength`: fast-check alone would prefer a handful. */
export function octets(minLength: number, maxLength = minLength): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength, maxLength, size: 'max' });
}

function list<T>(item: fc.Arbitrary<T>, minLength: number, maxLength: number): fc.Arbitrary<T[]> {
  return fc.array(item, { minLength, maxLength, size: 'max' });
}

export const ipv4Address: fc.Arbitrary<Uint8Array> = octets(4);
export const ipv6Address: fc.Arbitrary<Uint8Array> = fc.oneof(
  octets(16),
  fc.array(fc.constantFrom(0, 0, 1, 0xff), { minLength: 16, maxLength: 16 }).map((values) => Uint8Array.from(values)),
  octets(4).map((quad) => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...quad)),
);

const ipv4Option: fc.Arbitrary<Ipv4Option> = fc.oneof(
  fc.constant({ type: 1, data: new Uint8Array(0) }),
  fc.record({ type: fc.integer({ min: 2, max: 0xff }), data: octets(0, 6) }),
);
/** At most 40 octets. */
export const ipv4Options: fc.Arbitrary<readonly Ipv4Option[]> = list(ipv4Option, 0, 5);

/** Header options as octets: whatever they say, they are padded. */
const rawOptions: fc.Arbitrary<Uint8Array> = fc.integer({ min: 0, max: 10 }).chain((words) => octets(4 * words));

export const ipv4Packet: fc.Arbitrary<Ipv4Packet> = fc.record({
  tos: u8,
  identification: u16,
  dontFragment: fc.boolean(),
  moreFragments: fc.boolean(),
  fragmentOffset: fc.integer({ min: 0, max: 0x1fff }).map((units) => 8 * units),
  ttl: u8,
  protocol: u8,
  source: ipv4Address,
  destination: ipv4Address,
  options: rawOptions,
  payload: octets(0, 100),
});

export const ipv6Packet: fc.Arbitrary<Ipv6Packet> = fc.record({
  trafficClass: u8,
  flowLabel: fc.integer({ min: 0, max: 0xfffff }),
  nextHeader: u8,
  hopLimit: u8,
  source: octets(16),
  destination: octets(16),
  payload: octets(0, 100),
});

/** An IPv6 packet with extension headers, and what they lead to. */
export interface ChainedPacket {
  readonly octets: Uint8Array;
  /** How many there are, but for one of a fragment. */
  readonly headers: number;
  /** Of the payload, and its octets; those of a later fragment begin behind its header. */
  readonly protocol: number;
  readonly payloadOctets: number;
}

/** Hop-by-hop options if any come first; then routing headers and destination options; a fragment header may be among them. */
export const chainedIpv6: fc.Arbitrary<ChainedPacket> = fc
  .record({
    packet: ipv6Packet,
    hopByHop: fc.boolean(),
    before: list(fc.constantFrom(43, 60), 0, 5),
    fragment: fc.option(fc.constantFrom(0, 1, 8, 9), { nil: undefined }),
    behind: list(fc.constantFrom(43, 60), 0, 5),
    units: fc.integer({ min: 0, max: 2 }),
    protocol: fc.constantFrom(6, 17, 50, 51, 58, 59),
  })
  .map(({ packet, hopByHop, before, fragment, behind, units, protocol }) => {
    const isLater = fragment !== undefined && fragment >= 8;
    const kinds = [
      ...(hopByHop ? [0] : []),
      ...before,
      ...(fragment === undefined ? [] : [44]),
      ...(isLater ? [] : behind),
    ];
    const headers = kinds.map((kind, i) => {
      const header = new Uint8Array(kind === 44 ? 8 : 8 * (units + 1));
      header[0] = kinds[i + 1] ?? protocol;
      header[1] = kind === 44 ? 0 : units;
      if (kind === 44) header[3] = fragment ?? 0;
      return header;
    });
    const payload = Uint8Array.from([...headers, packet.payload].flatMap((part) => [...part]));
    return {
      octets: encodeIpv6({ ...packet, nextHeader: kinds[0] ?? protocol, payload }),
      headers: kinds.filter((kind) => kind !== 44).length,
      protocol,
      payloadOctets: packet.payload.length,
    };
  });

export const addressPair: fc.Arbitrary<AddressPair> = fc.oneof(
  fc.record({ source: ipv4Address, destination: ipv4Address }),
  fc.record({ source: octets(16), destination: octets(16) }),
);

export const udpDatagram: fc.Arbitrary<UdpDatagram> = fc.record({
  sourcePort: u16,
  destinationPort: u16,
  payload: octets(0, 100),
});

export const icmpMessage: fc.Arbitrary<IcmpMessage> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('echo-request', 'echo-reply'),
    identifier: u16,
    sequence: u16,
    data: octets(0, 100),
  }),
  fc.record({ kind: fc.constant('time-exceeded'), code: u8, original: octets(0, 100) }),
  fc.record({
    kind: fc.constant('destination-unreachable'),
    code: fc.constantFrom(0, 1, 2, 3, 13, 255),
    nextHopMtu: fc.constant(0),
    original: octets(0, 100),
  }),
  fc.record({
    kind: fc.constant('destination-unreachable'),
    code: fc.constant(4),
    nextHopMtu: u16,
    original: octets(0, 100),
  }),
  fc.record({
    kind: fc.constant('other'),
    type: u8.filter((type) => ![0, 3, 8, 11].includes(type)),
    code: u8,
    rest: u32,
    data: octets(0, 100),
  }),
);

export const icmpv6Message: fc.Arbitrary<Icmpv6Message> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('echo-request', 'echo-reply'),
    identifier: u16,
    sequence: u16,
    data: octets(0, 100),
  }),
  fc.record({ kind: fc.constant('packet-too-big'), mtu: u32, original: octets(0, 100) }),
  fc.record({
    kind: fc.constant('other'),
    type: u8.filter((type) => ![2, 128, 129].includes(type)),
    code: u8,
    rest: u32,
    data: octets(0, 100),
  }),
);

const attribute: fc.Arbitrary<Attribute> = fc.record({
  type: fc.integer({ min: 0, max: 0x7fff }),
  value: fc.oneof(u16, octets(0, 12)),
});

const transform: fc.Arbitrary<Transform> = fc.record({
  number: u8,
  id: u8,
  attributes: list(attribute, 0, 6),
});

const proposal: fc.Arbitrary<Proposal> = fc.record({
  number: u8,
  protocol: u8,
  spi: octets(0, 16),
  transforms: list(transform, 1, 4),
});

function addresses(idType: number, data: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Identification> {
  return fc.record({ idType: fc.constant(idType), protocol: u8, port: u16, data });
}

function subnet(length: 4 | 16): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(octets(length), fc.integer({ min: 0, max: 8 * length }))
    .map(([address, prefix]) => Uint8Array.of(...address, ...prefixMask(prefix, length)));
}

function range(length: 4 | 16): fc.Arbitrary<Uint8Array> {
  return fc.tuple(octets(length), octets(length)).map(([a, b]) => {
    const inOrder = String.fromCharCode(...a) <= String.fromCharCode(...b);
    return inOrder ? Uint8Array.of(...a, ...b) : Uint8Array.of(...b, ...a);
  });
}

const text: fc.Arbitrary<Uint8Array> = fc.uint8Array({
  min: 0x21,
  max: 0x7e,
  minLength: 1,
  maxLength: 30,
  size: 'max',
});

/** Identifications whose data fit their type. */
export const identification: fc.Arbitrary<Identification> = fc.oneof(
  addresses(ID_TYPE.ipv4Address, octets(4)),
  addresses(ID_TYPE.ipv4Subnet, subnet(4)),
  addresses(ID_TYPE.ipv4Range, range(4)),
  addresses(ID_TYPE.ipv6Address, octets(16)),
  addresses(ID_TYPE.ipv6Subnet, subnet(16)),
  addresses(ID_TYPE.ipv6Range, range(16)),
  addresses(ID_TYPE.fqdn, text),
  addresses(ID_TYPE.userFqdn, text),
  addresses(ID_TYPE.derAsn1Dn, octets(1, 30)),
  addresses(ID_TYPE.keyId, octets(1, 30)),
);

/** Identifications as a hostile peer may write them: any type, any data. */
export const anyIdentification: fc.Arbitrary<Identification> = fc.record({
  idType: fc.oneof(fc.integer({ min: 0, max: 12 }), u8),
  protocol: u8,
  port: u16,
  data: octets(0, 40),
});

const KNOWN_TYPES: ReadonlySet<number> = new Set([
  PAYLOAD.none,
  PAYLOAD.sa,
  PAYLOAD.configuration,
  ...Array.from({ length: 10 }, (_, i) => PAYLOAD.ke + i),
  PAYLOAD.natD,
  PAYLOAD.natOa,
  PAYLOAD.natDDraft,
  PAYLOAD.natOaDraft,
]);

/** A type that has no codec; 2 and 3 are proposal and transform, which stand inside an SA only. */
export const unknownType: fc.Arbitrary<number> = u8.filter((type) => !KNOWN_TYPES.has(type));

export const saPayload = fc.record({
  kind: fc.constant('sa' as const),
  doi: fc.constant(DOI_IPSEC),
  situation: fc.constant(SITUATION.identityOnly),
  proposals: list(proposal, 1, 3),
});

/** Attributes of Mode Config and XAuth, and whatever else a peer may send. */
const configurationPayload = fc.record(
  {
    kind: fc.constant('configuration' as const),
    type: u8,
    identifier: u16,
    attributes: list(attribute, 0, 8),
    padding: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ['kind', 'type', 'identifier', 'attributes'] },
);

const deletePayload = fc.integer({ min: 1, max: 16 }).chain((spiOctets) =>
  fc.record({
    kind: fc.constant('delete' as const),
    doi: u32,
    protocol: u8,
    spiOctets: fc.constant(spiOctets),
    spis: list(octets(spiOctets), 0, 5),
  }),
);

export const payload: fc.Arbitrary<Payload> = fc.oneof(
  saPayload,
  fc.record({ kind: fc.constantFrom('ke', 'hash', 'signature', 'nonce', 'vendor-id'), data: octets(0, 40) }),
  identification.map((id) => ({ kind: 'id' as const, ...id })),
  anyIdentification.map((id) => ({ kind: 'id' as const, ...id })),
  fc.record({ kind: fc.constant('cert'), encoding: u8, data: octets(0, 40) }),
  fc.record({ kind: fc.constant('cert-request'), encoding: u8, authority: octets(0, 40) }),
  fc.record({
    kind: fc.constant('notification'),
    doi: u32,
    protocol: u8,
    notifyType: u16,
    spi: octets(0, 16),
    data: octets(0, 20),
  }),
  configurationPayload,
  deletePayload,
  fc.record({ kind: fc.constant('nat-d'), type: fc.constantFrom(20 as const, 130 as const), hash: octets(0, 32) }),
  fc.record({
    kind: fc.constant('nat-oa'),
    type: fc.constantFrom(21 as const, 131 as const),
    idType: fc.constant(ID_TYPE.ipv4Address),
    address: octets(4),
  }),
  fc.record({
    kind: fc.constant('nat-oa'),
    type: fc.constantFrom(21 as const, 131 as const),
    idType: fc.constant(ID_TYPE.ipv6Address),
    address: octets(16),
  }),
  fc.record({ kind: fc.constant('unknown'), type: unknownType, data: octets(0, 40) }),
);

export const payloads: fc.Arbitrary<readonly Payload[]> = list(payload, 0, 6);

/** A message in clear. */
const headerFields: fc.Arbitrary<HeaderFields> = fc.record({
  initiatorCookie: octets(8),
  responderCookie: octets(8),
  exchange: u8,
  flags: fc.constantFrom(0, FLAG.commit, FLAG.authenticationOnly, FLAG.commit | FLAG.authenticationOnly),
  messageId: u32,
});

export interface Message {
  readonly fields: HeaderFields;
  readonly payloads: readonly Payload[];
}

export const message: fc.Arbitrary<Message> = fc.record({ fields: headerFields, payloads });

/** Octets with up to three of them changed, the end cut off, or octets put in: what a network or an attacker makes. */
export function mutated(original: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return original.chain((whole) => {
    const position = fc.integer({ min: 0, max: Math.max(0, whole.length - 1) });
    const changes = fc.array(fc.tuple(position, u8), { minLength: 1, maxLength: 3 });
    return fc.oneof(
      { weight: 4, arbitrary: changes.map((pairs) => withChanges(whole, pairs)) },
      { weight: 1, arbitrary: position.map((length) => whole.slice(0, length)) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(position, octets(1, 8))
          .map(([at, more]) => Uint8Array.of(...whole.slice(0, at), ...more, ...whole.slice(at))),
      },
    );
  });
}

function withChanges(whole: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  const copy = whole.slice();
  for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
  return copy;
}
