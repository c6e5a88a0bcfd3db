import type { IkeEndpoint } from '@espalier/ike';
import { fromHex } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedFile, sharedJson } from '../../../../test/shared.ts';
import tcpdump from '../../../../test/vectors/tcpdump/malformed-datagrams.json' with { type: 'json' };
import zeek from '../../../../test/vectors/zeek/malformed-datagrams.json' with { type: 'json' };
import { Forger } from '../support/forger.ts';
import { R2, R3, START } from '../support/pair.ts';

/** IP payloads of the packets of captures; of UDP, what is in it. */
interface Datagrams {
  readonly captures: readonly { readonly file: string; readonly packets: readonly { readonly payload?: string }[] }[];
}

/** One endpoint in each situation that a message can meet. */
function endpoints(): readonly IkeEndpoint[] {
  const fresh = new Forger();
  const halfOpen = new Forger();
  halfOpen.send(halfOpen.start().octets);
  const keyed = new Forger();
  keyed.send(keyed.mainMode(2).octets);
  const established = new Forger();
  established.establish();
  return [fresh, halfOpen, keyed, established].map(({ endpoint }) => endpoint);
}

/** Hands octets to every endpoint: nothing may throw, and no SA may come of it. */
function feed(targets: readonly IkeEndpoint[], octets: Uint8Array): void {
  for (const endpoint of targets) {
    const matured = endpoint.ikeSas().filter(({ state }) => state === 'ready').length;
    endpoint.handleDatagram(START, R2, R3, octets);
    while (endpoint.pollTransmit() !== undefined);
    while (endpoint.pollEvent() !== undefined);
    expect(endpoint.ikeSas().filter(({ state }) => state === 'ready')).toHaveLength(matured);
    expect(endpoint.children()).toEqual([]);
  }
}

function feedAll({ captures }: Datagrams): number {
  const targets = endpoints();
  const payloads = captures.flatMap(({ packets }) => packets.flatMap(({ payload }) => payload ?? []));
  for (const payload of payloads) feed(targets, fromHex(payload));
  return payloads.length;
}

describe('what broke other implementations', () => {
  it.each<[string, Datagrams]>([
    ['tcpdump', tcpdump],
    ['zeek', zeek],
  ])('is refused or ignored: the malformed captures of %s', (_name, datagrams) => {
    expect(feedAll(datagrams)).toBeGreaterThan(0);
  });

  it.skipIf(!hasShared)(
    'is refused or ignored: the messages of six CVEs, and the captures of libreswan and suricata',
    () => {
      const { cases } = sharedJson<{ cases: readonly { hex: string }[] }>('vectors/malformed/ike-messages.json');
      const targets = endpoints();
      for (const { hex } of cases) feed(targets, fromHex(hex));
      feed(targets, sharedFile('vectors/malformed/ike-scan/pkt-malformed.dat'));
      for (const from of ['libreswan', 'suricata']) feedAll(sharedJson(`vectors/malformed/${from}/datagrams.json`));
    },
  );

  it.skipIf(!hasShared)('as is what other implementations said to each other', () => {
    for (const from of ['libreswan', 'suricata', 'scapy', 'tcpdump']) {
      expect(feedAll(sharedJson(`vectors/pcap/${from}/datagrams.json`))).toBeGreaterThan(0);
    }
  });
});

describe('octets by chance', () => {
  it('are refused, whatever they are', () => {
    const targets = endpoints();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => feed(targets, octets)),
      { numRuns: 300 },
    );
  });

  it('after a header that is right are refused too', () => {
    const targets = endpoints();
    const cookies = targets.map((endpoint) => {
      const [sa] = endpoint.ikeSas();
      return fromHex(`${sa?.initiatorCookie ?? '01'.repeat(8)}${sa?.responderCookie ?? '00'.repeat(8)}`);
    });
    const header = fc.record({
      cookies: fc.constantFrom(...cookies),
      next: fc.nat(22),
      exchange: fc.constantFrom(2, 4, 5, 6, 32, 33),
      encrypted: fc.boolean(),
      messageId: fc.constantFrom(0, 1, 0xffffffff),
    });
    fc.assert(
      fc.property(
        header,
        fc.uint8Array({ maxLength: 50 }),
        ({ next, exchange, encrypted, messageId, ...of }, random) => {
          const body = random.slice(0, random.length - (random.length % 8));
          const message = new Uint8Array(28 + body.length);
          message.set(of.cookies);
          message.set([next, 0x10, exchange, encrypted ? 1 : 0], 16);
          new DataView(message.buffer).setUint32(20, messageId);
          new DataView(message.buffer).setUint32(24, message.length);
          message.set(body, 28);
          feed(targets, message);
        },
      ),
      { numRuns: 600 },
    );
  });
});
