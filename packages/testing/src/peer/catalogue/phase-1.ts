import type { Misbehaviour } from '../misbehaviour.ts';
import { attribute, body, HASH, ID, KE, NONCE, on, payloads, rows, VENDOR_ID } from './words.ts';

const FIRST = { exchange: 'phase-1', message: 1 } as const;
const THIRD = { exchange: 'phase-1', message: 3 } as const;
const FIFTH = { exchange: 'phase-1', message: 5 } as const;
const MAIN = { mode: 'main' } as const;

/** HDR, SA [, VID ]: of the transform the key length is the second attribute. */
const OFFERS = rows({ clause: 'RFC 2408 §5.4', key: 'right', session: MAIN, at: FIRST, expects: 'refuse' }, [
  ['doi-unknown', 'the SA is of a DOI that is nobody’s', body(0, { change: 'set', at: 3, value: 99 }, 'stale')],
  ['situation-none', 'the SA has an empty situation', body(0, { change: 'set', at: 7, value: 0 }, 'stale')],
  ['sa-empty', 'the SA has no proposal', body(0, { change: 'cut', left: 8 }, 'stale')],
  ['sa-omitted', 'there is no SA', payloads({ change: 'drop', at: 0 })],
  ['sa-twice', 'the SA stands twice', payloads({ change: 'repeat', at: 0, times: 1 }), { clause: 'RFC 2409 §5' }],
  [
    'sa-not-first',
    'the SA is behind a vendor ID',
    payloads({ change: 'insert', at: 0, type: VENDOR_ID, octets: 'ff'.repeat(16) }),
    { clause: 'RFC 2409 §5' },
  ],
  [
    'transforms-miscounted',
    'the proposal says that it has more transforms',
    body(0, { change: 'set', at: 15, value: 9 }, 'stale'),
    { clause: 'RFC 2408 §3.5' },
  ],
  [
    'proposal-of-esp',
    'the proposal is of ESP',
    body(0, { change: 'set', at: 13, value: 3 }, 'stale'),
    { clause: 'RFC 2408 §3.5' },
  ],
  [
    'ike-key-length-attribute-omit',
    'AES without its key length',
    attribute(0, { change: 'drop', at: 1 }),
    { clause: 'RFC 3602 §5.2' },
  ],
  [
    'ike-key-length-attribute-zero',
    'AES with a key of 0 bits',
    attribute(0, { change: 'body', at: 1, octets: { change: 'replace', octets: '800e0000' } }),
    { clause: 'RFC 3602 §5.2' },
  ],
  [
    'ike-key-length-attribute-duplicate',
    'the key length stands twice',
    attribute(0, { change: 'repeat', at: 1, times: 1 }),
    { clause: 'RFC 2408 §3.3', expects: 'live' },
  ],
  [
    'attribute-unknown',
    'the transform has an attribute that is nobody’s',
    attribute(0, { change: 'insert', at: 0, type: 0, octets: 'ffff0001' }),
    { clause: 'RFC 2408 §4.2' },
  ],
  [
    'attribute-cut-off',
    'the last attribute says that it is longer',
    attribute(0, { change: 'insert', at: 6, type: 0, octets: '000c0008' }),
    { clause: 'RFC 2408 §3.3' },
  ],
  [
    'group-unknown',
    'two groups, the first of them nobody’s',
    attribute(0, { change: 'insert', at: 0, type: 0, octets: '80047ffe' }),
  ],
  [
    'payload-length-zero',
    'the SA says that it has no octets',
    payloads({ change: 'length', at: 0, by: -0x38 }),
    { clause: 'RFC 2408 §5.3', expects: 'refuse' },
  ],
  [
    'payload-length-too-long',
    'the SA says that it is longer than the message',
    payloads({ change: 'length', at: 0, by: 0x4000 }),
    { clause: 'RFC 2408 §5.3' },
  ],
  [
    'send-bogus-payload-flag',
    'a reserved octet of a payload is set',
    payloads({ change: 'reserved', at: 0, value: 0x80 }),
    { clause: 'RFC 2408 §5.3' },
  ],
  [
    'payload-type-unknown',
    'there is a payload of a type that is nobody’s',
    payloads({ change: 'insert', at: 1, type: 99, octets: '00' }),
    { clause: 'RFC 2408 §5.3', expects: 'live' },
  ],
  [
    'vendor-id-unknown',
    'there is a vendor ID that nobody knows',
    payloads({ change: 'insert', at: 1, type: VENDOR_ID, octets: 'ff'.repeat(16) }),
    { clause: 'RFC 2408 §3.16', expects: 'take' },
  ],
  [
    'vendor-ids-many',
    'there are sixty vendor IDs',
    payloads({ change: 'insert', at: 1, type: VENDOR_ID, octets: 'ee'.repeat(16), times: 60 }),
    { clause: 'RFC 2408 §3.16', expects: 'live' },
  ],
  [
    'bust-mi1',
    'the first message is of 3,000 octets',
    payloads({ change: 'insert', at: 1, type: VENDOR_ID, octets: 'dd'.repeat(3000) }),
    { clause: 'RFC 2408 §3.16', expects: 'live' },
  ],
]);

