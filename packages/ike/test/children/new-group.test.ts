import type { IkeProposal } from '@espalier/ike';
import { EXCHANGE, NOTIFY, PROTOCOL_ID, type SaPayload, SITUATION } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { readMessage } from '../../src/exchange/message.ts';
import { openInformational } from '../../src/v1/informational/informational.ts';
import { Forger } from '../support/forger.ts';
import { peerConfig, R2, R3 } from '../support/pair.ts';

/** A group of 2^15 and above, for private use (RFC 2409 §5.6). */
const OFFER: SaPayload = {
  kind: 'sa',
  doi: 1,
  situation: SITUATION.identityOnly,
  proposals: [
    {
      number: 1,
      protocol: PROTOCOL_ID.isakmp,
      spi: new Uint8Array(0),
      transforms: [{ number: 1, id: 1, attributes: [{ type: 4, value: 0x8001 }] }],
    },
  ],
};

const AES_XCBC: IkeProposal = {
  encryption: 'aes-cbc',
  keyOctets: 16,
  hash: 'sha1',
  prf: 'aes-xcbc',
  group: 2,
  authentication: 'pre-shared-key',
};

describe('New Group Mode', () => {
  it.each([
    ['HMAC of the hash', peerConfig('R2').proposals],
    ['AES-XCBC-PRF-128', [AES_XCBC]],
  ])('is answered once: the group is not supported, protected by the prf as the question was: %s', (_, proposals) => {
    const forger = new Forger({ proposals }, 7, proposals);
    const sa = forger.establish();
    const asked = forger.seal(sa, EXCHANGE.newGroup, 77, [OFFER]);
    const { result, replies } = forger.send(asked);
    expect(result).toEqual({ ok: false, reason: 'unsupported-exchange' });
    const [reply, ...others] = replies;
    expect(others).toEqual([]);
    const payloads = openInformational(sa, readMessage(reply ?? expect.fail(), { local: R2, remote: R3 }));
    expect(payloads.at(-1)).toMatchObject({ kind: 'notification', notifyType: NOTIFY['ATTRIBUTES-NOT-SUPPORTED'] });
    expect(forger.send(asked)).toMatchObject({ result: { ok: false, reason: 'message-id-reused' }, replies: [] });
  });

  it('gets no answer where it is not the peer that asks', () => {
    const forger = new Forger();
    const sa = forger.establish();
    const forged = forger.seal(sa, EXCHANGE.newGroup, 77, [OFFER]).slice();
    forged[40] = (forged[40] ?? 0) ^ 1;
    expect(forger.send(forged)).toMatchObject({ result: { ok: false }, replies: [] });
    expect(forger.send(forger.seal(sa, EXCHANGE.newGroup, 0, [OFFER]))).toMatchObject({
      result: { ok: false, reason: 'invalid-message-id' },
      replies: [],
    });
    expect(forger.endpoint.ikeSas()).toHaveLength(1);
  });
});
