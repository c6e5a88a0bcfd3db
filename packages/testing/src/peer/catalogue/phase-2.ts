import type { Misbehaviour } from '../misbehaviour.ts';
import {
  attribute,
  body,
  DELETE,
  DELETE_CHILD,
  DELETE_IKE_SA,
  HASH,
  header,
  NOTIFICATION,
  notification,
  on,
  payloads,
  rows,
  tell,
  VENDOR_ID,
} from './words.ts';

const FIRST = { exchange: 'quick', message: 1 } as const;
const LAST = { exchange: 'quick', message: 3 } as const;

/** HDR*, HASH(1), SA, Ni, IDci, IDcr: of the transform the key length is the first attribute. */
const QUICK = rows({ clause: 'RFC 2409 §5.5', key: 'right', at: FIRST, expects: 'refuse' }, [
  ['v1-hash-payload-omit', 'there is no HASH(1)', payloads({ change: 'drop', at: 0 })],
  ['v1-hash-payload-empty', 'HASH(1) is empty', body(0, { change: 'cut', left: 0 }, 'stale')],
  ['v1-hash-payload-zero', 'HASH(1) is of zeros', body(0, { change: 'fill', value: 0 }, 'stale')],
  ['v1-hash-payload-duplicate', 'HASH(1) stands twice', payloads({ change: 'repeat', at: 0, times: 1 })],
  ['v1-hash-payload-short', 'HASH(1) is an octet shorter', body(0, { change: 'cut', left: 19 }, 'stale')],
  ['v1-hash-exchange-quick', 'HASH(1) is of another nonce', body(2, { change: 'flip', at: 0, mask: 1 }, 'stale')],
  ['hash-not-first', 'HASH(1) stands behind the SA', payloads({ change: 'move', at: 0, to: 1 }, 'stale')],
  ['quick-sa-behind-nonce', 'the SA does not follow HASH(1)', payloads({ change: 'move', at: 1, to: 2 })],
  ['quick-sa-omit', 'there is no SA', payloads({ change: 'drop', at: 1 })],
  ['quick-nonce-omit', 'there is no nonce', payloads({ change: 'drop', at: 2 })],
  ['quick-nonce-short', 'the nonce is of 7 octets', body(2, { change: 'cut', left: 7 })],
  ['quick-nonce-long', 'the nonce is of 257 octets', body(2, { change: 'replace', octets: '5a'.repeat(257) })],
  ['quick-nonce-twice', 'the nonce stands twice', payloads({ change: 'repeat', at: 2, times: 1 })],
  ['quick-one-id', 'there is one identity, and not both', payloads({ change: 'drop', at: 4 })],
  ['quick-three-ids', 'there are three identities', payloads({ change: 'repeat', at: 4, times: 1 })],
  ['quick-id-empty', 'an identity is empty', body(3, { change: 'cut', left: 0 })],
  [
    'quick-id-of-another',
    'the identity is of a network that no policy is for',
    body(3, { change: 'replace', octets: '04000000c0000200ffffff00' }),
    { clause: 'RFC 2407 §4.6.2' },
  ],
  [
    'quick-id-without-mask',
    'a subnet has no mask',
    body(3, { change: 'cut', left: 8 }),
    { clause: 'RFC 2407 §4.6.2.5' },
  ],
  [
    'quick-transforms-miscounted',
    'the proposal says that it has more transforms',
    body(1, { change: 'set', at: 15, value: 9 }),
    { clause: 'RFC 2408 §3.5' },
  ],
  [
    'quick-spi-size',
    'the SPI of ESP is of 3 octets',
    body(1, { change: 'set', at: 14, value: 3 }),
    { clause: 'RFC 2407 §4.6.1' },
  ],
  [
    'quick-spi-zero',
    'the SPI is 0',
    body(1, {
      change: 'replace',
      octets: '00000001000000010000002801030401000000000000001c010c00008006008080050002800400018001000180020708',
    }),
    { clause: 'RFC 4303 §2.1' },
  ],
  [
    'quick-protocol-unknown',
    'the proposal is of a protocol that is nobody’s',
    body(1, { change: 'set', at: 13, value: 77 }),
    { clause: 'RFC 2407 §4.4.1' },
  ],
  [
    'child-key-length-attribute-omit',
    'AES without its key length',
    attribute(1, { change: 'drop', at: 0 }),
    { clause: 'RFC 3602 §5.3' },
  ],
  [
    'child-key-length-attribute-zero',
    'AES with a key of 0 bits',
    attribute(1, { change: 'body', at: 0, octets: { change: 'replace', octets: '80060000' } }),
    { clause: 'RFC 3602 §5.3' },
  ],
  [
    'child-key-length-attribute-duplicate',
    'the key length stands twice',
    attribute(1, { change: 'repeat', at: 0, times: 1 }),
    { clause: 'RFC 2408 §3.3', expects: 'live' },
  ],
  [
    'encapsulation-mode-unknown',
    'two encapsulation modes, the first of them nobody’s',
    attribute(1, { change: 'insert', at: 0, type: 0, octets: '80047ffe' }),
    { clause: 'RFC 2407 §4.5' },
  ],
  [
    'quick-attribute-unknown',
    'an attribute that is nobody’s',
    attribute(1, { change: 'insert', at: 0, type: 0, octets: 'ffff0001' }),
    { clause: 'RFC 2407 §4.5' },
  ],
  [
    'quick-ke-unasked',
    'KE is there, and no group',
    payloads({ change: 'insert', at: 3, type: 4, octets: '02'.repeat(256) }),
  ],
  [
    'quick-chain-cut-off',
    'the last payload is longer than what is there',
    payloads({ change: 'length', at: 4, by: 200 }),
    { clause: 'RFC 2408 §5.3' },
  ],
  [
    'quick-reserved',
    'a reserved octet of a payload is set',
    payloads({ change: 'reserved', at: 2, value: 1 }),
    { clause: 'RFC 2408 §5.3' },
  ],
  [
    'quick-vendor-id',
    'there is a vendor ID',
    payloads({ change: 'insert', at: 5, type: VENDOR_ID, octets: 'ff'.repeat(16) }),
    { clause: 'RFC 2408 §3.16', expects: 'live' },
  ],
  [
    'quick-padding-more',
    'there are three blocks of padding',
    on({ where: 'padding', blocks: 3 }),
    { clause: 'RFC 2409 Appendix B', expects: 'take' },
  ],
  ['quick-commit', 'the commit bit is set', header('flags', 3), { clause: 'RFC 2408 §3.1', expects: 'live' }],
  [
    'quick-transforms-many',
    'the transform stands sixty times',
    payloads({
      change: 'within',
      at: 1,
      inner: { change: 'within', at: 0, inner: { change: 'repeat', at: 0, times: 60 } },
    }),
    { clause: 'RFC 2408 §4.2', expects: 'take' },
  ],
  [
    'quick-last-hash-zero',
    'HASH(3) is of zeros',
    body(0, { change: 'fill', value: 0 }, 'stale'),
    { at: LAST, expects: 'live' },
  ],
  [
    'quick-last-hash-omit',
    'there is no HASH(3)',
    payloads({ change: 'type', at: 0, type: NOTIFICATION }),
    { at: LAST, expects: 'live' },
  ],
]);

