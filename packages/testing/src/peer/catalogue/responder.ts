import type { Misbehaviour } from '../misbehaviour.ts';
import { attribute, body, header, ID, notification, on, payloads, rows, tell, VENDOR_ID } from './words.ts';

const SECOND = { exchange: 'phase-1', message: 2 } as const;
const FOURTH = { exchange: 'phase-1', message: 4 } as const;
const SIXTH = { exchange: 'phase-1', message: 6 } as const;
const QUICK = { exchange: 'quick', message: 2 } as const;
const MAIN = { mode: 'main' } as const;

/** HDR, SA [, VID ]: of the transform the key length is the second attribute, then hash, group and authentication. */
const CHOICES = rows({ clause: 'RFC 2408 §4.2', key: 'right', session: MAIN, at: SECOND, expects: 'refuse' }, [
  ['choice-omit', 'there is no SA', payloads({ change: 'drop', at: 0 })],
  ['choice-twice', 'the SA stands twice', payloads({ change: 'repeat', at: 0, times: 1 })],
  [
    'choice-of-two-transforms',
    'two transforms are chosen',
    payloads({
      change: 'within',
      at: 0,
      inner: { change: 'within', at: 0, inner: { change: 'repeat', at: 0, times: 1 } },
    }),
  ],
  [
    'choice-of-two-proposals',
    'two proposals are chosen',
    payloads({ change: 'within', at: 0, inner: { change: 'repeat', at: 0, times: 1 } }),
  ],
  ['choice-of-no-proposal', 'no proposal is chosen', body(0, { change: 'cut', left: 8 }, 'stale')],
  [
    'choice-of-another-hash',
    'a hash is chosen that was not offered',
    attribute(0, { change: 'body', at: 2, octets: { change: 'replace', octets: '80020001' } }),
  ],
  [
    'choice-of-another-group',
    'a group is chosen that was not offered',
    attribute(0, { change: 'body', at: 3, octets: { change: 'replace', octets: '80040001' } }),
  ],
  [
    'choice-of-another-key-length',
    'a key length is chosen that was not offered',
    attribute(0, { change: 'body', at: 1, octets: { change: 'replace', octets: '800e0100' } }),
  ],
  [
    'choice-of-another-authentication',
    'an authentication method is chosen that was not offered',
    attribute(0, { change: 'body', at: 4, octets: { change: 'replace', octets: '80030003' } }),
  ],
  ['choice-without-group', 'the group that was offered is not there', attribute(0, { change: 'drop', at: 3 })],
  [
    'choice-with-unknown-attribute',
    'there is an attribute that was not offered',
    attribute(0, { change: 'insert', at: 0, type: 0, octets: 'ffff0001' }),
  ],
  [
    'choice-of-esp',
    'the proposal is of ESP',
    body(0, { change: 'set', at: 13, value: 3 }, 'stale'),
    { clause: 'RFC 2408 §3.5' },
  ],
  [
    'choice-of-another-doi',
    'the SA is of a DOI that is nobody’s',
    body(0, { change: 'set', at: 3, value: 99 }, 'stale'),
    { clause: 'RFC 2408 §5.4' },
  ],
  [
    'choice-cookie-zero',
    'there is no responder cookie',
    on({ where: 'cookie', of: 'responder', octets: '0'.repeat(16) }),
    { clause: 'RFC 2408 §5.2' },
  ],
  [
    'choice-cookie-of-another',
    'the initiator cookie is another',
    header('initiatorCookie', 0x01010101),
    { clause: 'RFC 2408 §5.2' },
  ],
  ['choice-major-version-bump', 'message 2 is of version 2.0', header('version', 0x20), { clause: 'RFC 2408 §3.1' }],
  [
    'choice-of-another-exchange',
    'message 2 says that it is of Aggressive Mode',
    header('exchange', 4),
    { clause: 'RFC 2408 §5.2' },
  ],
  ['choice-encrypted', 'message 2 says that it is encrypted', header('flags', 1), { clause: 'RFC 2409 §5' }],
  [
    'choice-with-vendor-id',
    'there is a vendor ID that nobody knows',
    payloads({ change: 'insert', at: 1, type: VENDOR_ID, octets: 'ff'.repeat(16) }),
    { clause: 'RFC 2408 §3.16', expects: 'take' },
  ],
  [
    'choice-jacob-two-two',
    'message 2 comes twice',
    { does: 'repeat', times: 1 },
    { clause: 'RFC 2408 §5.1', key: 'none', expects: 'take' },
  ],
  [
    'choice-with-clear-refusal',
    'NO-PROPOSAL-CHOSEN comes behind it, in clear',
    tell('none', notification('000e')),
    { clause: 'RFC 2409 §5.7', key: 'none', expects: 'take' },
  ],
  ['send-no-main-r1', 'message 2 is never sent', { does: 'drop' }, { clause: 'RFC 2408 §5.1', key: 'none' }],
]);

