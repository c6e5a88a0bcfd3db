import { NOTIFY, PROTOCOL_ID, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { all } from '../../src/exchange/rules.ts';
import { HandMadePeer } from '../support/hand-made-peer.ts';
import { childPolicy, tunnelled } from '../support/pair.ts';

describe('REPLAY-STATUS (RFC 2407 §4.6.3.2)', () => {
  it.each([
    [undefined, undefined],
    ['enabled', '00000001'],
    ['disabled', '00000000'],
  ] as const)('is told by a responder, of its own SPI, as the policy says: %s', (status, data) => {
    const peer = new HandMadePeer({}, status === undefined ? {} : { replayStatus: status });
    if (!peer.mainMode()) return expect.unreachable('no IKE SA');
    const answer = peer.quick(peer.quickOffer()) ?? expect.unreachable('no answer');
    const told = all(answer, 'notification').filter(({ notifyType }) => notifyType === NOTIFY['REPLAY-STATUS']);
    const [own] = all(answer, 'sa').flatMap(({ proposals }) => proposals.map(({ spi }) => toHex(spi)));
    expect(told.map((one) => [one.protocol, toHex(one.spi), toHex(one.data)])).toEqual(
      data === undefined ? [] : [[PROTOCOL_ID.esp, own, data]],
    );
  });

  it('is told to the caller by an initiator that hears it, and changes nothing', () => {
    const pair = tunnelled({ R3: { children: [childPolicy('R3', { replayStatus: 'disabled' })] } });
    expect(pair.R2.of('notified')).toMatchObject([{ name: 'REPLAY-STATUS', authenticated: true }]);
    expect(pair.R2.endpoint.children()).toMatchObject([{ state: 'established' }]);
  });
});
