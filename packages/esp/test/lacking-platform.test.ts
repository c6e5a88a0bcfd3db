import { randomFillSync } from 'node:crypto';
import { createDhKeyPair, DH_GROUPS, type DhGroupNumber, ESP_SUITES, nobleEngine } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { InboundSa, OutboundSa, PacketPool } from '@espalier/esp';
import { encodeIpv4, instant, PROTOCOL, parseAddress, spi } from '@espalier/wire';
import { describe, expect, it, vi } from 'vitest';

// As Deno's: fewer ciphers than OpenSSL has, and a curve that is named and refused.
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  const refuse = (name: string): never => {
    throw new Error(`Unknown ${name}`);
  };
  return {
    ...crypto,
    getCiphers: () => ['aes-128-cbc'],
    createCipheriv: (name: string, key: Uint8Array, iv: Uint8Array) =>
      name === 'aes-128-cbc' ? crypto.createCipheriv(name, key, iv) : refuse(name),
    createDecipheriv: (name: string, key: Uint8Array, iv: Uint8Array) =>
      name === 'aes-128-cbc' ? crypto.createDecipheriv(name, key, iv) : refuse(name),
    createECDH: (name: string) => (name === 'prime256v1' ? crypto.createECDH(name) : refuse(name)),
  };
});

const rng = { fill: randomFillSync };
const inner = encodeIpv4({
  source: parseAddress('10.1.0.1'),
  destination: parseAddress('10.2.0.1'),
  protocol: PROTOCOL.udp,
  payload: new Uint8Array(1400),
});

describe('where node:crypto lacks ciphers and curves', () => {
  it.each(ESP_SUITES.filter((suite) => suite.name.startsWith('aes-') || suite.integrity.startsWith('aes-')))(
    'the engine for Node seals by $name all the same',
    (suite) => {
      const key = (octets: number) => randomFillSync(new Uint8Array(octets));
      const { encryptionKeyOctets, saltOctets, integrityKeyOctets } = suite;
      const keys = { encryption: key(encryptionKeyOctets), salt: key(saltOctets), integrity: key(integrityKeyOctets) };
      const engine = nodeEngine();
      expect(engine.supports(suite)).toBe(true);
      const outbound = new OutboundSa({ engine, suite, spi: spi(0x1000), keys, rng });
      const inbound = new InboundSa({ engine: nobleEngine(), suite, spi: spi(0x1000), keys });
      const batch = new PacketPool(engine, { slots: 4 }).createBatch(4);
      while (batch.add(inner)) {}
      outbound.sealBatch(instant(0), batch);
      for (const packet of batch) {
        const opened = inbound.openInto(instant(0), packet.octets, new Uint8Array(packet.octets.length));
        expect(opened.ok && opened.octets.subarray(0, opened.length)).toEqual(inner);
      }
    },
  );

  it.each(Object.values(DH_GROUPS).filter(({ name }) => name.startsWith('ecp')))('agrees by $name', ({ number }) => {
    const group: DhGroupNumber = number;
    const ours = nodeEngine().createDhKeyPair(group, rng);
    const theirs = createDhKeyPair(group, rng);
    expect(ours.agree(theirs.publicValue)).toEqual(theirs.agree(ours.publicValue));
  });
});