/** HDR, KE, Ni. */
const EXCHANGES = rows({ clause: 'RFC 2409 §5', key: 'right', session: MAIN, at: THIRD, expects: 'refuse' }, [
  ['ke-payload-omit', 'there is no KE', payloads({ change: 'drop', at: 0 })],
  ['ke-payload-empty', 'KE is empty', body(0, { change: 'cut', left: 0 })],
  ['ke-payload-zero', 'KE is 0', body(0, { change: 'fill', value: 0 })],
  ['ke-payload-one', 'KE is 1', body(0, { change: 'fill', value: 0, last: 1 })],
  ['ke-payload-ones', 'KE is above the prime', body(0, { change: 'fill', value: 0xff })],
  ['ke-payload-short', 'KE is an octet shorter than its group', body(0, { change: 'remove', at: 0, count: 1 })],
  ['ke-payload-long', 'KE is an octet longer than its group', body(0, { change: 'append', octets: '01' })],
  ['ke-payload-duplicate', 'KE stands twice', payloads({ change: 'repeat', at: 0, times: 1 })],
  ['nonce-omit', 'there is no nonce', payloads({ change: 'drop', at: 1 })],
  ['nonce-empty', 'the nonce is empty', body(1, { change: 'cut', left: 0 })],
  ['nonce-short', 'the nonce is of 7 octets', body(1, { change: 'cut', left: 7 })],
  ['nonce-long', 'the nonce is of 257 octets', body(1, { change: 'replace', octets: '5a'.repeat(257) })],
  ['ke-for-an-id', 'KE says that it is an identity', payloads({ change: 'type', at: 0, type: ID })],
  [
    'sa-in-the-third',
    'an SA stands where none may be',
    payloads({ change: 'insert', at: 0, type: 1, octets: '0000000100000001' }),
    { expects: 'live' },
  ],
  ['nonce-before-ke', 'the nonce stands before KE', payloads({ change: 'move', at: 1, to: 0 }), { expects: 'take' }],
  [
    'bust-mi2',
    'message 3 is of 3,000 octets more',
    payloads({ change: 'insert', at: 2, type: VENDOR_ID, octets: 'dd'.repeat(3000) }),
    { clause: 'RFC 2408 §3.16', expects: 'live' },
  ],
]);

