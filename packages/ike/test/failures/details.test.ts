import { EXCHANGE, fqdnId, PROTOCOL_ID } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { wordsForCredentials } from '../../src/explain/credential-words.ts';
import { nameIdentity } from '../../src/explain/identity.ts';
import { explainStranger } from '../../src/peer/stranger.ts';
import { describeOffer } from '../../src/v1/proposals/describe.ts';
import { saOf } from '../support/hand-made-peer.ts';
import { peerConfig } from '../support/pair.ts';

describe('why a first message is nobody’s', () => {
  const all = [{ config: peerConfig('R3') }];

  it.each([
    ['Main Mode from where nobody is configured: by its address', EXCHANGE.main, [], 'address'],
    ['Aggressive Mode from there: by its address', EXCHANGE.aggressive, [], 'address'],
    ['what begins nothing, from there: by its exchange', EXCHANGE.quick, [], 'exchange'],
    ['Aggressive Mode from where Main Mode is configured: by its exchange', EXCHANGE.aggressive, all, 'exchange'],
  ] as const)('is told of %s', (_, exchange, there, kind) => {
    expect(explainStranger(exchange, there, all, undefined).kind).toBe(kind);
  });
});

describe('certificates that are not believed', () => {
  it.each([
    [0, 'it sent no certificate; here: expired', /send_cert = always/],
    [1, 'it sent a certificate; here: expired', /needs another certificate.*R2 is trusted by/],
    [2, 'it sent 2 certificates; here: expired', /needs another certificate/],
  ])('are counted, and there is something to do: %i', (count, fact, todo) => {
    const identity = nameIdentity(fqdnId('r2.example.org'));
    const { facts, advice } = wordsForCredentials({
      kind: 'certificates',
      peer: 'R2',
      identity,
      count,
      reason: 'expired',
    });
    expect(facts).toContain(fact);
    expect(advice).toEqual([expect.stringMatching(todo)]);
  });
});

describe('an offer as people read it', () => {
  it.each([
    [PROTOCOL_ID.esp, 3, { protocol: 'esp', encryption: '3des' }],
    [PROTOCOL_ID.ah, 3, { protocol: 'ah', transform: 'sha1' }],
    [PROTOCOL_ID.ipcomp, 2, { protocol: 'ipcomp', transform: 'deflate' }],
    [9, 3, { protocol: '9', transform: '3' }],
  ])(
    'of protocol %i names transform %i, or gives its number where nobody knows the protocol',
    (protocol, id, words) => {
      const transforms = [{ number: 1, id, attributes: [] }];
      const said = describeOffer(2, saOf([{ number: 1, protocol, spi: new Uint8Array(4).fill(7), transforms }]));
      expect(said).toMatchObject({ kind: 'offer', phase: 2, offered: [words], offeredCount: 1 });
    },
  );
});
