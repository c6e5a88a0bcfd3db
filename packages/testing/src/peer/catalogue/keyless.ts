import type { Misbehaviour } from '../misbehaviour.ts';
import { DELETE_CHILD, DELETE_IKE_SA, datagram, header, notification, on, rows, tell } from './words.ts';

const FIRST = { exchange: 'phase-1', message: 1 } as const;
const THIRD = { exchange: 'phase-1', message: 3 } as const;
const FIFTH = { exchange: 'phase-1', message: 5 } as const;
/** When there is a child. */
const LAST = { exchange: 'quick', message: 3 } as const;

/** The header, as anybody may write it (RFC 2408 §5.2). */
const HEADERS = rows(
  { clause: 'RFC 2408 §5.2', key: 'none', session: { mode: 'main' }, at: FIRST, expects: 'refuse' },
  [
    ['major-version-bump', 'the first message is of version 2.0', header('version', 0x20), { clause: 'RFC 2408 §3.1' }],
    ['minor-version-bump', 'the first message is of version 1.1', header('version', 0x11), { clause: 'RFC 2408 §3.1' }],
    [
      'ike-initiator-spi-zero',
      'the initiator cookie is zero',
      on({ where: 'cookie', of: 'initiator', octets: '0'.repeat(16) }),
    ],
    [
      'ike-responder-spi-set',
      'the first message has a responder cookie',
      on({ where: 'cookie', of: 'responder', octets: '1'.repeat(16) }),
    ],
    [
      'ike-responder-spi-zero',
      'message 3 has no responder cookie',
      on({ where: 'cookie', of: 'responder', octets: '0'.repeat(16) }),
      { at: THIRD },
    ],
    ['send-bogus-isakmp-flag', 'a flag is set that is reserved', header('flags', 0x80)],
    ['unknown-exchange', 'an exchange type that is nobody’s', header('exchange', 99)],
    [
      'message-id-in-phase-1',
      'the first message has a message ID',
      header('messageId', 0x1234),
      { clause: 'RFC 2408 §3.1' },
    ],
    ['no-payload-follows', 'the header says that no payload follows', header('nextPayload', 0)],
    [
      'length-too-long',
      'the header says that the message is longer',
      header('length', 4096),
      { clause: 'RFC 2408 §5.1' },
    ],
    [
      'length-too-short',
      'the header says that the message is shorter',
      header('length', 40),
      { clause: 'RFC 2408 §5.1' },
    ],
    [
      'length-below-header',
      'the header says that the message is shorter than its header',
      header('length', 20),
      { clause: 'RFC 2408 §5.1' },
    ],
    [
      'length-all-ones',
      'the header says that the message is of 4 GB',
      header('length', 0xffffffff),
      { clause: 'RFC 2408 §5.1' },
    ],
    [
      'cut-off',
      'the last octets of the first message are not there',
      datagram({ change: 'cut', left: 60 }),
      { clause: 'RFC 2408 §5.1' },
    ],
    [
      'header-alone',
      'there is a header, and nothing else',
      datagram({ change: 'cut', left: 28 }),
      { clause: 'RFC 2408 §5.1' },
    ],
    ['third-in-another-exchange', 'message 3 says that it is of Aggressive Mode', header('exchange', 4), { at: THIRD }],
    [
      'third-encrypted',
      'message 3 says that it is encrypted',
      header('flags', 1),
      { at: THIRD, clause: 'RFC 2409 §5' },
    ],
    ['fifth-in-clear', 'message 5 says that it is in clear', header('flags', 0), { at: FIFTH, clause: 'RFC 2409 §5' }],
    [
      'corrupt-encrypted',
      'an octet of what is encrypted is another',
      datagram({ change: 'flip', at: 36, mask: 0x55 }),
      { at: FIFTH, clause: 'RFC 2409 §5' },
    ],
    [
      'corrupt-cookies',
      'message 5 has cookies that nobody knows',
      header('initiatorCookie', 0x01010101),
      { at: FIFTH },
    ],
    [
      'fifth-cut-in-a-block',
      'message 5 is not of whole blocks',
      datagram({ change: 'cut', left: 61 }),
      { at: FIFTH, clause: 'RFC 2409 Appendix B' },
    ],
    [
      'quick-without-message-id',
      'Quick Mode has the message ID of phase 1',
      header('messageId', 0),
      { at: { exchange: 'quick', message: 1 }, clause: 'RFC 2408 §3.1' },
    ],
    [
      'quick-in-another-exchange',
      'Quick Mode says that it is an Informational exchange',
      header('exchange', 5),
      { at: { exchange: 'quick', message: 1 } },
    ],
  ],
);