/** HDR*, HASH(1), N/D: what follows from it is nothing that ends what there is (RFC 2409 §5.7). */
const INFORMATIONAL = rows({ clause: 'RFC 2409 §5.7', key: 'right', at: LAST, expects: 'ignore' }, [
  ['v1-hash-exchange-delete', 'a Delete of the IKE SA behind a wrong HASH', tell('wrong', DELETE_IKE_SA)],
  ['v1-hash-exchange-delete-child', 'a Delete of the child behind a wrong HASH', tell('wrong', DELETE_CHILD)],
  ['v1-hash-exchange-notification', 'INITIAL-CONTACT behind a wrong HASH', tell('wrong', notification('6002'))],
  [
    'delete-without-hash',
    'a Delete of the IKE SA, encrypted, without a HASH',
    { does: 'tell', hash: 'right', payloads: [DELETE_IKE_SA] },
  ],
  [
    'delete-before-hash',
    'a Delete of the IKE SA before its HASH',
    { does: 'tell', hash: 'right', payloads: [DELETE_IKE_SA, { type: HASH, body: '00'.repeat(20) }] },
  ],
  [
    'delete-of-nothing',
    'a Delete of an SPI that nobody has',
    tell('right', { type: DELETE, body: '000000010304000112345678' }),
    { clause: 'RFC 2408 §5.15' },
  ],
  [
    'delete-spi-size',
    'a Delete of ESP with SPIs of 16 octets',
    tell('right', { type: DELETE, body: '0000000103100001{cookies}' }),
    { clause: 'RFC 2408 §5.15' },
  ],
  [
    'delete-count',
    'a Delete that says that it has 65,535 SPIs',
    tell('right', { type: DELETE, body: '000000010304ffff{spi}' }),
    { clause: 'RFC 2408 §3.15' },
  ],
  [
    'delete-spi-size-zero',
    'a Delete of 65,535 SPIs of no octets',
    tell('right', { type: DELETE, body: '000000010300ffff' }),
    { clause: 'RFC 2408 §3.15' },
  ],
  [
    'delete-of-unknown-protocol',
    'a Delete of a protocol that is nobody’s',
    tell('right', { type: DELETE, body: '000000016304000112345678' }),
    { clause: 'RFC 2408 §5.15' },
  ],
  [
    'delete-of-other-doi',
    'a Delete of another DOI',
    tell('right', { type: DELETE, body: '0000006303040001{spi}' }),
    { clause: 'RFC 2408 §5.15', expects: 'live' },
  ],
  [
    'ikev1-del-with-notify',
    'a Delete of the child with a Notification behind it',
    tell('right', DELETE_CHILD, notification('6001')),
    { expects: 'live' },
  ],
  [
    'notify-unknown-status',
    'a status that is nobody’s',
    tell('right', notification('9c40')),
    { clause: 'RFC 2408 §3.14.1' },
  ],
  [
    'notify-unknown-error',
    'an error that is nobody’s',
    tell('right', notification('1f40')),
    { clause: 'RFC 2408 §3.14.1' },
  ],
  [
    'notify-spi-too-long',
    'a Notification whose SPI is longer than it',
    tell('right', { type: NOTIFICATION, body: '0000000101ff6002{cookies}' }),
    { clause: 'RFC 2408 §3.14' },
  ],
  [
    'notify-empty',
    'a Notification of no octets',
    tell('right', { type: NOTIFICATION, body: '' }),
    { clause: 'RFC 2408 §3.14' },
  ],
  ['informational-empty', 'HASH, and nothing behind it', tell('right')],
  [
    'dpd-without-sequence',
    'R-U-THERE without a sequence number',
    tell('right', notification('8d28')),
    { clause: 'RFC 3706 §5.3' },
  ],
  [
    'dpd-of-another',
    'R-U-THERE of other cookies',
    tell('right', { type: NOTIFICATION, body: `0000000101108d28${'ab'.repeat(16)}00000001` }),
    { clause: 'RFC 3706 §5.3' },
  ],
  [
    'new-group-mode',
    'New Group Mode of an SA that is none',
    { ...tell('right', { type: 1, body: '0000000100000001' }), exchange: 33 },
    { clause: 'RFC 2409 §5.6' },
  ],
  [
    'transaction-unasked',
    'a Mode Config request that nobody has agreed on',
    { ...tell('right', { type: 14, body: '0100000100010000' }), exchange: 6 },
    { clause: 'draft-dukes-ike-mode-cfg-02 §3' },
  ],
  [
    'informational-of-unknown-payload',
    'a payload of a type that is nobody’s',
    tell('right', { type: 99, body: '00' }),
    { clause: 'RFC 2408 §5.3' },
  ],
]);

/** What only who has the key can do under an IKE SA. */
export const PHASE_2: readonly Misbehaviour[] = [...QUICK, ...INFORMATIONAL];
