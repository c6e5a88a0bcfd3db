import { ahSuite, espSuite } from '@espalier/crypto';
import type { ProtectionBundle } from '@espalier/ike';
import { ip, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { checkNewPolicy } from '../../src/check-config.ts';
import type { Protection } from '../../src/index.ts';
import { Bed, STATISTICS, seedConfig } from '../support/bed.ts';

const AH = 51;
const sha1 = ahSuite('hmac-sha1-96');
const aes = espSuite('aes-128-cbc/hmac-sha1-96');

const BUNDLES: readonly (readonly [string, ProtectionBundle, string, readonly ('esp' | 'ah')[]])[] = [
  ['AH', { ah: [sha1] }, 'AH hmac-sha1-96', ['ah']],
  ['AH around ESP', { esp: [aes], ah: [sha1] }, 'aes-128-cbc/hmac-sha1-96, AH hmac-sha1-96', ['esp', 'ah']],
];

function bedOf(bundle: ProtectionBundle, protect: Partial<Protection> = {}): Bed {
  return new Bed({ protect: { suites: [], bundles: [bundle], ...protect } });
}

describe('what IKE agrees on for a policy', () => {
  it.each(BUNDLES)(
    'may be %s: packets go through it both ways, and through its successor',
    (_, bundle, suite, protocols) => {
      const bed = bedOf(bundle, { lifetime: seconds(600), esn: true });
      bed.ping('R2', 1);
      bed.run(seconds(1));
      bed.ping('R3', 2);
      bed.run(seconds(590));
      bed.ping('R2', 3);
      bed.run(seconds(1));
      expect([bed.pings('R3'), bed.pings('R2')]).toEqual([[1, 3], [2]]);
      const { gateway, events } = bed.site('R2');
      const established = events.filter((event) => event.kind === 'ipsec-established');
      expect(established.map((event) => event.suite)).toEqual(established.map(() => suite));
      expect(established.length).toBeGreaterThan(1);
      expect(gateway.ipsecSas()[0]?.sas.outbound.map(({ protocol }) => protocol)).toEqual(protocols);
      const esp = protocols.includes('esp') ? 2 : 0;
      expect(gateway.statistics(STATISTICS)).toMatchObject({
        espEncryptedPackets: esp,
        ahOutputPackets: 2,
        ahInputPackets: 1,
      });
    },
  );

  it.each(BUNDLES)('may be %s, which is what is on the wire, and is deleted at both ends', (_, bundle) => {
    const bed = bedOf(bundle);
    bed.ping('R2', 1);
    bed.run(seconds(1));
    const protocols = bed.sent.map(({ octets }) => ip.protocol(octets, 0, octets.length));
    expect(protocols.filter((protocol) => protocol !== 17)).toEqual([AH]);
    bed.site('R2').gateway.close(bed.now);
    bed.drain();
    bed.run(seconds(1));
    expect(bed.site('R3').gateway.ipsecSas()).toEqual([]);
  });

  it('is what both have: AH is left where the other end has ESP alone', () => {
    const bed = new Bed({
      R2: { protect: { suites: [aes], bundles: [{ ah: [sha1] }] } },
      R3: { protect: { suites: [aes] } },
    });
    bed.ping('R2', 1);
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([1]);
    expect(bed.site('R2').gateway.ipsecSas()).toMatchObject([{ suite: { name: aes.name } }]);
  });

  it('is nothing that protects nothing', () => {
    const { peers, policies } = seedConfig('R2');
    const [policy] = policies;
    const bad = (bundles: unknown) => () =>
      checkNewPolicy({ ...policy, action: { ...policy?.action, bundles } } as never, {
        peers: new Map(peers.map((peer) => [peer.name, peer])),
        protectors: new Map(),
        manual: { engine: { supports: () => true }, outside: 'ip', allowLegacy: [] },
      });
    expect(bad([{ ipcomp: 'deflate' }])).toThrow('policy.action.bundles[0]: ');
    expect(bad([])).toThrow('policy.action.bundles: ');
    expect(bad('ah')).toThrow('policy.action.bundles: ');
  });
});
