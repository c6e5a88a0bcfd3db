/** What implementations get wrong in ISAKMP and its DOI: a law each. */
import { createHash } from 'node:crypto';
import { message, octets, saPayload, u32, unknownType } from '@espalier/testing/arbitraries';
import {
  attributeNumber,
  checkIdentification,
  concat,
  DECODE_LIMITS,
  DecodeError,
  type DecodeLimits,
  type DeletePayload,
  decodeHeader,
  decodeMessage,
  decodePayloads,
  ENCAPSULATION_MODE,
  encodeHeader,
  encodeMessage,
  encodePayloads,
  FLAG,
  fqdnId,
  fromAscii,
  fromHex,
  type HeaderFields,
  IPSEC_ATTRIBUTE,
  ipv4RangeId,
  ipv4SubnetId,
  LIFE_TYPE,
  MESSAGES_PER_DATAGRAM,
  NOTIFY,
  notifyName,
  numberAttribute,
  type Payload,
  PROTOCOL_ID,
  type Proposal,
  type SaPayload,
  splitMessages,
  type Transform,
  toHex,
  VENDOR_ID,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const FIELDS: HeaderFields = {
  initiatorCookie: fromHex('0102030405060708'),
  responderCookie: new Uint8Array(8),
  exchange: 2,
  flags: 0,
  messageId: 0,
};
const TRANSFORM: Transform = {
  number: 1,
  id: 3,
  attributes: [{ type: IPSEC_ATTRIBUTE.encapsulationMode, value: 1 }],
};
const PROPOSAL: Proposal = {
  number: 1,
  protocol: PROTOCOL_ID.esp,
  spi: fromHex('9eed0966'),
  transforms: [TRANSFORM],
};
const DELETE: DeletePayload = {
  kind: 'delete',
  doi: 1,
  protocol: PROTOCOL_ID.esp,
  spiOctets: 4,
  spis: [fromHex('00000100'), fromHex('00000200')],
};

function sa(...proposals: readonly Proposal[]): SaPayload {
  return { kind: 'sa', doi: 1, situation: 1, proposals };
}

function one(payload: Payload): Uint8Array {
  return encodeMessage(FIELDS, [payload]);
}

/** The same octets but for some, from `at` on. */
function changed(octets: Uint8Array, at: number, ...values: readonly number[]): Uint8Array {
  const copy = octets.slice();
  copy.set(values, at);
  return copy;
}

function expectRefusal(octets: Uint8Array, fault: string, limits?: DecodeLimits): void {
  expect(() => decodeMessage(octets, limits)).toThrow(expect.objectContaining({ name: 'DecodeError', fault }));
}

describe('attributes', () => {
  it('keep their order and repetitions, so that a Life Duration follows its Life Type (RFC 2407 §4.5)', () => {
    const attributes = [
      { type: IPSEC_ATTRIBUTE.lifeType, value: LIFE_TYPE.seconds },
      { type: IPSEC_ATTRIBUTE.lifeDuration, value: 28800 },
      { type: IPSEC_ATTRIBUTE.lifeType, value: LIFE_TYPE.kilobytes },
      { type: IPSEC_ATTRIBUTE.lifeDuration, value: fromHex('000186a0') },
    ];
    const payload = sa({ ...PROPOSAL, transforms: [{ number: 1, id: 3, attributes }] });
    expect(decodeMessage(one(payload)).payloads).toMatchObject([payload]);
  });

  it('are numbers as TV and as TLV of 1 to 8 octets, of no other length (RFC 2407 §4.5.2)', () => {
    const lifeDuration = IPSEC_ATTRIBUTE.lifeDuration;
    expect(attributeNumber({ type: lifeDuration, value: 3600 })).toBe(3600);
    expect(attributeNumber({ type: lifeDuration, value: fromHex('00015180') })).toBe(86400);
    expect(attributeNumber({ type: lifeDuration, value: fromHex('0000000000015180') })).toBe(86400);
    expect(attributeNumber({ type: lifeDuration, value: fromHex('ff') })).toBe(255);
    expect(attributeNumber({ type: lifeDuration, value: fromHex('001fffffffffffff') })).toBe(Number.MAX_SAFE_INTEGER);
    for (const hex of ['', '000000000000015180', '0020000000000000', 'ffffffffffffffff']) {
      expect(attributeNumber({ type: lifeDuration, value: fromHex(hex) })).toBeUndefined();
    }
  });

  it('of a number are written in the shorter form, and read as that number', () => {
    fc.assert(
      fc.property(u32, (value) => {
        const attribute = numberAttribute(IPSEC_ATTRIBUTE.lifeDuration, value);
        expect(attributeNumber(attribute)).toBe(value);
        expect(typeof attribute.value === 'number').toBe(value <= 0xffff);
      }),
    );
    for (const value of [-1, 0.5, 2 ** 32, Number.NaN]) expect(() => numberAttribute(2, value)).toThrow(RangeError);
  });

  it('may not overrun their transform (CVE-2017-13039)', () => {
    const payload = sa({
      ...PROPOSAL,
      transforms: [{ number: 1, id: 3, attributes: [{ type: 2, value: fromHex('0000') }] }],
    });
    const octets = one(payload);
    expectRefusal(changed(octets, octets.length - 3, 3), 'truncated');
    expectRefusal(changed(octets, octets.length - 4, 0xff, 0xff), 'truncated');
  });
});

describe('proposals', () => {
  it('with one number stay apart and in order: they are a conjunction (RFC 2408 §4.2)', () => {
    const payload = sa({ ...PROPOSAL, protocol: PROTOCOL_ID.ah }, PROPOSAL, {
      ...PROPOSAL,
      number: 2,
      spi: fromHex('00000300'),
    });
    const [decoded] = decodeMessage(one(payload)).payloads;
    expect(decoded?.kind === 'sa' && decoded.proposals).toEqual(payload.proposals);
  });

  it('hold as many transforms as they count', () => {
    const octets = one(sa(PROPOSAL));
    const countAt = 28 + 12 + 7;
    expect(octets[countAt]).toBe(1);
    for (const count of [0, 2, 255]) expectRefusal(changed(octets, countAt, count), 'count');
  });

  it('are followed by proposals, and transforms by transforms, to the end of their payload', () => {
    const octets = one(sa(PROPOSAL, PROPOSAL));
    expectRefusal(changed(octets, 28 + 12, 13), 'next-payload');
    expectRefusal(changed(octets, 28 + 12, 3), 'next-payload');
    expectRefusal(changed(octets, 28 + 12, 0), 'leftover');
    expectRefusal(changed(octets, 28 + 12 + 12, 2), 'next-payload');
    expectRefusal(changed(octets, 28 + 12 + 12, 3), 'truncated');
    const lengthAt = 28 + 12 + 2;
    for (const length of [0, 3]) expectRefusal(changed(octets, lengthAt, 0, length), 'length');
  });

  it('hold nothing behind their last transform', () => {
    const octets = one(sa({ ...PROPOSAL, transforms: [TRANSFORM, TRANSFORM] }));
    const countAt = 28 + 12 + 7;
    const nextTransformAt = 28 + 12 + 12;
    expect([octets[countAt], octets[nextTransformAt]]).toEqual([2, 3]);
    expectRefusal(changed(changed(octets, countAt, 1), nextTransformAt, 0), 'leftover');
  });

  it('have SPIs of at most 16 octets', () => {
    const octets = one(sa(PROPOSAL));
    expectRefusal(changed(octets, 28 + 12 + 6, 17), 'spi-length');
    expect(() => one(sa({ ...PROPOSAL, spi: new Uint8Array(17) }))).toThrow(RangeError);
  });

  it('stand under the IPsec DOI and SIT_IDENTITY_ONLY, since others have another form (RFC 2407 §4.6.1)', () => {
    const octets = one(sa(PROPOSAL));
    expectRefusal(changed(octets, 28 + 4, 0, 0, 0, 0), 'doi');
    expectRefusal(changed(octets, 28 + 8, 0, 0, 0, 3), 'situation');
    expectRefusal(changed(octets, 28 + 8, 0xff, 0xff, 0xff, 0xff), 'situation');
  });

  it('cannot be written empty', () => {
    expect(() => one(sa())).toThrow(RangeError);
    expect(() => one(sa({ ...PROPOSAL, transforms: [] }))).toThrow(RangeError);
  });

  it('name the encapsulation modes of RFC 3947 §5.1 and its drafts apart from the plain ones', () => {
    expect(ENCAPSULATION_MODE).toEqual({
      tunnel: 1,
      transport: 2,
      udpTunnel: 3,
      udpTransport: 4,
      udpTunnelDraft: 61443,
      udpTransportDraft: 61444,
    });
  });
});

describe('identifications (RFC 2407 §4.6.2)', () => {
  it('of subnets carry a full netmask, of ranges both ends, of names no terminator', () => {
    expect(toHex(ipv4SubnetId('10.1.12.0/24').data)).toBe('0a010c00ffffff00');
    expect(toHex(ipv4RangeId('10.1.12.1', '10.1.12.9').data)).toBe('0a010c010a010c09');
    expect(fqdnId('r2.example').data).toEqual(fromAscii('r2.example'));
  });

  it('are checked apart from their framing: a wrong netmask is an invalid identity, not a broken message', () => {
    const id = { ...ipv4SubnetId('10.1.12.0/24'), data: fromHex('0a010c00ff00ff00') };
    const [payload] = decodeMessage(one({ kind: 'id', ...id })).payloads;
    expect(payload?.kind === 'id' && checkIdentification(payload)).toBe('value');
  });
});

describe('notifications (RFC 2408 §3.14)', () => {
  it.each([
    ['NO-PROPOSAL-CHOSEN', 14],
    ['PAYLOAD-MALFORMED', 16],
    ['INVALID-ID-INFORMATION', 18],
    ['CONNECTED', 16384],
    ['RESPONDER-LIFETIME', 24576],
    ['REPLAY-STATUS', 24577],
    ['INITIAL-CONTACT', 24578],
    ['R-U-THERE', 36136],
    ['R-U-THERE-ACK', 36137],
  ] as const)('%s is %d', (name, type) => {
    expect(NOTIFY[name]).toBe(type);
    expect(notifyName(type)).toBe(name);
  });

  it('of a type without a name pass as their number', () => {
    expect(notifyName(9101)).toBe('9101');
    expect(new Set(Object.values(NOTIFY)).size).toBe(Object.keys(NOTIFY).length);
  });

  it('INITIAL-CONTACT has both cookies for an SPI and no data (RFC 2407 §4.6.3.3)', () => {
    const notification: Payload = {
      kind: 'notification',
      doi: 1,
      protocol: PROTOCOL_ID.isakmp,
      notifyType: NOTIFY['INITIAL-CONTACT'],
      spi: new Uint8Array(16).fill(7),
      data: new Uint8Array(0),
    };
    const octets = one(notification);
    expect(octets.length).toBe(28 + 12 + 16);
    expect(decodeMessage(octets).payloads).toMatchObject([notification]);
    expectRefusal(changed(octets, 28 + 9, 17), 'spi-length');
  });

  it('may not have an SPI that overruns them (CVE-2018-14469)', () => {
    const octets = one({
      kind: 'notification',
      doi: 1,
      protocol: 1,
      notifyType: 14,
      spi: new Uint8Array(4),
      data: new Uint8Array(0),
    });
    expectRefusal(changed(octets, 28 + 9, 5), 'truncated');
  });
});

describe('deletes (RFC 2408 §3.15)', () => {
  it('have exactly as many SPIs as they count, each of the size that they say', () => {
    const octets = one(DELETE);
    const sizeAt = 28 + 9;
    expect(decodeMessage(octets).payloads).toMatchObject([DELETE]);
    for (const count of [0, 1, 3, 255]) expectRefusal(changed(octets, sizeAt + 2, count), 'count');
    expectRefusal(changed(octets, sizeAt + 1, 0xff, 0xff), 'limit');
    for (const size of [1, 5, 8, 16]) expectRefusal(changed(octets, sizeAt, size), 'count');
    for (const size of [0, 17, 255]) expectRefusal(changed(octets, sizeAt, size), 'spi-length');
  });

  it('cannot be written with SPIs of another size', () => {
    expect(() => one({ ...DELETE, spis: [new Uint8Array(3)] })).toThrow(RangeError);
    expect(() => one({ ...DELETE, spiOctets: 0, spis: [] })).toThrow(RangeError);
  });
});

describe('NAT traversal (RFC 3947)', () => {
  it('is announced by the MD5 of its name (§3.1)', () => {
    expect(VENDOR_ID.natTraversal).toBe(createHash('md5').update('RFC 3947').digest('hex'));
    const draft = 'draft-ietf-ipsec-nat-t-ike-0';
    expect(VENDOR_ID.natTraversalDraft03).toBe(createHash('md5').update(`${draft}3`).digest('hex'));
    expect(VENDOR_ID.natTraversalDraft02).toBe(createHash('md5').update(`${draft}2`).digest('hex'));
    expect(VENDOR_ID.natTraversalDraft02LineFeed).toBe(createHash('md5').update(`${draft}2\n`).digest('hex'));
    expect(VENDOR_ID.deadPeerDetection).toBe('afcad71368a1f1c96b8696fc77570100');
  });

  it.each([20, 130] as const)('has NAT-D as payload %d, a bare hash', (type) => {
    const hash = new Uint8Array(20).fill(3);
    const { firstType, octets } = encodePayloads([{ kind: 'nat-d', type, hash }]);
    expect(firstType).toBe(type);
    expect(toHex(octets)).toBe(`00000018${toHex(hash)}`);
  });

  it.each([21, 131] as const)('has NAT-OA as payload %d, with an address of its family and no other', (type) => {
    const v4: Payload = { kind: 'nat-oa', type, idType: 1, address: fromHex('0a010f01') };
    const v6: Payload = { kind: 'nat-oa', type, idType: 5, address: new Uint8Array(16) };
    expect(decodeMessage(one(v4)).payloads).toMatchObject([v4]);
    expect(decodeMessage(one(v6)).payloads).toMatchObject([v6]);
    expectRefusal(changed(one(v4), 32, 5), 'truncated');
    expectRefusal(changed(one(v6), 32, 1), 'leftover');
    expectRefusal(changed(one(v4), 32, 4), 'value');
    expectRefusal(changed(one(v4), 33, 1), 'reserved');
    expect(() => one({ ...v4, idType: 5 })).toThrow(RangeError);
    expect(() => one({ ...v4, idType: 2 })).toThrow(RangeError);
  });
});

describe('the header (RFC 2408 §3.1, §5.2)', () => {
  it('has a length that is the length of the message: no more, no less (§5.1)', () => {
    fc.assert(
      fc.property(message, u32, ({ fields, payloads }, length) => {
        const octets = encodeMessage(fields, payloads);
        if (length === octets.length) return;
        const lied = changed(octets, 24, length >>> 24, length >>> 16, length >>> 8, length);
        expectRefusal(lied, 'length');
      }),
    );
    expectRefusal(changed(one(sa(PROPOSAL)), 24, 0xff, 0, 0, 0), 'length');
  });

  it('has a length of at least its own 28 octets', () => {
    const octets = encodeHeader(FIELDS, 0, 0);
    expect(decodeHeader(octets).length).toBe(28);
    for (const length of [0, 4, 27]) {
      expect(() => decodeHeader(changed(octets, 27, length))).toThrow(expect.objectContaining({ fault: 'length' }));
    }
  });

  it('is of version 1.0', () => {
    const octets = one(sa(PROPOSAL));
    expectRefusal(changed(octets, 17, 0x20), 'major-version');
    expectRefusal(changed(octets, 17, 0x0b), 'major-version');
    expectRefusal(changed(octets, 17, 0x11), 'minor-version');
  });

  it('has three flags: the commit bit passes for the exchange to ignore, an undefined bit does not', () => {
    const octets = encodeMessage({ ...FIELDS, flags: FLAG.commit }, [sa(PROPOSAL)]);
    expect(decodeMessage(octets).header.flags).toBe(FLAG.commit);
    for (const flags of [8, 0x80, 0xff]) expectRefusal(changed(octets, 19, flags), 'flags');
    expectRefusal(changed(octets, 19, FLAG.encryption), 'encrypted');
  });

  it('passes exchanges and first payloads that nobody knows, as numbers', () => {
    const octets = encodeMessage({ ...FIELDS, exchange: 243 }, [{ kind: 'unknown', type: 133, data: fromHex('00') }]);
    expect(decodeMessage(octets)).toMatchObject({ header: { exchange: 243, nextPayload: 133 } });
  });

  it.each([
    ['initiatorCookie', { ...FIELDS, initiatorCookie: new Uint8Array(7) }],
    ['flags', { ...FIELDS, flags: 8 }],
    ['exchange', { ...FIELDS, exchange: 256 }],
    ['messageId', { ...FIELDS, messageId: -1 }],
    ['flags', { ...FIELDS, flags: FLAG.encryption }],
  ] as const)('is not written with a wrong %s', (name, fields) => {
    expect(() => encodeMessage(fields, [])).toThrow(
      expect.objectContaining({ message: expect.stringContaining(name) }),
    );
  });
});

describe('a datagram', () => {
  const first = one(DELETE);

  it('holds nothing beside its messages: trailing octets refuse it whole', () => {
    fc.assert(
      fc.property(octets(1, 60), (trailing) => {
        const datagram = Uint8Array.of(...first, ...trailing.fill(0, 17, 18));
        expect(() => splitMessages(datagram)).toThrow(expect.objectContaining({ name: 'DecodeError' }));
      }),
    );
    expect(() => splitMessages(new Uint8Array(0))).toThrow(expect.objectContaining({ fault: 'truncated' }));
  });

  it('is refused whole when its last message is cut short', () => {
    const datagram = Uint8Array.of(...first, ...first);
    for (let length = 0; length < datagram.length; length++) {
      if (length === first.length) continue;
      expect(() => splitMessages(datagram.subarray(0, length))).toThrow(DecodeError);
    }
  });

  it(`holds at most ${MESSAGES_PER_DATAGRAM} messages`, () => {
    const full = Uint8Array.from(
      { length: MESSAGES_PER_DATAGRAM * first.length },
      (_, i) => first[i % first.length] ?? 0,
    );
    expect(splitMessages(full).length).toBe(MESSAGES_PER_DATAGRAM);
    expect(() => splitMessages(Uint8Array.of(...full, ...first))).toThrow(expect.objectContaining({ fault: 'limit' }));
  });
});

describe('payloads', () => {
  it('have reserved octets that are zero (RFC 2408 §5.3)', () => {
    const octets = one(sa(PROPOSAL));
    const reservedAt = [29, 28 + 12 + 1, 28 + 12 + 12 + 1, 28 + 12 + 12 + 6, 28 + 12 + 12 + 7];
    for (const at of reservedAt) {
      expect(octets[at]).toBe(0);
      expectRefusal(changed(octets, at, 1), 'reserved');
    }
  });

  it('of a type without a codec pass as type and octets', () => {
    fc.assert(
      fc.property(unknownType, octets(0, 40), (type, data) => {
        const payload: Payload = { kind: 'unknown', type, data };
        expect(decodeMessage(one(payload)).payloads).toMatchObject([payload]);
      }),
    );
    expect(() => one({ kind: 'unknown', type: 0, data: new Uint8Array(0) })).toThrow(RangeError);
  });

  it('have lengths that count their own header and stay within the message', () => {
    const octets = one({ kind: 'nonce', data: new Uint8Array(16).fill(7) });
    for (const length of [0, 1, 3]) expectRefusal(changed(octets, 30, 0, length), 'length');
    expectRefusal(changed(octets, 30, 0, 16), 'leftover');
    expectRefusal(changed(octets, 30, 0, 19), 'reserved');
    expectRefusal(changed(octets, 30, 0, 21), 'truncated');
    expectRefusal(changed(octets, 30, 0xff, 0xff), 'truncated');
    expectRefusal(changed(octets, 28, 10), 'truncated');
  });
});

describe('octets behind the last payload', () => {
  const behind = (nonceOctets: number, octets: Uint8Array): Uint8Array => {
    const message = one({ kind: 'nonce', data: new Uint8Array(nonceOctets).fill(7) });
    const length = message.length + octets.length;
    return concat(changed(message, 24, 0, 0, 0, length), octets);
  };

  it('align the message, as in Aggressive Mode of libreswan with an identity that is no address (RFC 2408 §3.6)', () => {
    for (const padding of [0, 1, 2, 3]) {
      const [nonce] = decodeMessage(behind(16 - padding, new Uint8Array(padding))).payloads;
      expect(nonce).toMatchObject({ kind: 'nonce', data: new Uint8Array(16 - padding).fill(7) });
    }
  });

  it('are no more than that, and zero', () => {
    expectRefusal(behind(16, new Uint8Array(4)), 'leftover');
    for (const padding of [1, 2, 3]) {
      expectRefusal(behind(16, new Uint8Array(padding)), 'leftover');
      expectRefusal(behind(16 - padding, new Uint8Array(padding).fill(1)), 'reserved');
    }
  });
});

describe('the configuration payload', () => {
  const padded = (padding: number): Payload => ({
    kind: 'configuration',
    type: 2,
    identifier: 0,
    attributes: [{ type: 28676, value: new Uint8Array(14) }],
    ...(padding === 0 ? {} : { padding }),
  });

  it.each([0, 1, 2, 3])(
    'is read with %i zeros behind its attributes (regression: libreswan’s was undecipherable)',
    (padding) => {
      const [payload] = decodeMessage(one(padded(padding))).payloads;
      expect(payload).toMatchObject(padded(padding));
    },
  );

  it('is refused with anything else behind them', () => {
    const octets = one(padded(3));
    octets[octets.length - 1] = 1;
    expectRefusal(octets, 'reserved');
    expect(() => one(padded(4))).toThrow(RangeError);
  });
});

describe('limits', () => {
  const attribute = { type: 1, value: 1 };
  const transform = { number: 1, id: 1, attributes: [] };
  const nonce: Payload = { kind: 'nonce', data: new Uint8Array(0) };

  function times<T>(count: number, item: T): T[] {
    return Array.from({ length: count }, () => item);
  }

  it.each([
    ['payloads', (count: number) => times(count, nonce)],
    ['proposalsPerSa', (count: number) => [sa(...times(count, PROPOSAL))]],
    ['transformsPerProposal', (count: number) => [sa({ ...PROPOSAL, transforms: times(count, transform) })]],
    [
      'attributesPerTransform',
      (count: number) => [sa({ ...PROPOSAL, transforms: [{ ...transform, attributes: times(count, attribute) }] })],
    ],
    [
      'attributesPerConfiguration',
      (count: number) => [
        { kind: 'configuration' as const, type: 1, identifier: 0, attributes: times(count, attribute) },
      ],
    ],
    ['spisPerDelete', (count: number) => [{ ...DELETE, spis: times(count, new Uint8Array(4)) }]],
  ] as const)('%s are read up to the limit and refused beyond it, by default and as told', (name, make) => {
    for (const limits of [DECODE_LIMITS, { ...DECODE_LIMITS, [name]: 3 }]) {
      const most = encodeMessage(FIELDS, make(limits[name]));
      expect(decodeMessage(most, limits).octets).toBe(most);
      expectRefusal(encodeMessage(FIELDS, make(limits[name] + 1)), 'limit', limits);
    }
  });

  it('hold in a decrypted body too', () => {
    const { firstType, octets } = encodePayloads(times(4, nonce));
    expect(() => decodePayloads(firstType, octets, { ...DECODE_LIMITS, payloads: 3 })).toThrow(
      expect.objectContaining({ fault: 'limit' }),
    );
  });

  it('leave no payload larger than its length field can say', () => {
    expect(() => one({ kind: 'ke', data: new Uint8Array(65532) })).toThrow(/^length of ke must be/);
    expect(decodeMessage(one({ kind: 'ke', data: new Uint8Array(65531) })).payloads.length).toBe(1);
  });
});

it('what is hashed is what was received: the raw octets are those of the datagram (RFC 2409 §5)', () => {
  fc.assert(
    fc.property(saPayload, (payload) => {
      const octets = one(payload);
      const [decoded] = decodeMessage(octets).payloads;
      expect(decoded?.body).toEqual(octets.subarray(32));
      expect(decoded?.body.buffer).toBe(octets.buffer);
    }),
  );
});
