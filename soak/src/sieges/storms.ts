import type { Endpoint, ExchangeMode, IkeEndpoint } from '@espalier/ike';
import {
  COOKIE_OCTETS,
  decodeHeader,
  EXCHANGE,
  encodeMessage,
  FLAG,
  fragmentMessage,
  fromHex,
  type HeaderFields,
  NOTIFY,
  writeU16,
  writeU32,
} from '@espalier/wire';
import type { Bed } from './bed.ts';
import { sentBy } from './keyed.ts';
import { anyAddress, GATEWAY } from './places.ts';
import type { Siege } from './siege.ts';

const HUNDRED_THOUSAND = 100_000;
const SOMEBODY: Endpoint = anyAddress(0xffff);

/** One message again and again; and what only needs cookies that somebody has overheard, or none. */
export const STORMS: readonly Siege[] = [
  repeated('message 1 of Main Mode', 'main', 1),
  repeated('message 3 of Main Mode', 'main', 2),
  repeated('message 5 of Main Mode', 'main', 3),
  repeated('message 1 of Quick Mode', 'main', 4),
  repeated('message 1 of Aggressive Mode', 'aggressive', 1),
  repeated('message 3 of Aggressive Mode', 'aggressive', 2),
  storm('fragments of messages that never end, with the cookies of real peers', overheard(fragments)),
  storm('fragments of nobody', ofNobody(fragments)),
  storm('notifications in clear, with the cookies of real peers', overheard(notifications)),
  storm('notifications of nobody', ofNobody(notifications)),
  storm('notifications that no key opens, of an IKE SA that is established', ofEstablished),
  { ...storm('right key: R-U-THERE', probes), isKeyed: true, datagrams: 40_000 },
];

function storm(name: string, begin: Siege['begin']): Siege {
  return {
    ...{ name, kind: name, mode: 'main', peers: 1, datagrams: HUNDRED_THOUSAND, perSecond: 1000 },
    ...{ isKeyed: false, mostOut: 1, begin },
  };
}

/** The last of so many messages of who has the right key, who hears no answer to it. */
function repeated(name: string, mode: ExchangeMode, messages: number): Siege {
  return {
    ...storm(`the same ${name}`, (bed) => {
      const octets = lastOf(bed, messages);
      return () => bed.hand(SOMEBODY, octets);
    }),
    kind: 'the same message',
    mode,
  };
}

function lastOf(bed: Bed, messages: number): Uint8Array {
  const client = bed.client(SOMEBODY);
  for (let left = messages; ; left--) {
    const [octets] = sentBy(client);
    if (octets === undefined) throw new Error(`there is no message of ${messages}`);
    if (left === 1) return octets;
    for (const answer of bed.hand(SOMEBODY, octets).answers) {
      client.handleDatagram(bed.now, GATEWAY, SOMEBODY, answer);
    }
  }
}

/** Makes one octet string another one, by its number: as if there were no end of them. */
type Numbered = (header: HeaderFields) => (count: number) => Uint8Array;

function overheard(of: Numbered): Siege['begin'] {
  return (bed) => {
    let heard: Bed['overheard'];
    let make: ReturnType<Numbered> | undefined;
    let count = 0;
    return () => {
      if (make === undefined || bed.overheard !== heard) {
        heard = bed.overheard;
        make = of(inClear(heard?.octets ?? new Uint8Array(0)));
      }
      bed.hand(heard?.client ?? SOMEBODY, make(++count));
    };
  };
}

function ofNobody(of: Numbered): Siege['begin'] {
  return (bed) => {
    const make = of(inClear(new Uint8Array(0)));
    let count = 0;
    return () => bed.hand(anyAddress(++count), make(count));
  };
}

/** The header that a message in clear of the same IKE SA has; cookies of nobody, where there is none. */
function inClear(octets: Uint8Array): HeaderFields {
  const none = new Uint8Array(COOKIE_OCTETS).fill(0x5a);
  const { initiatorCookie, responderCookie } =
    octets.length === 0 ? { initiatorCookie: none, responderCookie: none } : decodeHeader(octets);
  return { initiatorCookie, responderCookie, exchange: EXCHANGE.main, flags: 0, messageId: 0 };
}

const PIECE_OCTETS = 1000;
const ID_AT = 32;

/** The first of two fragments, each of another message. */
function fragments(header: HeaderFields): (count: number) => Uint8Array {
  const vendor = { kind: 'vendor-id', data: new Uint8Array(PIECE_OCTETS) } as const;
  const [first] = fragmentMessage(encodeMessage(header, [vendor]), 1, PIECE_OCTETS);
  const octets = first ?? new Uint8Array(0);
  return (count) => {
    writeU16(octets, ID_AT, count & 0xffff);
    return octets;
  };
}

const ERRORS = [
  NOTIFY['INVALID-COOKIE'],
  NOTIFY['NO-PROPOSAL-CHOSEN'],
  NOTIFY['AUTHENTICATION-FAILED'],
  NOTIFY['INVALID-SPI'],
  NOTIFY['INITIAL-CONTACT'],
];
const MESSAGE_ID_AT = 20;

/** What an RFC 2408 §3.14 error in clear looks like, of each kind in turn. */
function notifications(header: HeaderFields): (count: number) => Uint8Array {
  const all = ERRORS.map((notifyType) =>
    encodeMessage({ ...header, exchange: EXCHANGE.informational, messageId: 1 }, [
      { kind: 'notification', doi: 1, protocol: 1, notifyType, spi: new Uint8Array(0), data: new Uint8Array(0) },
    ]),
  );
  return (count) => {
    const octets = all[count % all.length] ?? new Uint8Array(0);
    writeU32(octets, MESSAGE_ID_AT, count);
    return octets;
  };
}

const FLAGS_AT = 19;

function ofEstablished(bed: Bed): () => void {
  const client = established(bed);
  const [ikeSa] = client.ikeSas();
  if (ikeSa === undefined) throw new Error('there is no IKE SA');
  const cookies = {
    initiatorCookie: fromHex(ikeSa.initiatorCookie),
    responderCookie: fromHex(ikeSa.responderCookie),
  };
  const make = notifications({ ...inClear(new Uint8Array(0)), ...cookies });
  let count = 0;
  return () => {
    // What is not whole blocks of a cipher would be refused for that.
    const octets = make(++count);
    const whole = new Uint8Array(octets.length + (-(octets.length - 28) & 15));
    whole.set(octets);
    whole[FLAGS_AT] = FLAG.encryption;
    writeU32(whole, 24, whole.length);
    bed.hand(SOMEBODY, whole);
  };
}

/** Who has the key asks whether the gateway is alive, and hears the answer. */
function probes(bed: Bed): () => void {
  let client = established(bed);
  return () => {
    const inbound = client.children()[0]?.inbound;
    if (inbound === undefined) client = established(bed);
    else client.askForLife(bed.now, inbound);
    client.handleTimeout(bed.now);
    converse(bed, client);
  };
}

function established(bed: Bed): IkeEndpoint {
  const client = bed.client(SOMEBODY);
  converse(bed, client);
  return client;
}

function converse(bed: Bed, client: IkeEndpoint): void {
  for (let waiting = sentBy(client); waiting.length > 0; waiting = sentBy(client)) {
    for (const octets of waiting) {
      for (const answer of bed.hand(SOMEBODY, octets).answers) {
        client.handleDatagram(bed.now, GATEWAY, SOMEBODY, answer);
      }
    }
    while (client.pollEvent() !== undefined);
  }
}
