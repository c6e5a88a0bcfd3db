import { readdirSync } from 'node:fs';
import {
  checkIdentification,
  classifyUdpEncapsulated,
  DecodeError,
  decodeHeader,
  decodeIcmp,
  decodeIpv4,
  decodeIpv4Options,
  decodeIpv6,
  decodeMessage,
  decodePayloads,
  decodeUdp,
  encodeMessage,
  FLAG,
  formatIdentification,
  fragmentIpv4,
  fromHex,
  instant,
  Reassembler,
  splitMessages,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { sharedFile, sharedJson, sharedUrl } from '../../../test/shared.ts';
import { type CapturedDatagram, type CapturedDatagrams, readCapture } from './captures.ts';
import { describeShared, vectorJson } from './vectors.ts';

/** Octets of a stranger, handed to every decoder there is: what does not fit is a DecodeError. */
function decodeInEveryWay(octets: Uint8Array): void {
  const reassembler = new Reassembler();
  const ways: ((octets: Uint8Array) => unknown)[] = [
    classifyUdpEncapsulated,
    decodeHeader,
    splitMessages,
    decodeMessage,
    decodeIpv4,
    decodeIpv4Options,
    decodeIpv6,
    decodeUdp,
    decodeIcmp,
    (octets) => fragmentIpv4(octets, 68),
    (octets) => reassembler.accept(instant(0), octets),
  ];
  for (const type of [1, 2, 5, 11, 12, 13, 20, 21, 131, 255]) ways.push((octets) => decodePayloads(type, octets));
  for (const way of ways) refusalOf(() => way(octets));
}

/** The fault of a refusal, undefined when there is none; any other error goes through. */
function refusalOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof DecodeError) return error.fault;
    throw error;
  }
}

/** The messages of a datagram as the receiver on its port finds them. */
function receive({ sport, dport, payload = '' }: CapturedDatagram): readonly Uint8Array[] {
  const octets = fromHex(payload);
  const encapsulated = sport === 4500 || dport === 4500;
  if (encapsulated && classifyUdpEncapsulated(octets) !== 'ike') throw new DecodeError('truncated', 0, 'esp');
  return splitMessages(encapsulated ? octets.subarray(4) : octets);
}

function checkDatagrams(list: CapturedDatagrams, faults: Readonly<Record<string, string>>): void {
  for (const { file, packets } of list.captures) {
    it(`${file} is ${faults[file] === undefined ? 'read' : `refused: ${faults[file]}`}`, () => {
      for (const packet of packets) {
        decodeInEveryWay(fromHex(packet.payload ?? ''));
        if (packet.proto !== 17 || packet.sport === undefined) continue;
        expect(refusalOf(() => receive(packet).map((message) => decodeMessage(message)))).toBe(faults[file]);
      }
    });
  }
}

describe('captures that crashed tcpdump', () => {
  checkDatagrams(vectorJson('tcpdump/malformed-datagrams.json'), {
    'esp_truncated.pcap': 'truncated',
    'ikev1_id_ipv6_addr_subnet-oobr.pcap': 'flags',
    'ikev2-id-short.pcap': 'major-version',
    'ikev2pI2-segfault.pcapng': 'major-version',
    'isakmp-3948-oobr-2.pcap': 'truncated',
    'isakmp-delete-segfault.pcap': 'major-version',
    'isakmp-ikev1_n_print-oobr.pcap': 'major-version',
    'isakmp-no-none-np.pcapng': 'limit',
    'isakmp-pointer-loop.pcap': 'length',
    'isakmp-rfc3948-oobr.pcap': 'truncated',
    'isakmp-various-oobr.pcap': 'flags',
    'isakmpv1-attr-oobr.pcap': 'length',
  });

  it('isakmp-identification-segfault.pcap is well framed, and its identification is not', () => {
    const { captures } = vectorJson<CapturedDatagrams>('tcpdump/malformed-datagrams.json');
    const capture = captures.find(({ file }) => file === 'isakmp-identification-segfault.pcap');
    for (const packet of capture?.packets ?? []) {
      const [id] = receive(packet).flatMap((message) => decodeMessage(message).payloads);
      expect(id?.kind === 'id' && checkIdentification(id)).toBe('value');
    }
    expect.assertions(1);
  });
});

describe('captures of malformed messages from Zeek', () => {
  checkDatagrams(vectorJson('zeek/malformed-datagrams.json'), {
    'ipsec-ikev1-payload-bad-length.pcap': 'length',
    'ipsec-ikev1-zero-length.pcap': 'length',
  });
});

