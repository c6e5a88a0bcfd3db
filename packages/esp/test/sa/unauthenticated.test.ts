import { type EspSuite, UNAUTHENTICATED_SUITES } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { wasmEngine } from '@espalier/crypto/wasm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Packet } from '../support/packets.ts';
import { ENGINE, inboundSa, NOW, open, outboundSa, seal } from '../support/sas.ts';

const ALLOWED = { allowUnauthenticated: true };
const GRID = [ENGINE, wasmEngine(), nodeEngine()].flatMap((engine) =>
  UNAUTHENTICATED_SUITES.filter((suite) => engine.supports(suite)).map((suite) => ({
    engine,
    suite,
    name: `${suite.name} on ${engine.name}`,
  })),
);
const TRIPLE: EspSuite = UNAUTHENTICATED_SUITES.find(({ name }) => name === '3des-cbc/none') ?? expect.unreachable();

describe('encryption without integrity', () => {
  it.each(GRID)('brings packets through where it is asked for, and has no ICV: $name', ({ engine, suite }) => {
    const outbound = outboundSa(suite, { engine, ...ALLOWED });
    const inbound = inboundSa(suite, { ...ALLOWED });
    const packet = ipv4Packet(100);
    const sealed = seal(outbound, packet);
    expect((sealed.length - 8 - suite.ivOctets) % suite.cipherBlockOctets).toBe(0);
    expect(sealed.length).toBe(outbound.sealedOctets(packet.length));
    expect(sealed.length - packet.length).toBeLessThan(8 + 2 * suite.cipherBlockOctets + 2);
    expect(open(inbound, sealed)).toEqual(packet);
  });

  it('is refused unless it is asked for, by both directions and whoever made the suite', () => {
    for (const suite of [...UNAUTHENTICATED_SUITES, { ...TRIPLE, unauthenticated: false }]) {
      const message = `suite: ${suite.name} authenticates nothing, which only allowUnauthenticated takes`;
      for (const make of [outboundSa, inboundSa]) {
        expect(() => make(suite)).toThrow(TypeError);
        expect(() => make(suite)).toThrow(message);
        expect(() => make(suite, { allowUnauthenticated: false })).toThrow(message);
      }
    }
  });

  it('has no anti-replay service and no extended sequence numbers (RFC 4303 §1, §2.2.1)', () => {
    expect(inboundSa(TRIPLE, ALLOWED).replayWindow).toBe('off');
    expect(() => inboundSa(TRIPLE, { ...ALLOWED, replayWindow: 64 })).toThrow('3des-cbc/none has no replayWindow');
    expect(() => inboundSa(TRIPLE, { ...ALLOWED, esn: true })).toThrow('esn: needs authentication');
    expect(() => outboundSa(TRIPLE, { ...ALLOWED, esn: true })).toThrow('esn: needs authentication');
    const inbound = inboundSa(TRIPLE, ALLOWED);
    const sealed = seal(outboundSa(TRIPLE, ALLOWED), ipv4Packet(20));
    expect([open(inbound, sealed), open(inbound, sealed)]).toEqual([ipv4Packet(20), ipv4Packet(20)]);
  });

  it('delivers or refuses a packet that was changed on its way, and never throws', () => {
    const inbound = inboundSa(TRIPLE, ALLOWED);
    const sealed = seal(outboundSa(TRIPLE, ALLOWED), ipv4Packet(60));
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(fc.integer({ min: 8, max: sealed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const packet = sealed.with(at, (sealed[at] ?? 0) ^ change);
        const result = inbound.openInto(NOW, packet, new Uint8Array(packet.length));
        outcomes.add(result.ok ? 'delivered' : result.reason);
      }),
      { numRuns: 500 },
    );
    expect([...outcomes].sort()).toEqual(expect.arrayContaining(['bad-inner', 'bad-padding', 'delivered']));
  });
});
