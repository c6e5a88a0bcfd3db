import { PcapngWriter } from '@espalier/capture';
import { type EspSuite, espSuite } from '@espalier/crypto';
import { autoEngine } from '@espalier/crypto/node';
import { OutboundSa } from '@espalier/esp';
import { concat, encodeIpv4, instant, PROTOCOL, parseAddress, spi, toHex } from '@espalier/wire';

const suite: EspSuite = espSuite('aes-128-gcm-16');
const ends = { source: parseAddress('192.0.2.1'), destination: parseAddress('192.0.2.2') };
const insides = { source: parseAddress('10.1.0.1'), destination: parseAddress('10.2.0.1') };

/** A capture of so many packets of ESP through one SA, and its keys as a table. */
export function largeCapture(packets: number): readonly [capture: Uint8Array, keys: Uint8Array] {
  const keys = {
    encryption: new Uint8Array(suite.encryptionKeyOctets).fill(7),
    salt: new Uint8Array(suite.saltOctets).fill(9),
    integrity: new Uint8Array(0),
  };
  const keyText = `0x${toHex(concat(keys.encryption, keys.salt))}`;
  const line = `"IPv4","*","*","0x1000","AES-GCM with 16 octet ICV [RFC4106]","${keyText}","NULL",""`;
  const rng = { fill: (octets: Uint8Array) => octets.fill(1) };
  const sa = new OutboundSa({ engine: autoEngine().engine, suite, spi: spi(0x1000), keys, rng });
  const inner = encodeIpv4({ ...insides, protocol: PROTOCOL.udp, payload: new Uint8Array(40) });
  const sealed = new Uint8Array(sa.sealedOctets(inner.length));
  const writer = new PcapngWriter();
  const blocks: Uint8Array[] = [writer.beginning()];
  for (let i = 0; i < packets; i++) {
    const result = sa.sealInto(instant(0), inner, sealed);
    if (!result.ok) throw new Error(result.reason);
    const octets = encodeIpv4({ ...ends, protocol: PROTOCOL.esp, payload: result.octets.subarray(0, result.length) });
    blocks.push(writer.frame({ time: 1e9 + i / 1000, octets }));
  }
  return [Buffer.concat(blocks), Buffer.from(line)];
}
