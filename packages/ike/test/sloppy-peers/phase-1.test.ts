import { formatFailure } from '@espalier/ike';
import {
  type Attribute,
  concat,
  fqdnId,
  fromAscii,
  fromHex,
  ID_TYPE,
  type Identification,
  ipv4AddressId,
  NOTIFY,
  type Payload,
  type SaPayload,
  userFqdnId,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import {
  AES,
  BEHIND_NAT,
  type Edits,
  HandMadePeer,
  notification,
  OFFER_1,
  phase1Sa,
  saOf,
} from '../support/hand-made-peer.ts';
import { R2 } from '../support/pair.ts';

const CERT_REQUEST: Payload = { kind: 'cert-request', encoding: 4, authority: new Uint8Array(0) };
const CERT: Payload = { kind: 'cert', encoding: 4, data: new Uint8Array(20) };
const VENDOR: Payload = { kind: 'vendor-id', data: fromHex('00112233445566778899aabbccddeeff') };

function beside(n: number, ...extra: readonly Payload[]): Edits {
  return { [n]: (payloads) => [...payloads, ...extra] };
}

/** Whether a Main Mode of either role comes to an SA with more in one of its messages. */
function stands(n: number, ...extra: readonly Payload[]): boolean {
  const peer = new HandMadePeer();
  if (n % 2 === 1) return peer.mainMode(beside(n, ...extra));
  peer.endpoint.initiate(peer.now, 'R2');
  return peer.answerMainMode(beside(n, ...extra));
}

function typed(
  type: number,
  value: number | Uint8Array,
): { readonly type: number; readonly value: number | Uint8Array } {
  return { type, value };
}

describe('what may stand in every message of phase 1', () => {
  const MESSAGES = [1, 2, 3, 4, 5, 6];
  const STATUS: readonly (readonly [string, Payload])[] = [
    ['INITIAL-CONTACT without SPI', notification(NOTIFY['INITIAL-CONTACT'])],
    ['INITIAL-CONTACT with an SPI of zeros', notification(NOTIFY['INITIAL-CONTACT'], { spi: new Uint8Array(16) })],
    ['RESPONDER-LIFETIME', notification(NOTIFY['RESPONDER-LIFETIME'], { data: fromHex('800b0001800c0e10') })],
    ['REPLAY-STATUS', notification(NOTIFY['REPLAY-STATUS'], { data: fromHex('00000001') })],
    ['a private type (regression: the SRX says 40001)', notification(40_001)],
    ['a certificate request (regression: refused but in messages 3 and 4)', CERT_REQUEST],
    ['a certificate', CERT],
    ['a vendor ID', VENDOR],
  ];
  it.each(STATUS)('keeps no tunnel from anybody: %s', (_name, payload) => {
    expect(MESSAGES.map((n) => stands(n, payload))).toEqual(MESSAGES.map(() => true));
  });

  it('is not INITIAL-CONTACT of another SA where nothing but the IV tells that it was altered (regression: wrong IVs after)', () => {
    const another = notification(NOTIFY['INITIAL-CONTACT'], { spi: new Uint8Array(16).fill(7) });
    expect(MESSAGES.map((n) => stands(n, another))).toEqual([true, true, true, true, false, false]);
  });

  it('is bounded in number, and there may be more vendor IDs than 24 (regression: refused)', () => {
    const many = (count: number, payload: Payload): readonly Payload[] => Array.from({ length: count }, () => payload);
    expect(stands(1, ...many(90, VENDOR))).toBe(true);
    expect(stands(1, ...many(97, VENDOR))).toBe(false);
    expect(stands(1, ...many(25, CERT_REQUEST))).toBe(false);
    expect(stands(5, ...many(25, notification(40_001)))).toBe(false);
  });

  it('tells of a notification that nothing proves, and obeys none of them in clear', () => {
    const peer = new HandMadePeer();
    const told = notification(NOTIFY['NO-PROPOSAL-CHOSEN']);
    expect(peer.mainMode({ ...beside(3, notification(NOTIFY['INITIAL-CONTACT'])), ...beside(5, told) })).toBe(true);
    expect(peer.events).toMatchObject([
      { kind: 'notified', name: 'INITIAL-CONTACT', authenticated: false },
      { kind: 'ike-established' },
      { kind: 'notified', name: 'NO-PROPOSAL-CHOSEN', authenticated: false },
    ]);
  });

  it('has no payload 17, beside 15 and 16 of the first NAT-T drafts', () => {
    expect(stands(3, { kind: 'unknown', type: 17, data: new Uint8Array(20) })).toBe(false);
  });
});

describe('octets behind a message', () => {
  it('are refused where they are anything else', () => {
    const peer = new HandMadePeer();
    peer.behind = concat(new Uint8Array(15), Uint8Array.of(1));
    expect(peer.mainMode()).toBe(false);
    expect(peer.last.result).toEqual({ ok: false, reason: 'malformed' });
  });
});

describe('an offer in phase 1', () => {
  const without = (type: number) => OFFER_1.filter((attribute) => attribute.type !== type);

  it('of AES without a Key Length is one of 128 bits', () => {
    const longer = new HandMadePeer({ proposals: [{ ...AES, keyOctets: 32 }] });
    expect(longer.mainMode({}, phase1Sa(without(14)))).toBe(false);
  });

  it('does not say beside the group that it is of another type', () => {
    expect(new HandMadePeer().mainMode({}, phase1Sa([...OFFER_1, typed(5, 2)]))).toBe(false);
  });

  it('may be one proposal for each transform, whatever their numbers', () => {
    const [other, own] = [OFFER_1.map((a) => (a.type === 2 ? { ...a, value: 4 } : a)), OFFER_1];
    for (const number of [1, 2]) {
      const peer = new HandMadePeer();
      const [first, second] = [other, own].flatMap((attributes) => phase1Sa(attributes).proposals);
      if (first === undefined || second === undefined) return expect.unreachable('no proposal');
      expect(peer.mainMode({}, saOf([first, { ...second, number }]))).toBe(true);
      expect(peer.tolerated).toEqual(['proposals-alike']);
    }
  });

  it('is the one that needs no forgiveness, where there is one', () => {
    const peer = new HandMadePeer();
    expect(peer.mainMode({}, phase1Sa(without(14), OFFER_1))).toBe(true);
    expect(peer.tolerated).toEqual([]);
  });

  it.each([
    ['five octets', fromHex('0000000e10'), 3600, []],
    ['nine octets', fromHex('000000000000000e10'), 3600, []],
    ['nine octets of more than a number holds', fromHex('ffffffffffffffffff'), 3600, []],
    ['a thousand octets', concat(new Uint8Array(998), fromHex('0708')), 1800, []],
    ['zero', 0, 3600, ['lifetime-zero']],
    ['zero of eight octets', new Uint8Array(8), 3600, ['lifetime-zero']],
    ['ten seconds', 10, 60, ['lifetime-raised']],
  ])('may have a lifetime of %s', (_name, value, expected, tolerated) => {
    const peer = new HandMadePeer();
    expect(peer.mainMode({}, phase1Sa([...without(12), typed(12, value)]))).toBe(true);
    const [sa] = peer.endpoint.ikeSas();
    expect((Number(sa?.hardExpiry) - Number(sa?.establishedAt)) / 1000).toBe(expected);
    expect(peer.tolerated).toEqual(tolerated);
  });

  it('of a lifetime of no octets contradicts itself', () => {
    expect(new HandMadePeer().mainMode({}, phase1Sa([...without(12), typed(12, new Uint8Array(0))]))).toBe(false);
  });
});

describe('an answer in phase 1', () => {
  const withMore =
    (attribute: Attribute) =>
    (proposals: SaPayload['proposals']): SaPayload['proposals'] =>
      proposals.map((proposal) => ({
        ...proposal,
        transforms: proposal.transforms.map((one) => ({ ...one, attributes: [...one.attributes, attribute] })),
      }));

  it.each<[string, (proposals: SaPayload['proposals']) => SaPayload['proposals'], boolean]>([
    ['one transform', (proposals) => proposals, true],
    ['one that contradicts itself', withMore({ type: 2, value: 4 }), false],
    [
      'the same twice',
      (all) => all.map((one) => ({ ...one, transforms: [...one.transforms, ...one.transforms] })),
      false,
    ],
    ['two proposals', ([one = expect.fail()]) => [one, { ...one, number: 2 }], false],
  ])('is one transform of one proposal (RFC 2409 §5): %s', (_name, choose, isTaken) => {
    const peer = new HandMadePeer();
    peer.endpoint.initiate(peer.now, 'R2');
    expect(peer.answerMainMode({}, ({ proposals }) => saOf(choose(proposals)))).toBe(isTaken);
    expect(peer.endpoint.counters['proposal-changed']).toBe(isTaken ? 0 : 1);
  });
});

describe('lifetimes beside ours of an hour', () => {
  const [SHORTER, OURS, LONGER] = [1800, 3600, 7200];
  const CHECKS = [
    ['claim', [SHORTER, OURS, OURS]],
    ['obey', [SHORTER, OURS, LONGER]],
    ['strict', [SHORTER, OURS, undefined]],
    ['exact', [undefined, OURS, undefined]],
  ] as const;
  const withLifetime = (seconds: number) => OFFER_1.map((one) => (one.type === 12 ? { ...one, value: seconds } : one));
  const agreed = (peer: HandMadePeer): number | undefined => {
    const [sa] = peer.endpoint.ikeSas();
    return sa?.establishedAt && (Number(sa.hardExpiry) - sa.establishedAt) / 1000;
  };

  it.each(CHECKS)('are agreed on by the rule %s, as responder', (lifetimeCheck, expected) => {
    const seen = [SHORTER, OURS, LONGER].map((seconds) => {
      const peer = new HandMadePeer({ lifetimeCheck });
      peer.mainMode({}, phase1Sa(withLifetime(seconds)));
      return agreed(peer);
    });
    expect(seen).toEqual(expected);
  });

  it.each(CHECKS)(
    'are agreed on by the rule %s, as initiator (regression: proposal-changed)',
    (lifetimeCheck, expected) => {
      const seen = [SHORTER, OURS, LONGER].map((value) => {
        const peer = new HandMadePeer({ lifetimeCheck });
        peer.endpoint.initiate(peer.now, 'R2');
        const settled = peer.answerMainMode({}, ({ proposals: [proposal] }) => {
          const [transform] = proposal?.transforms ?? [];
          if (proposal === undefined || transform === undefined) throw new Error('nothing was offered');
          const attributes = transform.attributes.map((one) => (one.type === 12 ? { ...one, value } : one));
          return saOf([{ ...proposal, transforms: [{ ...transform, attributes }] }]);
        });
        return settled ? agreed(peer) : undefined;
      });
      expect(seen).toEqual(expected);
    },
  );

  it('may be left out of an answer (regression: proposal-changed)', () => {
    const peer = new HandMadePeer();
    peer.endpoint.initiate(peer.now, 'R2');
    const settled = peer.answerMainMode({}, ({ proposals: [proposal] }) => {
      const transforms = proposal?.transforms.map((one) => ({
        ...one,
        attributes: one.attributes.filter(({ type }) => type !== 11 && type !== 12),
      }));
      return saOf(proposal && transforms ? [{ ...proposal, transforms }] : []);
    });
    expect(settled).toBe(true);
    expect(agreed(peer)).toBe(3600);
    expect(peer.tolerated).toEqual(['lifetime-changed']);
  });

  it('that keep two proposals apart are told, where nothing else does', () => {
    const peer = new HandMadePeer({ lifetimeCheck: 'exact' });
    peer.mainMode({}, phase1Sa(withLifetime(SHORTER)));
    const [event] = peer.events;
    if (event?.kind !== 'negotiation-refused') return expect.unreachable('not refused');
    expect(formatFailure(event)).toContain('differ in their lifetimes alone');
    expect(formatFailure(event)).toContain('lifetimeCheck');
  });

  it('are refused where they are too short and that is to be refused', () => {
    const peer = new HandMadePeer({ shortLifetimes: 'refuse' });
    expect(peer.mainMode({}, phase1Sa(withLifetime(59)))).toBe(false);
    expect(peer.mainMode({}, phase1Sa(withLifetime(60)))).toBe(true);
  });
});

describe('the identity of a peer', () => {
  it.each([
    [fqdnId('vpn.example.org'), fqdnId('VPN.Example.org')],
    [userFqdnId('a@example.org'), userFqdnId('A@Example.ORG')],
  ])('is the same name with other capitals: %#', (remoteIdentity, said) => {
    const peer = new HandMadePeer({ remoteIdentity });
    expect(peer.mainMode({}, undefined, said)).toBe(true);
    expect(peer.tolerated).toEqual(['name-case']);
    const other = remoteIdentity === said ? said : fqdnId('vpn.example.com');
    expect(new HandMadePeer({ remoteIdentity }).mainMode({}, undefined, other)).toBe(false);
  });

  /** C=US, O=Example and a common name, whose strings are of one type. */
  const named = (tag: number, country: string, organisation: string, name: Uint8Array): Identification => {
    const der = (of: number, ...parts: readonly Uint8Array[]) => {
      const content = concat(...parts);
      return concat(Uint8Array.of(of, content.length), content);
    };
    const part = (type: string, value: Uint8Array) => der(0x31, der(0x30, der(0x06, fromHex(type)), der(tag, value)));
    const data = der(
      0x30,
      part('550406', fromAscii(country)),
      part('55040a', fromAscii(organisation)),
      part('550403', name),
    );
    return { idType: ID_TYPE.derAsn1Dn, protocol: 0, port: 0, data };
  };
  const [UTF8, PRINTABLE, TELETEX, OCTETS] = [0x0c, 0x13, 0x14, 0x04];
  const configured = named(PRINTABLE, 'US', 'Example Inc', fromAscii('R2'));

  it.each([
    ['other string types', configured, named(UTF8, 'US', 'Example Inc', fromAscii('R2'))],
    ['other capitals and spaces', configured, named(UTF8, 'us', ' EXAMPLE  inc ', fromAscii('r2'))],
    ['é in UTF-8 and in Latin-1', named(UTF8, 'US', 'x', fromHex('c3a9')), named(TELETEX, 'US', 'x', fromHex('c9'))],
  ])('is the same distinguished name with %s (regression: invalid-identity)', (_, remoteIdentity, said) => {
    const peer = new HandMadePeer({ remoteIdentity });
    expect(peer.mainMode({}, undefined, said)).toBe(true);
    expect(peer.tolerated).toEqual([]);
    expect(new HandMadePeer({ remoteIdentity: [fqdnId('r2.example.org'), said] }).mainMode({}, undefined, said)).toBe(
      true,
    );
  });

  it.each([
    ['another value', named(UTF8, 'US', 'Example Inc', fromAscii('R3'))],
    ['a value that is no text', named(OCTETS, 'US', 'Example Inc', fromAscii('R2'))],
    ['a value that is no UTF-8', named(UTF8, 'US', 'Example Inc', fromHex('5232c3'))],
    ['a part more', { ...configured, data: concat(configured.data, configured.data) }],
    ['a part less', { ...configured, data: concat(fromHex('300d'), configured.data.subarray(2, 15)) }],
    ['octets that are no name', { ...configured, data: configured.data.subarray(1) }],
    ['a name in the place of it', fqdnId('C=US, O=Example Inc, CN=R2')],
  ])('is no distinguished name with %s', (_, said) => {
    const peer = new HandMadePeer({ remoteIdentity: configured });
    expect(peer.mainMode({}, undefined, said)).toBe(false);
    expect(peer.last.result).toEqual({ ok: false, reason: 'invalid-identity' });
  });

  describe('known by its address alone', () => {
    const own = ipv4AddressId('192.168.1.7');
    it.each<[string, ConstructorParameters<typeof HandMadePeer>[0], Edits]>([
      ['without a NAT', {}, {}],
      ['that is configured', { natTraversal: 'auto', remoteIdentity: ipv4AddressId(R2.address) }, BEHIND_NAT],
    ])('is no other address %s', (_name, changes, edits) => {
      const peer = new HandMadePeer(changes);
      expect(peer.mainMode(edits, undefined, own)).toBe(false);
      expect(peer.last.result).toEqual({ ok: false, reason: 'invalid-identity' });
    });
  });
});
