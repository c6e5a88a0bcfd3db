import { ahSuite, defineSuite, ESP_SUITES, espSuite, type OwnMac, type OwnTransformNumbers } from '@espalier/crypto';
import { type ChildPolicy, IkeEndpoint } from '@espalier/ike';
import { type Attribute, IPSEC_ATTRIBUTE, type SaPayload, seconds, spi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { choosePhase2, offerPhase2 } from '../../src/v1/proposals/phase2.ts';
import { ahTransformForm, espTransformForm } from '../../src/v1/proposals/suites.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { childPolicy, Pair, peerConfig } from '../support/pair.ts';

const { keyLength, authenticationAlgorithm, extendedSequenceNumber } = IPSEC_ATTRIBUTE;
const OWN = { spi: spi(0x1234) };

/** The registry of IANA: transform, key length, authentication algorithm. */
const NUMBERS: readonly (readonly [string, number, number | undefined, number | undefined])[] = [
  ['des-cbc/hmac-md5-96', 2, undefined, 1],
  ['3des-cbc/hmac-sha1-96', 3, undefined, 2],
  ['null/hmac-sha2-256-128', 11, undefined, 5],
  ['aes-128-cbc/hmac-sha2-384-192', 12, 128, 6],
  ['aes-192-cbc/hmac-sha2-512-256', 12, 192, 7],
  ['aes-256-cbc/aes-xcbc-96', 12, 256, 9],
  ['aes-128-cbc/hmac-sha2-256-96', 12, 128, 5],
  ['aes-192-ctr/hmac-sha1-96', 13, 192, 2],
  ['aes-128-ccm-8', 14, 128, undefined],
  ['aes-192-ccm-12', 15, 192, undefined],
  ['aes-256-ccm-16', 16, 256, undefined],
  ['aes-256-gcm-8', 18, 256, undefined],
  ['aes-128-gcm-12', 19, 128, undefined],
  ['aes-192-gcm-16', 20, 192, undefined],
  ['camellia-256-cbc/hmac-sha2-256-128', 22, 256, 5],
  ['aes-128-gmac', 23, 128, undefined],
];

const AH_NUMBERS: readonly (readonly [string, number, number])[] = [
  ['hmac-md5-96', 2, 1],
  ['hmac-sha1-96', 3, 2],
  ['hmac-sha2-256-128', 5, 5],
  ['hmac-sha2-256-96', 5, 5],
  ['hmac-sha2-384-192', 6, 6],
  ['hmac-sha2-512-256', 7, 7],
  ['aes-xcbc-96', 9, 9],
];

function numberOf(attributes: readonly Attribute[], type: number): unknown {
  return attributes.find((attribute) => attribute.type === type)?.value;
}

describe('A suite is written', () => {
  it.each(NUMBERS)('as IANA has it: %s', (name, id, bits, authentication) => {
    const policy = childPolicy('R2', { suites: [espSuite(name)] });
    const offer = offerPhase2(policy, OWN);
    const [transform] = offer.proposals[0]?.transforms ?? [];
    if (transform === undefined) return expect.unreachable('there is no transform');
    expect(transform.id).toBe(id);
    expect(numberOf(transform.attributes, keyLength)).toBe(bits);
    expect(numberOf(transform.attributes, authenticationAlgorithm)).toBe(authentication);
    expect(choosePhase2(offer, policy)?.chosen).toMatchObject([{ suite: { name } }]);
    // A length for what has one length, none for what has several, and another: all are refused (RFC 2407 §4.5).
    const wrong = bits === undefined ? [64, 128] : [0, 8, bits - 1, bits ^ 384, 0xffff];
    for (const value of wrong) expect(choosePhase2(withKeyLength(offer, value), policy)).toBeUndefined();
    // AES in CBC of 128 bits needs none (RFC 3602 §5.3).
    const isUnsaid = bits === 128 && name.startsWith('aes-128-cbc/');
    expect(choosePhase2(withKeyLength(offer, undefined), policy) !== undefined).toBe(isUnsaid || bits === undefined);
    if (bits !== undefined)
      expect(choosePhase2(withKeyLength(offer, Uint8Array.of(0, 0, bits >> 8, bits)), policy)).toBeDefined();
  });

  it.each(AH_NUMBERS)('as IANA has it for AH: %s', (name, transform, authentication) => {
    expect(ahTransformForm(ahSuite(name))).toEqual({ transform, keyLength: undefined, authentication });
  });

  it('without an authentication algorithm where it has none (RFC 2407 §4.5)', () => {
    expect(espTransformForm(espSuite('3des-cbc/none'))).toEqual({
      transform: 3,
      keyLength: undefined,
      authentication: undefined,
    });
    expect(espTransformForm(espSuite('aes-256-cbc/none'))).toMatchObject({ transform: 12, keyLength: 256 });
  });

  it('so that no two are written alike but those that differ in the length of the ICV of HMAC-SHA2-256', () => {
    const written = ESP_SUITES.filter((suite) => espTransformForm(suite) !== undefined).map((suite) => ({
      name: suite.name.replace('hmac-sha2-256-96', 'hmac-sha2-256-128'),
      form: JSON.stringify(espTransformForm(suite)),
    }));
    expect(new Set(written.map(({ form }) => form)).size).toBe(new Set(written.map(({ name }) => name)).size);
  });
});

function withKeyLength(offer: SaPayload, value: number | Uint8Array | undefined): SaPayload {
  return {
    ...offer,
    proposals: offer.proposals.map((proposal) => ({
      ...proposal,
      transforms: proposal.transforms.map((transform) => {
        const others = transform.attributes.filter(({ type }) => type !== keyLength);
        return { ...transform, attributes: value === undefined ? others : [{ type: keyLength, value }, ...others] };
      }),
    })),
  };
}

/** What is negotiated is not computed. */
const OWN_MAC: OwnMac = { name: 'own-mac', keyOctets: 20, icvOctets: 12, key: () => expect.unreachable() };
const OWN_CIPHER = {
  name: 'own-cipher',
  keyOctets: 24,
  ivOctets: 8,
  iv: 'unpredictable',
  blockOctets: 8,
  key: () => expect.unreachable(),
} as const;

describe('A suite that a caller brings', () => {
  const own = (ikev1: OwnTransformNumbers) => defineSuite({ cipher: OWN_CIPHER, mac: OWN_MAC, ikev1 });

  it('is written by the numbers that it is given, and chosen as itself', () => {
    const suite = own({ transform: 250, keyLength: true, authentication: 61_440 });
    const policy = childPolicy('R2', { suites: [espSuite('aes-128-gcm-16'), suite] });
    expect(espTransformForm(suite)).toEqual({ transform: 250, keyLength: 192, authentication: 61_440 });
    const chosen = choosePhase2(offerPhase2(childPolicy('R2', { suites: [suite] }), OWN), policy)?.chosen;
    expect(chosen?.map((one) => one.suite)).toEqual([suite]);
    expect(chosen?.[0]?.suite).toBe(suite);
  });

  it('has the number of our MAC, where it is ours', () => {
    const suite = defineSuite({ cipher: OWN_CIPHER, mac: 'hmac-sha1-96', ikev1: { transform: 7 } });
    expect(espTransformForm(suite)).toEqual({ transform: 7, keyLength: undefined, authentication: 2 });
  });

  it('is negotiated, with keys as long as it wants them', () => {
    const suites = [own({ transform: 250, authentication: 61_440 })];
    const options = {
      R2: { children: [childPolicy('R2', { suites })] },
      R3: { children: [childPolicy('R3', { suites })] },
    };
    const pair = new Pair(options).initiate();
    pair.run(seconds(1));
    const [r2, r3] = pair.nodes.map((node) => node.of('child-established').at(-1)?.child.protections[0]);
    if (r2?.protocol !== 'esp' || r3?.protocol !== 'esp') return expect.unreachable('there is no child');
    expect([r2.suite, r3.suite]).toEqual([suites[0], suites[0]]);
    expect(r2.inbound.encryption).toHaveLength(24);
    expect(r2.inbound.integrity).toHaveLength(20);
    expect(r3.outbound.encryption).toEqual(r2.inbound.encryption);
  });

  it('is refused where it has no numbers', () => {
    const nameless = defineSuite({ cipher: OWN_CIPHER, mac: OWN_MAC });
    const half = own({ transform: 250 });
    for (const suite of [nameless, half]) {
      const peers = [peerConfig('R2', { children: [childPolicy('R2', { suites: [suite] })] })];
      const make = () => new IkeEndpoint({ engine: cheapEngine(), rng: seededRng(1), peers });
      expect(make).toThrow(RangeError);
      expect(make).toThrow(`suites[0]: IKEv1 cannot negotiate ${suite.name}`);
    }
  });
});

describe('Configuration', () => {
  const make = (changes: Partial<ChildPolicy>): IkeEndpoint =>
    new IkeEndpoint({
      engine: cheapEngine(),
      rng: seededRng(1),
      peers: [peerConfig('R2', { children: [childPolicy('R2', changes)] })],
    });

  it.each(ESP_SUITES.filter((suite) => espTransformForm(suite) === undefined).map(({ name }) => name))(
    'names a suite that IKEv1 has no number for: %s',
    (name) => {
      const suites = [espSuite(name)];
      expect(() => make({ suites })).toThrow(RangeError);
      expect(() => make({ suites })).toThrow(`peers[0].children[0].suites[0]: IKEv1 cannot negotiate ${name}`);
      expect(() => make({ suites: [], bundles: [{ esp: suites, ah: [ahSuite('hmac-sha1-96')] }] })).toThrow(
        `peers[0].children[0].bundles[0].esp[0]: IKEv1 cannot negotiate ${name}`,
      );
    },
  );

  it.each<readonly [string, Partial<ChildPolicy>, string]>([
    ['a bundle of nothing', { bundles: [{}] }, 'bundles[0]: must have esp or ah'],
    ['IPComp alone', { bundles: [{ ipcomp: 'deflate' }] }, 'bundles[0]: must have esp or ah'],
    [
      'LZS',
      { bundles: [{ ipcomp: 'lzs' as never, esp: [espSuite('null/hmac-sha1-96')] }] },
      'bundles[0].ipcomp: must be',
    ],
    ['no suite', { bundles: [{ ah: [] }] }, 'bundles[0].ah: must have at least one'],
    ['no bundle', { bundles: [] }, 'bundles: must have at least one'],
    ['too many', { bundles: Array(9).fill({ ah: [ahSuite('hmac-sha1-96')] }) }, 'bundles: must have at most 8'],
    ['what AH has no number for', { bundles: [{ ah: [ahSuite('aes-cmac-96')] }] }, 'bundles[0].ah[0]: IKEv1 cannot'],
    [
      'what is no suite of AH',
      { bundles: [{ ah: [{ name: 'none' } as never] }] },
      'bundles[0].ah[0].name: is not in AH_SUITES',
    ],
    ['MD5', { bundles: [{ ah: [ahSuite('hmac-md5-96')] }] }, 'bundles[0].ah[0]: md5 is only for who allows it'],
    [
      'two of one number',
      { suites: ['128', '96'].map((bits) => espSuite(`null/hmac-sha2-256-${bits}`)) },
      'suites[1]: IKEv1 has one number',
    ],
    [
      'ESP without integrity',
      { suites: [espSuite('3des-cbc/none')] },
      'suites[0]: 3des-cbc/none authenticates nothing',
    ],
    [
      'ESP without integrity in a bundle without AH',
      { bundles: [{ ipcomp: 'deflate', esp: [espSuite('3des-cbc/none')] }] },
      'bundles[0].esp[0]: 3des-cbc/none authenticates nothing',
    ],
    ['no mode', { mode: 'beet' as never }, "mode: must be one of 'tunnel', 'transport'"],
  ])('names %s', (_, changes, message) => {
    expect(() => make(changes)).toThrow(`peers[0].children[0].${message}`);
  });

  it('takes a legacy MAC of AH where it is allowed', () => {
    const children = [childPolicy('R2', { suites: [], bundles: [{ ah: [ahSuite('hmac-md5-96')] }] })];
    const config = { engine: cheapEngine(), rng: seededRng(1), peers: [peerConfig('R2', { children })] };
    expect(() => new IkeEndpoint({ ...config, allowLegacy: ['md5'] })).not.toThrow();
  });
});

describe('Extended sequence numbers (RFC 4304)', () => {
  const suites = [espSuite('aes-128-gcm-16')];
  const withEsn = childPolicy('R2', { suites, esn: true });
  const without = childPolicy('R2', { suites });

  it('are offered before others, and chosen where both sides want them', () => {
    const offer = offerPhase2(withEsn, OWN);
    const values = offer.proposals[0]?.transforms.map(({ attributes }) => numberOf(attributes, extendedSequenceNumber));
    expect(values).toEqual([1, undefined]);
    expect(choosePhase2(offer, withEsn)?.esn).toBe(true);
    expect(choosePhase2(offer, without)?.esn).toBe(false);
    expect(choosePhase2(offerPhase2(without, OWN), withEsn)?.esn).toBe(false);
  });

  it.each([0, 2, 0xffff])('are not what another value says: %i', (value) => {
    const offer = offerPhase2(withEsn, OWN);
    const changed = {
      ...offer,
      proposals: offer.proposals.map((proposal) => ({
        ...proposal,
        transforms: proposal.transforms.slice(0, 1).map((transform) => ({
          ...transform,
          attributes: transform.attributes.map((attribute) =>
            attribute.type === extendedSequenceNumber ? { ...attribute, value } : attribute,
          ),
        })),
      })),
    };
    expect(choosePhase2(changed, withEsn)).toBeUndefined();
  });
});
