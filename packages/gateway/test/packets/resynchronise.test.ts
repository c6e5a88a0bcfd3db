import { type EspKeys, espSuite, nobleEngine } from '@espalier/crypto';
import { OutboundSa, type Resynchronisation } from '@espalier/esp';
import { encodeIpv4, parseAddress, type Spi, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { Bed, gatewayAddress, hostAddress } from '../support/bed.ts';

const SUITE = 'aes-128-cbc/hmac-sha1-96';
const RESYNCHRONISE: Resynchronisation = { failures: 3, attempts: 4 };

/** Two gateways with an SA of ESN, and what the western one would send after 2^33 packets that are lost. */
function afterLoss(resynchronise: Resynchronisation | undefined) {
  let sa: { readonly spi: Spi; readonly keys: EspKeys } | undefined;
  const bed = new Bed({
    suite: SUITE,
    protect: { esn: true, ...(resynchronise && { resynchronise }) },
    options: {
      keyLog: (entry) => {
        if (entry.kind !== 'esp' || entry.destination !== gatewayAddress('R3')) return;
        const { encryption, salt, integrity } = entry.keys;
        const keys = { encryption: encryption.slice(), salt: salt.slice(), integrity: integrity.slice() };
        sa = { spi: entry.spi, keys };
      },
    },
  });
  bed.ping('R2', 0);
  bed.run(seconds(1));
  if (sa === undefined) throw new Error('no SA was made');
  const late = new OutboundSa({
    engine: nobleEngine(),
    suite: espSuite(SUITE),
    ...sa,
    rng: seededRng(4),
    esn: true,
    firstSequence: 2n ** 33n + 5000n,
    outer: { source: gatewayAddress('R2'), destination: gatewayAddress('R3') },
  });
  const inner = encodeIpv4({
    source: parseAddress(hostAddress('R2')),
    destination: parseAddress(hostAddress('R3')),
    protocol: 17,
    payload: new Uint8Array(30),
  });
  return Array.from({ length: 6 }, () => {
    const sealed = late.sealInto(bed.now, inner, new Uint8Array(300));
    if (!sealed.ok) throw new Error(sealed.reason);
    return bed.site('R3').gateway.handleOutside(bed.now, sealed.octets).ok;
  });
}

describe('a policy that lets SAs find the other end again (RFC 4303 Appendix A3)', () => {
  it('takes the third packet after 2^32 lost ones or more, and all that follow', () => {
    expect(afterLoss(RESYNCHRONISE)).toEqual([false, false, true, true, true, true]);
    expect(afterLoss(undefined)).toEqual(Array(6).fill(false));
  });

  it('is checked with the configuration', () => {
    const make = (protect: object) => new Bed({ suite: SUITE, protect });
    for (const [resynchronise, message] of [
      [{ failures: 0, attempts: 1 }, 'resynchronise.failures'],
      [{ failures: 1, attempts: 257 }, 'resynchronise.attempts'],
      [{ failures: 1, attempts: 1, tries: 1 }, 'resynchronise.tries: there is no such member'],
      [null, 'resynchronise: must be an object'],
    ] as const) {
      expect(() => make({ esn: true, resynchronise })).toThrow(message);
    }
    expect(() => make({ resynchronise: RESYNCHRONISE })).toThrow('resynchronise: is for esn');
  });
});
