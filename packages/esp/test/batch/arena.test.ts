import { type Engine, espSuite } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { wasmEngine } from '@espalier/crypto/wasm';
import { InboundSa, OutboundSa, PacketPool } from '@espalier/esp';
import { describe, expect, it, test } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { ipv4Packet } from '../support/packets.ts';
import { keysFor, NOW, SPI, SUITES } from '../support/sas.ts';

const ENGINES: readonly (readonly [string, (arenaOctets?: number) => Engine])[] = [
  ['wasm', (arenaOctets) => wasmEngine(arenaOctets === undefined ? {} : { arenaOctets })],
  ['node', (arenaOctets) => nodeEngine(arenaOctets === undefined ? {} : { arenaOctets })],
];

const ON_THE_HEAP = /^camellia/;
/** A MAC of AES has a key schedule of its own, and subkeys. */
const WITH_AES_MAC = /aes-(?:xcbc|cmac)-96$/;

/** What a gateway takes for its packets by default. */
const SLOTS = 256;

function pairOf(engine: Engine, suite: string): readonly [OutboundSa, InboundSa] {
  const options = { engine, suite, keys: keysFor(espSuite(suite)), spi: SPI };
  return [new OutboundSa({ ...options, rng: seededRng(1) }), new InboundSa(options)];
}

describe.each(ENGINES)('the arena of %s', (_, create) => {
  it('has room, with default options, for a hundred gateways with a dozen tunnel ends each', () => {
    const engine = create();
    const pools = Array.from({ length: 100 }, () => new PacketPool(engine, { slots: SLOTS }));
    const pairs = pools.flatMap(() => Array.from({ length: 12 }, () => pairOf(engine, '3des-cbc/hmac-sha1-96')));
    for (const pool of [pools[0], pools.at(-1)]) {
      const batch = pool?.createBatch(4);
      const [outbound, inbound] = pairs.at(-1) ?? [];
      if (batch === undefined || outbound === undefined || inbound === undefined) throw new Error('nothing there');
      for (let i = 0; i < 4; i++) batch.add(ipv4Packet(40));
      expect(outbound.sealBatch(NOW, batch)).toBe(4);
      const sealed = Array.from(batch, (packet) => packet.octets.slice());
      batch.clear();
      if (pool === pools[0]) for (const packet of sealed) batch.add(packet);
      if (pool === pools[0]) expect(inbound.openBatch(NOW, batch)).toBe(4);
    }
    for (const sas of pairs) for (const sa of sas) sa.wipe();
    for (const pool of pools) pool.release();
  });

  const suites = SUITES.filter((suite) => create().supports(suite));

  test.each(suites.map((suite) => suite.name))(
    'gives a pair of SAs with %s no more than 1 KiB, or half as much again with a MAC of AES',
    (suite) => {
      const engine = create(65_536);
      // All that is left is taken, octet for octet, then given back but for what a pair needs.
      const taken: Uint8Array[] = [];
      for (let octets = 65_536; octets >= 64; ) {
        try {
          taken.push(engine.allocate(octets));
        } catch {
          octets /= 2;
        }
      }
      // What an engine has no kernel for it computes on the heap, and takes nothing.
      if (ON_THE_HEAP.test(suite)) {
        expect(() => pairOf(engine, suite)).not.toThrow();
        return;
      }
      expect(() => pairOf(engine, suite)).toThrow(
        /^the engine's arena of \d+ octets .* raise arenaOctets by \d+ at least$/,
      );
      const limit = WITH_AES_MAC.test(suite) ? 1536 : 1024;
      const piece = taken.find((memory) => memory.length === limit) ?? taken.find((memory) => memory.length > limit);
      if (piece === undefined) throw new Error('no such piece');
      engine.release(piece);
      const rest = piece.length > limit ? engine.allocate(piece.length - limit) : undefined;
      const [outbound, inbound] = pairOf(engine, suite);
      const out = new Uint8Array(200);
      const sealed = outbound.sealInto(NOW, ipv4Packet(30), out);
      expect(sealed.ok && inbound.openInto(NOW, sealed.octets, new Uint8Array(200)).ok).toBe(true);
      outbound.wipe();
      inbound.wipe();
      if (rest !== undefined) engine.release(rest);
    },
  );
});
