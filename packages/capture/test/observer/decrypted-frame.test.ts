import { espSuite, nobleEngine } from '@espalier/crypto';
import { OutboundSa } from '@espalier/esp';
import { encodeIpv4, encodeIpv6, encodeUdp, instant, PROTOCOL, parseAddress, spi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { decryptedFrame, Observer, PcapngWriter, readCapture, readKeys } from '../../src/index.ts';
import { innerPacket, ipv4, observed, ringOf, testSession } from '../support/session.ts';

const suite = espSuite('aes-128-cbc/hmac-sha1-96');
const keys = { encryption: new Uint8Array(16), integrity: new Uint8Array(20), salt: new Uint8Array(0) };
const hex = '00'.repeat(16);
const ring = readKeys([
  {
    name: 'esp_sa',
    text: `"ANY","*","*","0x1000","AES-CBC [RFC3602]","0x${hex}","HMAC-SHA-1-96 [RFC2404]","0x${hex}00000000"`,
  },
]);
const payload = encodeUdp({ sourcePort: 1701, destinationPort: 1701, payload: new Uint8Array(9) }, undefined);

/** Of a packet that goes in transport mode. */
function sealed(packet: Uint8Array): Uint8Array {
  const rng = { fill: (out: Uint8Array) => out };
  const sa = new OutboundSa({ engine: nobleEngine(), suite, keys, spi: spi(0x1000), mode: 'transport', rng });
  const result = sa.sealInto(instant(0), packet, new Uint8Array(packet.length + 100));
  if (!result.ok) throw new Error(result.reason);
  return result.octets.slice(0, result.length);
}

function frameOf(octets: Uint8Array, time: number) {
  const [observation] = new Observer({ keys: ring }).push({ number: 7, time, linkType: 101, octets });
  return observation && decryptedFrame(observation);
}

describe('what was decrypted, as frames', () => {
  it('is the packets that a tunnel carried, and nothing for messages of IKE', () => {
    const session = testSession();
    const { observations } = observed(session.sent.map(ipv4), { keys: ringOf(session) });
    const writer = new PcapngWriter();
    const blocks = observations.flatMap((one) => decryptedFrame(one) ?? []).map((frame) => writer.frame(frame));
    const { frames } = readCapture(new Uint8Array([writer.beginning(), ...blocks].flatMap((part) => [...part])));
    expect(frames.map(({ octets }) => octets)).toEqual([0, 1].flatMap((n) => [innerPacket(0, n), innerPacket(1, n)]));
  });

  it.each([
    [
      'IPv4',
      encodeIpv4({
        ...{ source: parseAddress('192.0.2.1'), destination: parseAddress('192.0.2.2') },
        ...{ protocol: PROTOCOL.udp, payload },
      }),
    ],
    [
      'IPv6',
      encodeIpv6({
        ...{ source: parseAddress('2001:db8::1'), destination: parseAddress('2001:db8::2') },
        ...{ trafficClass: 0, flowLabel: 0, hopLimit: 64, nextHeader: PROTOCOL.udp, payload },
      }),
    ],
  ])('is whole again of transport mode over %s', (_, packet) => {
    expect(frameOf(sealed(packet), 5)).toEqual({ time: 5, octets: packet, comment: 'frame 7, SPI 0x00001000' });
  });

  it('has a time that a capture can hold, whatever the file says', () => {
    const packet = encodeIpv4({
      ...{ source: parseAddress('192.0.2.1'), destination: parseAddress('192.0.2.2') },
      ...{ protocol: PROTOCOL.udp, payload },
    });
    expect([-1, 1.7e15, 1e300].map((time) => frameOf(sealed(packet), time)?.time)).toEqual([0, 0, 0]);
  });

  it('is nothing where nothing was opened', () => {
    const session = testSession();
    expect(observed(session.sent.map(ipv4)).observations.flatMap((one) => decryptedFrame(one) ?? [])).toEqual([]);
  });
});