/** The exchange says which mode it is; and where the key length is, others write in another order. */
const OF_MAIN_MODE: readonly string[] = ['choice-of-another-exchange', 'choice-of-another-key-length'];

/** HDR, KE, Nr. */
const EXCHANGES = rows({ clause: 'RFC 2409 §5', key: 'right', session: MAIN, at: FOURTH, expects: 'refuse' }, [
  ['answer-ke-payload-omit', 'there is no KE', payloads({ change: 'drop', at: 0 })],
  ['answer-ke-payload-empty', 'KE is empty', body(0, { change: 'cut', left: 0 })],
  ['answer-ke-payload-zero', 'KE is 0', body(0, { change: 'fill', value: 0 })],
  ['answer-ke-payload-one', 'KE is 1', body(0, { change: 'fill', value: 0, last: 1 })],
  ['answer-ke-payload-ones', 'KE is above the prime', body(0, { change: 'fill', value: 0xff })],
  ['answer-ke-payload-short', 'KE is an octet shorter than its group', body(0, { change: 'remove', at: 0, count: 1 })],
  ['answer-ke-payload-long', 'KE is an octet longer than its group', body(0, { change: 'append', octets: '01' })],
  ['answer-nonce-omit', 'there is no nonce', payloads({ change: 'drop', at: 1 })],
  ['answer-nonce-short', 'the nonce is of 7 octets', body(1, { change: 'cut', left: 7 })],
  ['answer-nonce-long', 'the nonce is of 257 octets', body(1, { change: 'replace', octets: '5a'.repeat(257) })],
  [
    'answer-nonce-before-ke',
    'the nonce stands before KE',
    payloads({ change: 'move', at: 1, to: 0 }),
    { expects: 'take' },
  ],
  [
    'answer-bust-mr2',
    'message 4 is of 3,000 octets more',
    payloads({ change: 'insert', at: 2, type: VENDOR_ID, octets: 'dd'.repeat(3000) }),
    { clause: 'RFC 2408 §3.16', expects: 'live' },
  ],
]);

/** HDR*, IDir, HASH_R. */
const PROOFS = rows({ clause: 'RFC 2409 §5', key: 'right', session: MAIN, at: SIXTH, expects: 'refuse' }, [
  ['send-no-main-r3', 'message 6 is never sent', { does: 'drop' }, { clause: 'RFC 2408 §5.1', key: 'none' }],
  ['answer-fifth-in-clear', 'message 6 says that it is in clear', header('flags', 0), { key: 'none' }],
  ['answer-hash-omit', 'there is no HASH_R', payloads({ change: 'drop', at: 1 })],
  ['answer-hash-zero', 'HASH_R is of zeros', body(1, { change: 'fill', value: 0 }, 'stale')],
  ['answer-hash-short', 'HASH_R is an octet shorter', body(1, { change: 'cut', left: 19 }, 'stale')],
  ['answer-hash-empty', 'HASH_R is empty', body(1, { change: 'cut', left: 0 }, 'stale')],
  ['answer-hash-twice', 'HASH_R stands twice', payloads({ change: 'repeat', at: 1, times: 1 })],
  ['answer-id-omit', 'there is no identity', payloads({ change: 'drop', at: 0 })],
  ['answer-id-empty', 'the identity is empty', body(0, { change: 'cut', left: 0 })],
  [
    'answer-id-of-another',
    'the identity is another’s, with a right HASH_R',
    body(0, { change: 'replace', octets: '01000000c6336499' }),
    { clause: 'RFC 2407 §4.6.2' },
  ],
  [
    'answer-id-of-another-stale',
    'the identity is another’s, with the HASH_R of its own',
    body(0, { change: 'replace', octets: '01000000c6336499' }, 'stale'),
  ],
  [
    'answer-padding-more',
    'there are three blocks of padding',
    on({ where: 'padding', blocks: 3 }),
    { clause: 'RFC 2409 Appendix B', expects: 'take' },
  ],
  ['answer-of-wrong-key', 'who answers has another key', [], { key: 'wrong', clause: 'RFC 2409 §5.4', at: FOURTH }],
]);

