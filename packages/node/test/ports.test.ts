import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PeerPorts } from '../src/ports.ts';

const port = fc.integer({ min: 1, max: 65_535 });
const address = fc.constantFrom('192.0.2.1', '2001:db8::1');
const ports = fc.record({ ike: port, natTraversal: port }).filter(({ ike, natTraversal }) => ike !== natTraversal);

it('sees a peer at 500 and 4500 where it is at its ports for these, and sends to these what is for 500 and 4500', () => {
  fc.assert(
    fc.property(address, ports, fc.constantFrom(500, 4500), (where, real, wellKnown) => {
      const peers = new PeerPorts();
      peers.set(where, real);
      const seen = { address: where, port: wellKnown };
      const there = { address: where, port: wellKnown === 500 ? real.ike : real.natTraversal };
      expect(peers.real(seen)).toEqual(there);
      expect(peers.seen(there)).toEqual(seen);
    }),
  );
});

it('leaves other peers, and other ports, as they are', () => {
  fc.assert(
    fc.property(ports, port, (real, other) => {
      const peers = new PeerPorts();
      peers.set('192.0.2.1', real);
      const elsewhere = { address: '192.0.2.2', port: other };
      expect([peers.real(elsewhere), peers.seen(elsewhere)]).toEqual([elsewhere, elsewhere]);
      fc.pre(![500, 4500, real.ike, real.natTraversal].includes(other));
      const behindNat = { address: '192.0.2.1', port: other };
      expect([peers.real(behindNat), peers.seen(behindNat)]).toEqual([behindNat, behindNat]);
    }),
  );
});
