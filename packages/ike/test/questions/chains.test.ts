import { CERT_ENCODING, type DecodedPayload } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { CHAINS_IN_ALL, REQUESTS_OCTETS_MOST } from '../../src/limits.ts';
import type { VerifyChainQuestion } from '../../src/questions/question.ts';
import { type Asker, Questions } from '../../src/questions/questions.ts';
import { readRequests } from '../../src/v1/authentication/certificates.ts';
import { R2, R3 } from '../support/pair.ts';
import { identityOf } from '../support/signing.ts';

const OCTETS = 65_000;
const MOST = Math.floor(CHAINS_IN_ALL / OCTETS);

const asks = (role: 'initiator' | 'responder', octets = OCTETS): VerifyChainQuestion => ({
  kind: 'verify-chain',
  peer: 'R2',
  role,
  method: 'rsa-signature',
  identity: identityOf('R2'),
  certificates: [{ encoding: CERT_ENCODING.x509Signature, data: new Uint8Array(octets) }],
});

class Asking implements Asker {
  readonly isReached = true;
  isCrowdedOut = false;

  answered(): undefined {}

  crowdedOut(): void {
    this.isCrowdedOut = true;
  }
}

/** One who asks from an address, with as many octets of certificates. */
function ask(questions: Questions, address: string, asked = asks('responder')): Asking {
  const asker = new Asking();
  questions.ask(asker, asked, { local: R3, remote: { ...R2, address } });
  return asker;
}

describe('certificates that wait for a verdict', () => {
  it('are bounded in octets, of peers that are reached too (regression: nobody counted them)', () => {
    const questions = new Questions();
    const own = ask(questions, '198.51.100.1', asks('initiator'));
    const single = ask(questions, '198.51.100.2');
    const flood = Array.from({ length: 3 * MOST }, () => ask(questions, '203.0.113.9'));
    expect(questions.length).toBe(1 + MOST);
    expect(flood.map(({ isCrowdedOut }) => isCrowdedOut)).toEqual(flood.map((_, i) => i < flood.length - MOST + 1));
    expect([own.isCrowdedOut, single.isCrowdedOut]).toEqual([false, false]);
  });

  it('leave room once they are answered, taken or not', () => {
    const questions = new Questions();
    for (let i = 0; i < MOST; i++) ask(questions, `203.0.113.${i}`);
    for (let id = questions.take()?.id; id !== undefined; id = questions.take()?.id) {
      if (id % 2 === 0) questions.takeAsker(id);
    }
    const later = Array.from({ length: MOST >> 1 }, (_, i) => ask(questions, `203.0.113.${i}`));
    expect(later.some(({ isCrowdedOut }) => isCrowdedOut)).toBe(false);
    expect(questions.length).toBe(MOST);
    ask(questions, '203.0.113.250');
    expect(questions.length).toBe(MOST);
  });
});

describe('certificate requests of a stranger', () => {
  it('are kept as far as 8 KiB go (regression: all that fit into a message)', () => {
    const encoding = CERT_ENCODING.x509Signature;
    const request = (authority: Uint8Array): DecodedPayload => ({
      kind: 'cert-request',
      encoding,
      authority,
      raw: authority,
      body: authority,
    });
    const authorities = Array.from({ length: 100 }, (_, i) => new Uint8Array(95).fill(i));
    const requests = authorities.map(request);
    const kept = readRequests(requests);
    expect(kept).toEqual(authorities.slice(0, 81).map((authority) => ({ encoding, authority })));
    expect(readRequests(requests.slice(0, 40), kept)).toEqual(kept);
    const empty = Array.from({ length: 5000 }, () => request(new Uint8Array(0)));
    expect(readRequests(empty)).toHaveLength(Math.floor(REQUESTS_OCTETS_MOST / 5));
  });
});
