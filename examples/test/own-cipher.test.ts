import { nobleEngine, withOwnSuites } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { wasmEngine } from '@espalier/crypto/wasm';
import { InboundSa, OutboundSa } from '@espalier/esp';
import { fromHex, instant, spi, toHex } from '@espalier/wire';
import { expect, it, vi } from 'vitest';
import { BLOWFISH_SUITE } from '../src/own-cipher/blowfish.ts';

/** Keys, and what scapy 2.5 sealed with them: an IV of a0 a1 ... a7, the sequence number 1. */
const KEYS = {
  encryption: Uint8Array.from({ length: 16 }, (_, i) => i),
  salt: new Uint8Array(0),
  integrity: Uint8Array.from({ length: 20 }, (_, i) => 32 + i),
};
const INNER = '4500002f00010000401122b90a010c020a01380103e807d0001bf833657370616c696572206f776e20636970686572';
const SEALED =
  '0000245100000001a0a1a2a3a4a5a6a722416e570fa22db8971f1a3007242318b8e36b38eebaf5e7315a7314098dccd3' +
  'eac1a1e96e7e8765ef827e089816a656f7d86994ee3b013b3ab76b764f37e30c8ca3fda8';

it.each([nobleEngine(), wasmEngine(), nodeEngine()].map((engine) => [engine.name, withOwnSuites(engine)] as const))(
  'Blowfish-CBC of another package is Blowfish-CBC as scapy has it, on %s',
  (_, engine) => {
    const common = { engine, suite: BLOWFISH_SUITE, keys: KEYS, spi: spi(0x2451) };
    const inbound = new InboundSa(common);
    const packet = fromHex(SEALED);
    const opened = inbound.openInto(instant(0), packet, new Uint8Array(packet.length));
    expect(opened.ok && toHex(opened.octets)).toBe(INNER);
    const counting = {
      fill: (out: Uint8Array) =>
        out.forEach((__, i) => {
          out[i] = 0xa0 + (i % 8);
        }),
    };
    const outbound = new OutboundSa({ ...common, rng: counting });
    const sealed = outbound.sealInto(instant(0), fromHex(INNER), new Uint8Array(200));
    expect(sealed.ok && toHex(sealed.octets)).toBe(SEALED);
  },
);

it('the program opens what it sealed', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../src/own-cipher.ts');
  const lines = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  expect(lines[0]).toBe('blowfish-128-cbc/hmac-sha1-96: 40 octets');
  expect(lines.at(-1)).toBe('the same packet');
});