/** What is sent again, by a network or by somebody who has listened (RFC 2408 §5.1, RFC 2409 §5). */
const REPETITIONS = rows({ clause: 'RFC 2408 §5.1', key: 'none', at: FIRST, expects: 'take' }, [
  ['jacob-two-two', 'the first message comes twice', { does: 'repeat', times: 1 }],
  [
    'replay-duplicates',
    'message 5 comes twice',
    { does: 'repeat', times: 1 },
    { at: FIFTH, session: { mode: 'main' } },
  ],
  [
    'quick-twice',
    'Quick Mode begins twice with the same message',
    { does: 'repeat', times: 1 },
    { at: { exchange: 'quick', message: 1 } },
  ],
  [
    'quick-forty-times',
    'Quick Mode begins forty times with the same message',
    { does: 'repeat', times: 40 },
    { at: { exchange: 'quick', message: 1 } },
  ],
  [
    'replay-forward',
    'before Quick Mode goes on, everything is sent again, the oldest first',
    { does: 'replay', order: 'forward' },
    { at: { exchange: 'quick', message: 1 } },
  ],
  [
    'replay-backward',
    'before Quick Mode goes on, everything is sent again, the newest first',
    { does: 'replay', order: 'backward' },
    { at: { exchange: 'quick', message: 1 } },
  ],
  [
    'replay-encrypted',
    'when there is a child, everything is sent again',
    { does: 'replay', order: 'forward' },
    { at: LAST, expects: 'ignore' },
  ],
]);

/** What is never sent. */
const SILENCES = rows(
  { clause: 'RFC 2408 §5.1', key: 'none', at: FIFTH, expects: 'refuse', session: { mode: 'main' } },
  [
    ['drop-i2', 'message 3 is never sent', { does: 'drop' }, { at: THIRD }],
    ['send-no-main-i3', 'message 5 is never sent', { does: 'drop' }],
    [
      'send-no-quick-i2',
      'the last message of Quick Mode is never sent',
      { does: 'drop' },
      { at: LAST, expects: 'live' },
    ],
  ],
);

/** What is said in clear under the cookies of an IKE SA: anybody can, so that nothing follows from it (RFC 2409 §5.7). */
const IN_CLEAR = rows({ clause: 'RFC 2409 §5.7', key: 'none', at: LAST, expects: 'ignore' }, [
  ['clear-delete-ike-sa', 'a Delete of the IKE SA, in clear', tell('none', DELETE_IKE_SA)],
  ['clear-delete-child', 'a Delete of the child, in clear', tell('none', DELETE_CHILD)],
  ['clear-initial-contact', 'INITIAL-CONTACT, in clear', tell('none', notification('6002'))],
  ['clear-invalid-cookie', 'INVALID-COOKIE, in clear', tell('none', notification('0004'))],
  ['clear-invalid-spi', 'INVALID-SPI, in clear', tell('none', notification('000b'))],
  ['clear-payload-malformed', 'PAYLOAD-MALFORMED, in clear', tell('none', notification('0010'))],
  [
    'clear-no-proposal-chosen',
    'NO-PROPOSAL-CHOSEN, in clear, while phase 1 goes on',
    tell('none', notification('000e')),
    { at: THIRD, session: { mode: 'main' }, expects: 'take' },
  ],
  [
    'clear-authentication-failed',
    'AUTHENTICATION-FAILED, in clear, while phase 1 goes on',
    tell('none', notification('0018')),
    { at: THIRD, session: { mode: 'main' }, expects: 'take' },
  ],
  [
    'clear-fragment',
    'a fragment that is shorter than its header (CVE-2016-1287)',
    { ...tell('none', { type: 132, body: '' }), exchange: 2 },
    { clause: 'RFC 2408 §5.3' },
  ],
  [
    'clear-vendor-id-alone',
    'an Informational exchange of one vendor ID, in clear',
    tell('none', { type: 13, body: 'ff'.repeat(16) }),
  ],
]);

/** Who has another key. */
const STRANGERS = rows({ clause: 'RFC 2409 §5.4', key: 'wrong', at: FIRST, expects: 'refuse' }, [
  ['wrong-key-main', 'Main Mode with another key', [], { session: { mode: 'main' } }],
  ['wrong-key-aggressive', 'Aggressive Mode with another key', [], { session: { mode: 'aggressive' } }],
]);

/** What needs no key, or is done by who has another. */
export const KEYLESS: readonly Misbehaviour[] = [...HEADERS, ...REPETITIONS, ...SILENCES, ...IN_CLEAR, ...STRANGERS];
