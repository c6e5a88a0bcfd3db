import { readdirSync } from 'node:fs';
import {
  attributeNumber,
  classifyUdpEncapsulated,
  concat,
  type DecodedPayload,
  decodeHeader,
  decodeIcmp,
  decodeIpv4,
  decodeIpv6,
  decodeMessage,
  decodePayloads,
  decodeUdp,
  encodeIcmp,
  encodeIpv4,
  encodeIpv6,
  encodeMessage,
  encodePayloads,
  encodeUdp,
  espSequence,
  espSpi,
  FLAG,
  formatAddress,
  fromHex,
  ID_TYPE,
  notifyName,
  OAKLEY_ATTRIBUTE,
  PROTOCOL,
  payloadType,
  splitMessages,
  toHex,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { sharedFile, sharedJson, sharedUrl } from '../../../test/shared.ts';
import { linkHeaderOctets, readCapture } from './captures.ts';
import { describeShared, vectorJson } from './vectors.ts';

interface RecordedMessage {
  readonly hex: string;
  readonly encrypted?: boolean;
  readonly plaintext?: string;
  readonly padding_hex?: string;
  readonly payload_types?: readonly number[];
  readonly nat_d?: readonly string[];
}

describe('handshakes with Cisco IOS, recorded by RUB-NDS', () => {
  const { traces } = vectorJson<{
    readonly traces: readonly { readonly name: string; readonly messages: readonly RecordedMessage[] }[];
  }>('rub-nds/ikev1-traces-rub-nds.json');

  describe.each(traces)('$name', ({ messages }) => {
    const clear = messages.filter(({ encrypted }) => encrypted !== true);
    const decrypted = messages.filter(({ plaintext }) => plaintext !== undefined);

    it('every message in clear is written again octet for octet', () => {
      for (const { hex, payload_types } of clear) {
        const octets = fromHex(hex);
        const { header, payloads } = decodeMessage(octets);
        expect(encodeMessage(header, payloads)).toEqual(octets);
        expect(payloads.map(payloadType)).toEqual(payload_types);
      }
    });

    it('every decrypted body is a chain of payloads and padding, written again octet for octet', () => {
      for (const { hex, plaintext = '', padding_hex, payload_types } of decrypted) {
        // With the public key method parts of payloads are encrypted, not the message.
        const header = decodeHeader(fromHex(hex));
        if (!(header.flags & FLAG.encryption)) continue;
        const body = fromHex(plaintext);
        const { payloads, length } = decodePayloads(header.nextPayload, body);
        expect(encodePayloads(payloads)).toEqual({
          firstType: header.nextPayload,
          octets: body.subarray(0, length),
        });
        expect(toHex(body.subarray(length))).toBe(padding_hex);
        expect(payloads.map(payloadType)).toEqual(payload_types);
      }
    });
  });
});

describe('single messages, recorded by RUB-NDS', () => {
  const { misc } = vectorJson<{
    readonly misc: {
      readonly two_messages_one_datagram: { readonly datagram: string; readonly expected_messages: number };
      readonly payload_malformed_notification: { readonly message: string; readonly notify: number };
    };
  }>('rub-nds/ikev1-kdf-rub-nds.json');

  it('two that share a datagram are split', () => {
    const { datagram, expected_messages } = misc.two_messages_one_datagram;
    const messages = splitMessages(fromHex(datagram));
    expect(messages.length).toBe(expected_messages);
    expect(concat(...messages)).toEqual(fromHex(datagram));
  });

  it('PAYLOAD-MALFORMED is told by its number', () => {
    const { message, notify } = misc.payload_malformed_notification;
    const [payload] = decodeMessage(fromHex(message)).payloads;
    expect(payload).toMatchObject({ kind: 'notification', notifyType: notify });
    expect(notifyName(notify)).toBe('PAYLOAD-MALFORMED');
  });
});

describe('packets of gopacket', () => {
  const { packets } = vectorJson<{ readonly packets: readonly { readonly name: string; readonly hex: string }[] }>(
    'gopacket/ipsec-frames.json',
  );

  it.each(packets)('$name is IPv4, written again octet for octet', ({ hex }) => {
    const octets = fromHex(hex).subarray(14);
    const packet = decodeIpv4(octets);
    expect(packet.headerChecksumOk).toBe(true);
    expect(encodeIpv4(packet)).toEqual(octets);
  });

  it('the one of ESP has the SPI and sequence number that its test names', () => {
    const esp = packets.map(({ hex }) => decodeIpv4(fromHex(hex).subarray(14))).find(({ protocol }) => protocol === 50);
    expect(esp && espSpi(esp.payload, 0)).toBe(0x6e);
    expect(esp && espSequence(esp.payload, 0)).toBe(0x13);
  });
});

describeShared('packets of Scapy', () => {
  const { packets } = sharedJson<{ readonly packets: readonly { readonly name: string; readonly hex: string }[] }>(
    'vectors/pcap/misc-packets.json',
  );

  function packet(name: RegExp): Uint8Array {
    const found = packets.find((candidate) => name.test(candidate.name));
    return fromHex(found?.hex ?? '');
  }

  it.each([
    ['aggressive mode message 1', decodeUdp(packet(/^aggressive mode message 1/)).payload],
    ['two notifications', packet(/^two NOTIFY/)],
    ['a delete of two SPIs', packet(/^DELETE/)],
  ])('%s is written again octet for octet', (_, isakmp) => {
    const { header, payloads } = decodeMessage(isakmp);
    expect(encodeMessage(header, payloads)).toEqual(isakmp);
  });

  it('a quick mode message behind its non-ESP marker is encrypted ISAKMP', () => {
    const datagram = decodeUdp(packet(/^quick mode message over NAT-T/));
    expect(datagram.checksum).toBe('unverified');
    expect(classifyUdpEncapsulated(datagram.payload)).toBe('ike');
    const [message] = splitMessages(datagram.payload.subarray(4));
    expect(message && decodeHeader(message)).toMatchObject({ exchange: 32, flags: FLAG.encryption });
  });

  it('a decrypted quick mode chain is written again octet for octet', () => {
    const body = packet(/^decrypted quick mode/);
    const { payloads, length } = decodePayloads(8, body);
    expect(payloads.map(({ kind }) => kind)).toEqual(['hash', 'sa', 'nonce', 'ke', 'id', 'id']);
    expect(encodePayloads(payloads).octets).toEqual(body.subarray(0, length));
  });

  it('one of DOI 0 with a reserved field of 12345 is refused, its IP and UDP are not', () => {
    const octets = packet(/^IP\/UDP\/ISAKMP/);
    const outer = decodeIpv4(octets);
    const datagram = decodeUdp(outer.payload, outer);
    expect(datagram.checksum).toBe('good');
    expect(encodeIpv4({ ...outer, payload: encodeUdp(datagram, outer) })).toEqual(octets);
    expect(() => decodeMessage(datagram.payload)).toThrow(expect.objectContaining({ fault: 'doi' }));
    const isakmp = datagram.payload.slice();
    isakmp[35] = 1;
    expect(() => decodeMessage(isakmp)).toThrow(
      expect.objectContaining({ fault: 'reserved', path: 'message/payload[0]/proposal[0]/transform[1]' }),
    );
  });
});

describeShared('messages that ike-scan decodes', () => {
  interface Case {
    readonly file: string;
    readonly hex: string;
    readonly non_esp_marker: boolean;
    readonly expected_decode: readonly string[];
  }
  const { cases } = sharedJson<{ readonly cases: readonly Case[] }>('vectors/pcap/ike-scan/expected-decode.json');

  const ATTRIBUTES: Readonly<Record<number, readonly [string, Readonly<Record<number, string>>]>> = {
    [OAKLEY_ATTRIBUTE.encryption]: ['Enc', { 5: '3DES' }],
    [OAKLEY_ATTRIBUTE.hash]: ['Hash', { 2: 'SHA1' }],
    [OAKLEY_ATTRIBUTE.authentication]: ['Auth', { 1: 'PSK', 3: 'RSA_Sig' }],
    [OAKLEY_ATTRIBUTE.groupDescription]: ['Group', { 2: '2:modp1024' }],
    [OAKLEY_ATTRIBUTE.lifeType]: ['LifeType', { 1: 'Seconds' }],
  };

  /** One line of ike-scan's output, as far as it says what is on the wire. */
  function line(payload: DecodedPayload): string {
    switch (payload.kind) {
      case 'sa': {
        const attributes = payload.proposals.flatMap(({ transforms }) => transforms.flatMap((t) => t.attributes));
        return `SA=(${attributes.map(attributeText).join(' ')})`;
      }
      case 'vendor-id':
        return `VID=${toHex(payload.data)}`;
      case 'ke':
        return `KeyExchange(${payload.data.length} bytes)`;
      case 'nonce':
        return `Nonce(${payload.data.length} bytes)`;
      case 'hash':
        return `Hash(${payload.data.length} bytes)`;
      case 'signature':
        return `Signature(${payload.data.length} bytes)`;
      case 'cert':
        expect(payload.encoding).toBe(4);
        return `Certificate(Type=X.509 Certificate - Signature, Length=${payload.data.length} bytes)`;
      case 'id':
        expect(payload.idType).toBe(ID_TYPE.ipv4Address);
        return `ID(Type=ID_IPV4_ADDR, Value=${formatAddress(payload.data)})`;
      case 'notification':
        return `Notify message ${payload.notifyType}`;
      default:
        return payload.kind;
    }
  }

  function attributeText(attribute: { readonly type: number; readonly value: number | Uint8Array }): string {
    const { type, value } = attribute;
    if (type === OAKLEY_ATTRIBUTE.lifeDuration) {
      const text = typeof value === 'number' ? `=${value}` : `(${value.length})=0x${toHex(value)}`;
      return `LifeDuration${text}`;
    }
    const [name, values] = ATTRIBUTES[type] ?? [String(type), {}];
    return `${name}=${values[attributeNumber(attribute) ?? 0]}`;
  }

  it.each(cases)('$file', ({ hex, non_esp_marker, expected_decode }) => {
    const octets = fromHex(hex).subarray(non_esp_marker ? 4 : 0);
    const expected = expected_decode.join('\n');
    if (/IKEv2/.test(expected)) {
      expect(() => decodeMessage(octets)).toThrow(expect.objectContaining({ fault: 'major-version' }));
      return;
    }
    const { header, payloads } = decodeMessage(octets);
    expect(expected).toContain(`CKY-R=${toHex(header.responderCookie)}`);
    if (header.messageId !== 0) expect(expected).toContain(`msgid=${header.messageId.toString(16).padStart(8, '0')}`);
    for (const payload of payloads) expect(expected).toContain(line(payload));
    expect(encodeMessage(header, payloads)).toEqual(octets);
  });

  /** What ike-scan sends on purpose, to see who minds. */
  const refused: Readonly<Record<string, string>> = {
    'pkt-custom-proposal.dat': 'reserved',
    'pkt-ikev2.dat': 'major-version',
    'pkt-v2-notify-response.dat': 'major-version',
    'pkt-v2-sainit-response.dat': 'major-version',
  };

  it.each(readdirSync(sharedUrl('vectors/pcap/ike-scan')).filter((file) => file.endsWith('.dat')))(
    '%s is written again octet for octet, or refused',
    (file) => {
      const whole = sharedFile(`vectors/pcap/ike-scan/${file}`);
      const octets = Uint8Array.from(whole.subarray(classifyUdpEncapsulated(whole) === 'ike' ? 4 : 0));
      const fault = refused[file];
      if (fault !== undefined) {
        expect(() => decodeMessage(octets)).toThrow(expect.objectContaining({ name: 'DecodeError', fault }));
        return;
      }
      const { header, payloads } = decodeMessage(octets);
      expect(encodeMessage(header, payloads)).toEqual(octets);
    },
  );
});

describeShared('main mode exchanges of Openswan with NAT-T', () => {
  const { sets } = sharedJson<{
    readonly sets: readonly { readonly name: string; readonly messages: readonly RecordedMessage[] }[];
  }>('vectors/ike-psk/ikev1-rsasig-openswan.json');

  it.each(sets)('$name: payload types and NAT-D values are as listed, and are written again', ({ messages }) => {
    for (const { hex, payload_types, nat_d } of messages) {
      const octets = fromHex(hex);
      const header = decodeHeader(octets);
      if (header.flags & FLAG.encryption) continue;
      const { payloads } = decodeMessage(octets);
      expect(payloads.map(payloadType)).toEqual(payload_types);
      expect(payloads.flatMap((payload) => (payload.kind === 'nat-d' ? [toHex(payload.hash)] : []))).toEqual(
        nat_d ?? [],
      );
      expect(encodeMessage(header, payloads)).toEqual(octets);
    }
  });
});

describeShared('packets that strongSwan, libreswan, vpnc and Linux sent', () => {
  const folders = readdirSync(sharedUrl('captures'));

  it.each(folders)('%s: every IP, UDP, ICMP and clear ISAKMP is written again octet for octet', (folder) => {
    let packets = 0;
    for (const file of readdirSync(sharedUrl(`captures/${folder}`)).filter((name) => name.endsWith('.pcap'))) {
      const { linkType, frames } = readCapture(sharedFile(`captures/${folder}/${file}`));
      for (const frame of frames) {
        const octets = new Uint8Array(frame.subarray(linkHeaderOctets(linkType)));
        if (octets[0] === undefined || ![4, 6].includes(octets[0] >> 4)) continue;
        packets++;
        octets[0] >> 4 === 6 ? checkIpv6(octets) : checkIpv4(octets);
      }
    }
    expect(packets).toBeGreaterThan(0);
  });

  function checkIpv6(octets: Uint8Array): void {
    const packet = decodeIpv6(octets);
    expect(encodeIpv6(packet)).toEqual(octets);
    if (packet.nextHeader === PROTOCOL.udp) checkUdp(packet.payload, packet);
  }

  function checkIpv4(octets: Uint8Array): void {
    const packet = decodeIpv4(octets);
    expect(packet.headerChecksumOk).toBe(true);
    expect(encodeIpv4(packet)).toEqual(octets);
    if (packet.fragmentOffset > 0 || packet.moreFragments) return;
    if (packet.protocol === PROTOCOL.icmp) expect(encodeIcmp(decodeIcmp(packet.payload))).toEqual(packet.payload);
    if (packet.protocol === PROTOCOL.udp) checkUdp(packet.payload, packet);
  }

  function checkUdp(
    octets: Uint8Array,
    addresses: { readonly source: Uint8Array; readonly destination: Uint8Array },
  ): void {
    const datagram = decodeUdp(octets, addresses);
    if (datagram.checksum === 'good') expect(encodeUdp(datagram, addresses)).toEqual(octets);
    const { sourcePort, destinationPort, payload } = datagram;
    if (sourcePort !== 500 && destinationPort !== 500) return;
    for (const message of splitOrNone(payload)) {
      if (decodeHeader(message).flags & FLAG.encryption) continue;
      const { header, payloads } = decodeMessage(message);
      expect(encodeMessage(header, payloads)).toEqual(message);
    }
  }

  /** None for IKEv2. */
  function splitOrNone(datagram: Uint8Array): readonly Uint8Array[] {
    return (datagram[17] ?? 0) >> 4 === 1 ? splitMessages(datagram) : [];
  }
});