/** HDR, SA, KE, Nr, IDir, HASH_R. */
const AGGRESSIVE = rows(
  { clause: 'RFC 2409 §5', key: 'right', session: { mode: 'aggressive' }, at: SECOND, expects: 'refuse' },
  [
    ['answer-aggressive-ke-zero', 'KE is 0', body(1, { change: 'fill', value: 0 }, 'stale')],
    ['answer-aggressive-ke-omit', 'there is no KE', payloads({ change: 'drop', at: 1 }, 'stale')],
    ['answer-aggressive-nonce-omit', 'there is no nonce', payloads({ change: 'drop', at: 2 }, 'stale')],
    ['answer-aggressive-id-omit', 'there is no identity', payloads({ change: 'drop', at: 3 }, 'stale')],
    [
      'answer-aggressive-id-of-another',
      'the identity is another’s',
      body(3, { change: 'replace', octets: '01000000c6336499' }, 'stale'),
    ],
    ['answer-aggressive-hash-zero', 'HASH_R is of zeros', body(4, { change: 'fill', value: 0 }, 'stale')],
    ['answer-aggressive-hash-omit', 'there is no HASH_R', payloads({ change: 'drop', at: 4 }, 'stale')],
    [
      'answer-aggressive-hash-for-id',
      'HASH_R says that it is an identity',
      payloads({ change: 'type', at: 4, type: ID }, 'stale'),
    ],
    ['answer-aggressive-sa-last', 'the SA is the last payload', payloads({ change: 'move', at: 0, to: 4 }, 'stale')],
    ['answer-aggressive-of-wrong-key', 'who answers has another key', [], { key: 'wrong', clause: 'RFC 2409 §5.4' }],
  ],
);

/** What is otherwise in HDR and SA of Aggressive Mode; HASH_R is as it was. */
const AGGRESSIVE_CHOICES: readonly Misbehaviour[] = CHOICES.filter(({ name }) => !OF_MAIN_MODE.includes(name)).map(
  (choice) => ({ ...choice, name: inAggressiveMode(choice.name), session: { mode: 'aggressive' } }),
);

function inAggressiveMode(name: string): string {
  return name.startsWith('choice') ? `aggressive-${name}` : name.replace('main', 'aggressive');
}