/** HDR*, IDii, HASH_I. */
const PROOFS = rows({ clause: 'RFC 2409 §5', key: 'right', session: MAIN, at: FIFTH, expects: 'refuse' }, [
  ['v1-hash-payload-omit-main', 'there is no HASH_I', payloads({ change: 'drop', at: 1 })],
  ['v1-hash-payload-empty-main', 'HASH_I is empty', body(1, { change: 'cut', left: 0 }, 'stale')],
  ['v1-hash-payload-zero-main', 'HASH_I is of zeros', body(1, { change: 'fill', value: 0 }, 'stale')],
  ['v1-hash-payload-short-main', 'HASH_I is an octet shorter', body(1, { change: 'cut', left: 19 }, 'stale')],
  ['v1-hash-payload-duplicate-main', 'HASH_I stands twice', payloads({ change: 'repeat', at: 1, times: 1 })],
  ['id-omit', 'there is no identity', payloads({ change: 'drop', at: 0 })],
  ['id-empty', 'the identity is empty', body(0, { change: 'cut', left: 0 })],
  ['id-without-address', 'the identity has no address', body(0, { change: 'cut', left: 4 })],
  ['id-twice', 'the identity stands twice', payloads({ change: 'repeat', at: 0, times: 1 })],
  [
    'id-of-another',
    'the identity is another’s, with a right HASH_I',
    body(0, { change: 'replace', octets: '01000000c6336499' }),
    { clause: 'RFC 2407 §4.6.2' },
  ],
  [
    'id-of-another-stale',
    'the identity is another’s, with the HASH_I of our own',
    body(0, { change: 'replace', octets: '01000000c6336499' }, 'stale'),
  ],
  [
    'id-type-reserved',
    'the identity is of type 0',
    body(0, { change: 'set', at: 0, value: 0 }),
    { clause: 'RFC 2407 §4.6.2.1' },
  ],
  [
    'id-type-unknown',
    'the identity is of a type that is nobody’s',
    body(0, { change: 'set', at: 0, value: 200 }),
    { clause: 'RFC 2407 §4.6.2.1' },
  ],
  [
    'id-of-another-port',
    'the identity is for port 4660',
    body(0, { change: 'set', at: 2, value: 0x12 }),
    { clause: 'RFC 2407 §4.6.2' },
  ],
  [
    'chain-cut-off',
    'the last payload is longer than what is there',
    payloads({ change: 'length', at: 1, by: 200 }),
    { clause: 'RFC 2408 §5.3' },
  ],
  [
    'padding-more',
    'there are three blocks of padding',
    on({ where: 'padding', blocks: 3 }),
    { clause: 'RFC 2409 Appendix B', expects: 'take' },
  ],
  [
    'hash-before-id',
    'HASH_I stands before the identity',
    payloads({ change: 'move', at: 1, to: 0 }),
    { expects: 'take' },
  ],
]);

/** HDR, SA, KE, Ni, IDii. */
const AGGRESSIVE = rows(
  { clause: 'RFC 2409 §5', key: 'right', session: { mode: 'aggressive' }, at: FIRST, expects: 'refuse' },
  [
    ['aggressive-ke-omit', 'there is no KE', payloads({ change: 'drop', at: 1 })],
    ['aggressive-ke-zero', 'KE is 0', body(1, { change: 'fill', value: 0 })],
    ['aggressive-nonce-omit', 'there is no nonce', payloads({ change: 'drop', at: 2 })],
    ['aggressive-id-omit', 'there is no identity', payloads({ change: 'drop', at: 3 })],
    ['aggressive-id-empty', 'the identity is empty', body(3, { change: 'cut', left: 0 })],
    ['aggressive-sa-last', 'the SA is the last payload', payloads({ change: 'move', at: 0, to: 4 })],
    ['aggressive-hash-zero', 'HASH_I is of zeros', body(0, { change: 'fill', value: 0 }, 'stale'), { at: THIRD }],
    ['aggressive-hash-omit', 'there is no HASH_I', payloads({ change: 'type', at: 0, type: NONCE }), { at: THIRD }],
    [
      'aggressive-hash-for-ke',
      'HASH_I says that it is KE',
      payloads({ change: 'type', at: 0, type: KE }),
      { at: THIRD },
    ],
    [
      'aggressive-hash-duplicate',
      'HASH_I stands twice',
      payloads({ change: 'insert', at: 1, type: HASH, octets: '00'.repeat(20) }),
      { at: THIRD },
    ],
  ],
);

/** What only who has the key can do in phase 1, or is not told by. */
export const PHASE_1: readonly Misbehaviour[] = [...OFFERS, ...EXCHANGES, ...PROOFS, ...AGGRESSIVE];