describeShared('captures of odd but well-formed messages', () => {
  for (const folder of ['suricata', 'libreswan']) {
    checkDatagrams(sharedJson(`vectors/malformed/${folder}/datagrams.json`), {});
  }
});

describeShared('messages that crashed implementations', () => {
  interface Case {
    readonly name: string;
    readonly hex: string;
  }
  const { cases } = sharedJson<{ readonly cases: readonly Case[] }>('vectors/malformed/ike-messages.json');

  /** What the wire refuses; the rest is well framed, and the payload rules of each exchange refuse it. */
  const outcomes: readonly (readonly [RegExp, string])[] = [
    [/^CVE-2009-0790/, 'major-version'],
    [/^CVE-2015-3204 jam_str/, 'situation'],
    [/^CVE-2015-3204 process_packet_tail/, 'first payload 15'],
    [/^CVE-2022-23094/, 'reserved'],
    [/^CVE-2020-1763 exchange type 5/, 'first payload 1'],
    [/^CVE-2020-1763 second packet/, 'first payload 9'],
    [/^ike-scan malformed/, 'major-version'],
  ];

  it.each(cases)('are told apart from good ones: $name', ({ name, hex }) => {
    const octets = fromHex(hex);
    decodeInEveryWay(octets);
    const found = refusalOf(() => decodeMessage(octets)) ?? `first payload ${decodeHeader(octets).nextPayload}`;
    expect(found).toBe(outcomes.find(([pattern]) => pattern.test(name))?.[1]);
  });
});

describeShared('raw files of strangers', () => {
  function files(folder: string): readonly string[] {
    return readdirSync(sharedUrl(folder))
      .filter((file) => /\.(pcap|pcapng|dat|bin)$/.test(file))
      .map((file) => `${folder}/${file}`);
  }

  it.each([
    ...files('vectors/malformed/tcpdump'),
    ...files('vectors/malformed/zeek'),
    ...files('vectors/malformed/suricata'),
    ...files('vectors/malformed/libreswan'),
  ])('every frame of %s is read or refused, wherever its IP packet is taken to start', (path) => {
    const { frames } = readCapture(sharedFile(path));
    expect(frames.length).toBeGreaterThan(0);
    for (const frame of frames) for (const at of [0, 4, 14, 16, 18, 34, 42, 46]) decodeInEveryWay(frame.subarray(at));
  });

  it.each(files('vectors/malformed/ike-scan'))('%s is read or refused', (path) => decodeInEveryWay(sharedFile(path)));

  it.each(files('vectors/malformed/strongswan-fuzz-ids'))('%s is no identity that throws', (path) => {
    const data = sharedFile(path);
    for (let idType = 0; idType <= 12; idType++) {
      const id = { idType, protocol: 0, port: 0, data };
      checkIdentification(id);
      expect(formatIdentification(id)).toMatch(/^[\x20-\x7e]*$/);
    }
    decodeInEveryWay(data);
  });
});

describeShared('captures of other implementations', () => {
  it.each([
    ['libreswan/datagrams.json', 6],
    ['ndpi/datagrams.json.gz', 0],
    ['scapy/datagrams.json', 0],
    ['suricata/datagrams.json', 9],
    ['tcpdump/datagrams.json', 24],
    ['wireshark/datagrams.json', 36],
    ['zeek/datagrams.json', 17],
  ])('%s: %d messages of IKEv1, each in clear written again octet for octet', (path, count) => {
    let messages = 0;
    for (const { packets } of sharedJson<CapturedDatagrams>(`vectors/pcap/${path}`).captures) {
      for (const packet of packets) {
        const isakmp = [500, 4500].some((port) => port === packet.sport || port === packet.dport);
        if (packet.proto !== 17 || !isakmp) continue;
        const octets = fromHex(packet.payload ?? '');
        if (packet.sport === 4500 || packet.dport === 4500) {
          if (classifyUdpEncapsulated(octets) !== 'ike') continue;
        }
        const fault = refusalOf(() => {
          for (const message of receive(packet)) messages += writtenAgain(message);
        });
        expect([undefined, 'major-version']).toContain(fault);
      }
    }
    expect(messages).toBe(count);
  });

  function writtenAgain(octets: Uint8Array): number {
    if (decodeHeader(octets).flags & FLAG.encryption) return 1;
    const { header, payloads } = decodeMessage(octets);
    expect(encodeMessage(header, payloads)).toEqual(octets);
    return 1;
  }
});
