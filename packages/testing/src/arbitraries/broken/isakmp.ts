import {
  concat,
  encodeMessage,
  encodePayloads,
  FLAG,
  ID_TYPE,
  ISAKMP_HEADER_OCTETS,
  PAYLOAD,
  PAYLOAD_HEADER_OCTETS,
  type Payload,
} from '@espalier/wire';
import fc from 'fast-check';
import { headerFields } from '../isakmp/message.ts';
import { payload } from '../isakmp/payloads.ts';
import { list, octets, u8 } from '../octets.ts';
import { structure } from '../structures.ts';
import { type BrokenRule, changed, cutBelow, short, word } from './rule.ts';

/** Names of the rules of an ISAKMP message: its header, its chain, and the payloads but for SA. */
export const ISAKMP_RULES = [
  'isakmp-header-truncated',
  'isakmp-major-version',
  'isakmp-minor-version',
  'isakmp-flags',
  'isakmp-length-below-header',
  'isakmp-length-beyond-message',
  'isakmp-length-below-message',
  'isakmp-chain-ends-late',
  'isakmp-chain-ends-early',
  'payload-reserved',
  'payload-length-below-header',
  'payload-length-beyond-message',
  'id-truncated',
  'cert-truncated',
  'cert-request-truncated',
  'notification-truncated',
  'notification-spi-overrun',
  'delete-truncated',
  'delete-spi-size',
  'delete-count',
  'configuration-reserved',
  'configuration-attribute-overrun',
  'nat-oa-type',
  'nat-oa-reserved',
  'nat-oa-length',
  'fragment-number',
  'fragment-next-payload',
  'fragment-empty',
] as const;

type IsakmpRule = (typeof ISAKMP_RULES)[number];

/** Where a field of the header is. */
const AT = { nextPayload: 16, version: 17, flags: 19, length: 24 } as const;
const ALL_FLAGS = FLAG.encryption | FLAG.commit | FLAG.authenticationOnly;

/** Where the payload of a fragment begins. */
const FRAGMENT_AT = ISAKMP_HEADER_OCTETS;

/** A message with one payload at least, and where the last one begins. */
interface Chained {
  readonly octets: Uint8Array;
  readonly lastAt: number;
}

const chained: fc.Arbitrary<Chained> = fc
  .record({ fields: headerFields, before: list(payload, 0, 2), last: payload })
  .map(({ fields, before, last }) => ({
    octets: encodeMessage(fields, [...before, last]),
    lastAt: ISAKMP_HEADER_OCTETS + encodePayloads(before).octets.length,
  }));

const message = chained.map(({ octets }) => octets);

