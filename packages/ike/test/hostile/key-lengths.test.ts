import { espSuite } from '@espalier/crypto';
import { type Attribute, decodeMessage, EXCHANGE, encodeMessage, type Payload, type SaPayload } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { randomSpi } from '../../src/runtime/random.ts';
import { offerPhase2 } from '../../src/v1/proposals/phase2.ts';
import { offeredIdentities } from '../../src/v1/quick-mode/quick.ts';
import { Forger } from '../support/forger.ts';
import { childPolicy } from '../support/pair.ts';

/** The Key Length attributes of phase 1 and phase 2 (RFC 2409 Appendix A, RFC 2407 §4.5). */
const PHASE_1 = 14;
const PHASE_2 = 6;

/** An offer with other Key Lengths. */
function withLengths(offer: SaPayload, type: number, lengths: readonly Attribute['value'][]): SaPayload {
  const attributesOf = (attributes: readonly Attribute[]): readonly Attribute[] => [
    ...attributes.filter((attribute) => attribute.type !== type),
    ...lengths.map((value) => ({ type, value })),
  ];
  return {
    ...offer,
    proposals: offer.proposals.map((proposal) => ({
      ...proposal,
      transforms: proposal.transforms.map((transform) => ({
        ...transform,
        attributes: attributesOf(transform.attributes),
      })),
    })),
  };
}

const AES = {
  proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
} as const;

/** What becomes of message 1 of phase 1 with these Key Lengths. */
function phase1(cipher: '3des' | 'aes', lengths: readonly Attribute['value'][]) {
  const forger = new Forger(cipher === 'aes' ? AES : {});
  const { header, payloads } = decodeMessage(forger.start().octets);
  const edited = payloads.map((payload): Payload => (payload.kind === 'sa' ? edit(payload, cipher, lengths) : payload));
  return forger.send(encodeMessage(header, edited)).result;
}

/** Forgers offer 3DES: AES is written over it. */
function edit(offer: SaPayload, cipher: '3des' | 'aes', lengths: readonly Attribute['value'][]): SaPayload {
  const changed = withLengths(offer, PHASE_1, lengths);
  if (cipher === '3des') return changed;
  return {
    ...changed,
    proposals: changed.proposals.map((proposal) => ({
      ...proposal,
      transforms: proposal.transforms.map((transform) => ({
        ...transform,
        attributes: transform.attributes.map((attribute) => (attribute.type === 1 ? { type: 1, value: 7 } : attribute)),
      })),
    })),
  };
}

function phase2(suite: string, lengths: readonly Attribute['value'][]) {
  const policy = childPolicy('R2', { suites: [espSuite(suite)] });
  const forger = new Forger({ children: [childPolicy('R3', { suites: [espSuite(suite)] })] });
  const sa = forger.establish();
  const offer = withLengths(offerPhase2(policy, { spi: randomSpi(forger.rng, () => false) }), PHASE_2, lengths);
  const ids = offeredIdentities(policy).map((identity): Payload => ({ kind: 'id', ...identity }));
  const nonce: Payload = { kind: 'nonce', data: new Uint8Array(16).fill(1) };
  return forger.send(forger.seal(sa, EXCHANGE.quick, 5, [offer, nonce, ...ids])).result;
}

const NOT_CHOSEN = { ok: false, reason: 'no-proposal-chosen' } as const;

describe('a Key Length', () => {
  it.each<[string, readonly Attribute['value'][]]>([
    ['zero', [0]],
    ['of one bit less', [127]],
    ['of a cipher of another length', [256]],
    ['said twice, and differently', [128, 256]],
    ['of three octets', [new Uint8Array([0, 1, 0])]],
  ])('of no cipher that is wanted is not chosen, in either phase: %s', (_, lengths) => {
    expect(phase1('aes', lengths)).toEqual(NOT_CHOSEN);
    expect(phase2('aes-128-cbc/hmac-sha1-96', lengths)).toEqual(NOT_CHOSEN);
  });

  it('of 128 bits is that of AES with 128 bits', () => {
    expect(phase1('aes', [128])).toEqual({ ok: true });
    expect(phase2('aes-128-cbc/hmac-sha1-96', [128])).toEqual({ ok: true });
  });

  it('has no place beside 3DES, whose keys have one length: such a transform is not chosen', () => {
    expect(phase1('3des', [192])).toEqual(NOT_CHOSEN);
    expect(phase2('3des-cbc/hmac-sha1-96', [192])).toEqual(NOT_CHOSEN);
  });
});