/** HDR*, HASH(2), SA, Nr, IDci, IDcr: of the transform the key length is the first attribute, then MAC and mode. */
const QUICKS = rows({ clause: 'RFC 2409 §5.5', key: 'right', at: QUICK, expects: 'refuse' }, [
  ['send-no-quick-r1', 'the answer is never sent', { does: 'drop' }, { clause: 'RFC 2408 §5.1', key: 'none' }],
  [
    'quick-answer-twice',
    'the answer comes twice',
    { does: 'repeat', times: 1 },
    { clause: 'RFC 2408 §5.1', key: 'none', expects: 'take' },
  ],
  [
    'quick-answer-corrupt',
    'an octet of what is encrypted is another',
    on({ where: 'datagram', octets: { change: 'flip', at: 40, mask: 0x55 } }),
    { key: 'none' },
  ],
  ['quick-answer-of-another-message-id', 'the message ID is another', header('messageId', 0x01020304), { key: 'none' }],
  ['quick-answer-hash-omit', 'there is no HASH(2)', payloads({ change: 'drop', at: 0 })],
  ['quick-answer-hash-zero', 'HASH(2) is of zeros', body(0, { change: 'fill', value: 0 }, 'stale')],
  ['quick-answer-stale', 'HASH(2) is of another nonce', body(2, { change: 'flip', at: 0, mask: 1 }, 'stale')],
  ['quick-answer-sa-omit', 'there is no SA', payloads({ change: 'drop', at: 1 })],
  ['quick-answer-sa-behind-nonce', 'the SA does not follow HASH(2)', payloads({ change: 'move', at: 1, to: 2 })],
  ['quick-answer-nonce-omit', 'there is no nonce', payloads({ change: 'drop', at: 2 })],
  ['quick-answer-nonce-short', 'the nonce is of 7 octets', body(2, { change: 'cut', left: 7 })],
  [
    'quick-answer-two-transforms',
    'two transforms are chosen',
    payloads({
      change: 'within',
      at: 1,
      inner: { change: 'within', at: 0, inner: { change: 'repeat', at: 0, times: 1 } },
    }),
    { clause: 'RFC 2408 §4.2' },
  ],
  [
    'quick-answer-two-proposals',
    'two proposals are chosen',
    payloads({ change: 'within', at: 1, inner: { change: 'repeat', at: 0, times: 1 } }),
    { clause: 'RFC 2408 §4.2' },
  ],
  [
    'quick-answer-of-another-mac',
    'a MAC is chosen that was not offered',
    attribute(1, { change: 'body', at: 1, octets: { change: 'replace', octets: '80050001' } }),
    { clause: 'RFC 2408 §4.2' },
  ],
  [
    'quick-answer-of-another-key-length',
    'a key length is chosen that was not offered',
    attribute(1, { change: 'body', at: 0, octets: { change: 'replace', octets: '80060100' } }),
    { clause: 'RFC 2408 §4.2' },
  ],
  [
    'quick-answer-of-another-mode',
    'a mode is chosen that was not offered',
    attribute(1, { change: 'body', at: 2, octets: { change: 'replace', octets: '80040002' } }),
    { clause: 'RFC 2408 §4.2' },
  ],
  [
    'quick-answer-of-ah',
    'the proposal is of AH',
    body(1, { change: 'set', at: 13, value: 2 }),
    { clause: 'RFC 2408 §4.2' },
  ],
  [
    'quick-answer-spi-size',
    'the SPI of ESP is of 3 octets',
    body(1, { change: 'set', at: 14, value: 3 }),
    { clause: 'RFC 2407 §4.6.1' },
  ],
  ['quick-answer-one-id', 'there is one identity, and not both', payloads({ change: 'drop', at: 4 })],
  ['quick-answer-ids-swapped', 'the identities are the other way round', payloads({ change: 'move', at: 3, to: 4 })],
  [
    'quick-answer-id-of-another',
    'the identity is of a network that was not asked for',
    body(3, { change: 'replace', octets: '04000000c0000200ffffff00' }),
    { clause: 'RFC 2407 §4.6.2' },
  ],
  [
    'quick-answer-ke-unasked',
    'KE is there, and no group',
    payloads({ change: 'insert', at: 3, type: 4, octets: '02'.repeat(256) }),
  ],
  [
    'quick-answer-padding-more',
    'there are three blocks of padding',
    on({ where: 'padding', blocks: 3 }),
    { clause: 'RFC 2409 Appendix B', expects: 'take' },
  ],
]);

/** Every misbehaviour of a responder that is known here. */
export const RESPONDER_MISBEHAVIOURS: readonly Misbehaviour[] = [
  ...CHOICES,
  ...EXCHANGES,
  ...PROOFS,
  ...AGGRESSIVE,
  ...AGGRESSIVE_CHOICES,
  ...QUICKS,
];
