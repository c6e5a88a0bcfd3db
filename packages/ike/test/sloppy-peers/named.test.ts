import type { Tolerance } from '@espalier/ike';
import { CONFIGURATION_TYPE, ipv4AddressId, NOTIFY } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { PEER_TOLERANCES } from '../../src/tolerances.ts';
import { HandMadePeer, notification, OFFER_1, phase1Sa, SPI } from '../support/hand-made-peer.ts';
import { R2 } from '../support/pair.ts';
import { GRID, type Manner } from './manners.ts';

function peerWith({ config, child }: Manner, off?: Tolerance): HandMadePeer {
  const tolerances = off === undefined ? {} : { tolerances: { [off]: false } };
  return new HandMadePeer({ ...config, ...tolerances }, child);
}

describe('what is taken though an RFC has it otherwise has a name', () => {
  it.each(GRID)('$tolerance, $form: it is taken, counted, and told once', ({ tolerance, ...manner }) => {
    const peer = peerWith(manner);
    expect(manner.says(peer)).toBe(true);
    peer.drain();
    expect(peer.endpoint.tolerances[tolerance]).toBeGreaterThan(0);
    expect(peer.tolerated).toEqual([tolerance]);
  });

  const ofPeers = GRID.filter(({ tolerance }) => PEER_TOLERANCES.some((one) => one === tolerance));

  it.each(ofPeers)('$tolerance, $form: it is not where that is switched off', ({ tolerance, ...manner }) => {
    const peer = peerWith(manner, tolerance);
    expect(manner.says(peer)).toBe(false);
    peer.drain();
    expect(peer.endpoint.tolerances[tolerance]).toBe(0);
    expect(peer.tolerated).toEqual([]);
  });

  it('is not counted of who says it as the clause has it', () => {
    const peer = new HandMadePeer({ modeConfig: { side: 'gateway' } });
    peer.mainMode({}, phase1Sa(OFFER_1), { ...ipv4AddressId(R2.address), protocol: 17, port: 500 });
    peer.inform(notification(NOTIFY['R-U-THERE'], { spi: peer.spi, data: Uint8Array.of(0, 0, 0, 1) }));
    peer.inform(notification(NOTIFY['R-U-THERE'], { spi: peer.spi, data: Uint8Array.of(0, 0, 0, 9) }));
    peer.inform(notification(NOTIFY['INITIAL-CONTACT'], { spi: peer.spi }));
    peer.inform(notification(NOTIFY['INVALID-SPI'], { protocol: 3, spi: SPI }));
    peer.inform({ kind: 'delete', doi: 1, protocol: 3, spiOctets: 4, spis: [SPI] });
    for (let i = 0; i < 2; i++) peer.transact(CONFIGURATION_TYPE.request, [{ type: 1, value: new Uint8Array(0) }]);
    expect(peer.tolerated).toEqual([]);
    expect(peer.last.result).toEqual({ ok: true });
  });
});