/** What makes each of them broken. */
export const BROKEN_ISAKMP: Readonly<Record<IsakmpRule, BrokenRule>> = {
  'isakmp-header-truncated': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.1',
    says: 'a header has 28 octets',
    octets: cutBelow(message, ISAKMP_HEADER_OCTETS),
  },
  'isakmp-major-version': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.1',
    says: 'the major version is 1',
    octets: fc
      .tuple(message, fc.nat(15))
      .filter(([, major]) => major !== 1)
      .map(([octets, major]) => changed(octets, AT.version, major << 4)),
  },
  'isakmp-minor-version': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.1',
    says: 'the minor version is 0',
    octets: fc
      .tuple(message, fc.integer({ min: 1, max: 15 }))
      .map(([octets, minor]) => changed(octets, AT.version, 0x10 | minor)),
  },
  'isakmp-flags': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.1',
    says: 'bits of the flags that have no meaning are zero',
    octets: fc
      .tuple(message, fc.integer({ min: 1, max: 31 }), fc.constantFrom(0, FLAG.commit, FLAG.authenticationOnly))
      .map(([octets, bits, flags]) => changed(octets, AT.flags, (bits * (ALL_FLAGS + 1)) | flags)),
  },
  'isakmp-length-below-header': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.1',
    says: 'the length includes the header',
    octets: withLength(fc.nat(ISAKMP_HEADER_OCTETS - 1)),
  },
  'isakmp-length-beyond-message': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §5.1',
    says: 'the length is that of the message',
    octets: fc
      .tuple(message, fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 0x7fff_ffff })))
      .map(([octets, more]) => changed(octets, AT.length, ...word(octets.length + more))),
  },
  'isakmp-length-below-message': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §5.1',
    says: 'the length is that of the message',
    octets: fc.tuple(message, fc.nat()).map(([octets, n]) => {
      const less = ISAKMP_HEADER_OCTETS + (n % (octets.length - ISAKMP_HEADER_OCTETS));
      return changed(octets, AT.length, ...word(less));
    }),
  },
  'isakmp-chain-ends-late': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.2',
    says: 'the next payload of the last one is 0',
    octets: fc
      .tuple(chained, fc.integer({ min: 1, max: 0xff }))
      .map(([{ octets, lastAt }, next]) => changed(octets, lastAt, next)),
  },
  'isakmp-chain-ends-early': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.2',
    says: 'the payload before another one announces it',
    octets: fc
      .record({ fields: headerFields, first: list(payload, 0, 2), behind: payload })
      .map(({ fields, first, behind }) => {
        const octets = encodeMessage(fields, [...first, behind]);
        const lastAt = first.length === 0 ? AT.nextPayload : startOfLast(first);
        return changed(octets, lastAt, PAYLOAD.none);
      }),
  },
  'payload-reserved': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.2',
    says: 'the octet behind the next payload is zero',
    octets: fc
      .tuple(chained, fc.integer({ min: 1, max: 0xff }))
      .map(([{ octets, lastAt }, value]) => changed(octets, lastAt + 1, value)),
  },
  'payload-length-below-header': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.2',
    says: 'the length includes the generic header',
    octets: fc
      .tuple(chained, fc.nat(PAYLOAD_HEADER_OCTETS - 1))
      .map(([{ octets, lastAt }, length]) => changed(octets, lastAt + 2, ...short(length))),
  },
  'payload-length-beyond-message': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.2',
    says: 'a payload ends within the message',
    octets: fc
      .tuple(chained, fc.integer({ min: 1, max: 1000 }))
      .map(([{ octets, lastAt }, more]) => changed(octets, lastAt + 2, ...short(octets.length - lastAt + more))),
  },
  'id-truncated': {
    structure: 'isakmp-message',
    clause: 'RFC 2407 §4.6.2',
    says: 'an identification has a type, a protocol and a port',
    octets: withBody(PAYLOAD.id, octets(0, 3)),
  },
  'cert-truncated': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.9',
    says: 'a certificate has an encoding',
    octets: withBody(PAYLOAD.cert, octets(0)),
  },
  'cert-request-truncated': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.10',
    says: 'a certificate request has a type',
    octets: withBody(PAYLOAD.certRequest, octets(0)),
  },
  'notification-truncated': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.14',
    says: 'a notification has 8 octets in front of its SPI',
    octets: withBody(PAYLOAD.notification, octets(0, 7)),
  },
  'notification-spi-overrun': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.14',
    says: 'the SPI ends within the payload',
    octets: withBody(
      PAYLOAD.notification,
      fc
        .record({ front: octets(5), size: fc.integer({ min: 1, max: 16 }), type: octets(2), rest: octets(0, 15) })
        .map(({ front, size, type, rest }) => concat(front, Uint8Array.of(size), type, rest.slice(0, size - 1))),
    ),
  },
  'delete-truncated': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.15',
    says: 'a Delete has 8 octets in front of its SPIs',
    octets: withBody(
      PAYLOAD.delete,
      octets(0, 7).map((body) => withSpiSize(body, 4)),
    ),
  },
  'delete-spi-size': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.15',
    says: 'an SPI has a length, of 16 octets at most',
    octets: withBody(
      PAYLOAD.delete,
      fc
        .tuple(octets(5), fc.oneof(fc.constant(0), fc.integer({ min: 17, max: 40 })), fc.nat(3))
        .map(([front, size, count]) => concat(front, Uint8Array.of(size, 0, count), new Uint8Array(size * count))),
    ),
  },
  'delete-count': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.15',
    says: 'there are as many SPIs as the Delete counts',
    octets: withBody(
      PAYLOAD.delete,
      fc
        .record({ front: octets(5), count: fc.nat(5), there: fc.nat(5), size: fc.integer({ min: 1, max: 16 }) })
        .filter(({ count, there }) => count !== there)
        .map(({ front, count, there, size }) =>
          concat(front, Uint8Array.of(size, 0, count), new Uint8Array(size * there)),
        ),
    ),
  },
  'configuration-reserved': {
    structure: 'isakmp-message',
    clause: 'draft-dukes-ike-mode-cfg-02 §3.2',
    says: 'the octet behind the type is zero',
    octets: withBody(
      PAYLOAD.configuration,
      fc
        .tuple(u8, fc.integer({ min: 1, max: 0xff }), octets(2))
        .map(([type, value, id]) => Uint8Array.of(type, value, ...id)),
    ),
  },
  'configuration-attribute-overrun': {
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.3',
    says: 'an attribute ends within its payload',
    octets: withBody(
      PAYLOAD.configuration,
      fc
        .record({ type: u8, attribute: u8, length: fc.integer({ min: 1, max: 0xff }), there: octets(0, 20) })
        .map(({ type, attribute, length, there }) =>
          concat(Uint8Array.of(type, 0, 0, 1, 0, attribute, 0, length), there.slice(0, length - 1)),
        ),
    ),
  },
  'nat-oa-type': {
    structure: 'isakmp-message',
    clause: 'RFC 3947 §5.2',
    says: 'an original address is one of IPv4 or of IPv6',
    octets: natOa(
      fc
        .tuple(u8, octets(0, 20))
        .filter(([type]) => type !== ID_TYPE.ipv4Address && type !== ID_TYPE.ipv6Address)
        .map(([type, address]) => Uint8Array.of(type, 0, 0, 0, ...address)),
    ),
  },
  'nat-oa-reserved': {
    structure: 'isakmp-message',
    clause: 'RFC 3947 §5.2',
    says: 'the three octets behind the type are zero',
    octets: natOa(
      fc
        .tuple(fc.nat(2), fc.integer({ min: 1, max: 0xff }), octets(4))
        .map(([at, value, address]) => changed(Uint8Array.of(ID_TYPE.ipv4Address, 0, 0, 0, ...address), 1 + at, value)),
    ),
  },
  'nat-oa-length': {
    structure: 'isakmp-message',
    clause: 'RFC 3947 §5.2',
    says: 'an address is as long as its family has it',
    octets: natOa(
      fc.oneof(
        notOf(4).map((address) => Uint8Array.of(ID_TYPE.ipv4Address, 0, 0, 0, ...address)),
        notOf(16).map((address) => Uint8Array.of(ID_TYPE.ipv6Address, 0, 0, 0, ...address)),
      ),
    ),
  },
  'fragment-number': {
    structure: 'isakmp-fragment',
    clause: "Cisco's fragmentation",
    says: 'fragments are numbered from 1 on',
    octets: structure('isakmp-fragment').octets.map((octets) => changed(octets, FRAGMENT_AT + 6, 0)),
  },
  'fragment-next-payload': {
    structure: 'isakmp-fragment',
    clause: "Cisco's fragmentation",
    says: 'a fragment is alone in its message',
    octets: fc
      .tuple(structure('isakmp-fragment').octets, fc.integer({ min: 1, max: 0xff }))
      .map(([octets, next]) => changed(octets, FRAGMENT_AT, next)),
  },
  'fragment-empty': {
    structure: 'isakmp-fragment',
    clause: "Cisco's fragmentation",
    says: 'a fragment holds a piece of the message',
    octets: structure('isakmp-fragment').octets.map((octets) => {
      const empty = octets.slice(0, FRAGMENT_AT + 8);
      return changed(changed(empty, AT.length, ...word(empty.length)), FRAGMENT_AT + 2, 0, 8);
    }),
  },
};

/** A message with good payloads around one of this type that has this body. */
export function withBody(type: number, body: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc
    .record({ fields: headerFields, before: list(payload, 0, 2), body, behind: list(payload, 0, 2) })
    .map(({ fields, before, body, behind }) =>
      encodeMessage(fields, [...before, { kind: 'unknown', type, data: body }, ...behind]),
    );
}

function natOa(body: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.oneof(withBody(PAYLOAD.natOa, body), withBody(PAYLOAD.natOaDraft, body));
}

function withLength(length: fc.Arbitrary<number>): fc.Arbitrary<Uint8Array> {
  return fc.tuple(message, length).map(([octets, value]) => changed(octets, AT.length, ...word(value)));
}

/** Of another length, of 24 octets at most. */
function notOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc.oneof(octets(0, length - 1), octets(length + 1, 24));
}

function withSpiSize(body: Uint8Array, size: number): Uint8Array {
  return body.length > 5 ? changed(body, 5, size) : body;
}

function startOfLast(payloads: readonly Payload[]): number {
  return ISAKMP_HEADER_OCTETS + encodePayloads(payloads.slice(0, -1)).octets.length;
}
