import {
  type Attribute,
  CONFIGURATION_TYPE,
  decodeHeader,
  EXCHANGE,
  fromAscii,
  ipv4AddressId,
  ipv4SubnetId,
  XAUTH_ATTRIBUTE,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { AES, HandMadePeer, notification, OFFER_1, phase1Sa } from '../support/hand-made-peer.ts';

const XAUTH_OFFER = OFFER_1.map((attribute) => (attribute.type === 3 ? { type: 3, value: 65001 } : attribute));
const NOTHING = new Uint8Array(0);
const STEPS = 250;

const ATTRIBUTES: readonly (readonly Attribute[])[] = [
  [],
  [{ type: XAUTH_ATTRIBUTE.status, value: 1 }],
  [{ type: XAUTH_ATTRIBUTE.status, value: 0 }],
  [{ type: XAUTH_ATTRIBUTE.status, value: NOTHING }],
  [
    { type: XAUTH_ATTRIBUTE.userName, value: fromAscii('alice') },
    { type: XAUTH_ATTRIBUTE.userPassword, value: fromAscii('looking-glass') },
  ],
  [
    { type: XAUTH_ATTRIBUTE.type, value: 2 },
    { type: XAUTH_ATTRIBUTE.passcode, value: NOTHING },
  ],
  [{ type: 1, value: NOTHING }],
  [
    { type: 1, value: Uint8Array.of(10, 1, 77, 5) },
    { type: 1, value: 5 },
  ],
  [{ type: 28676, value: new Uint8Array(14) }],
];

describe.each([1, 2, 3, 4, 5, 6])(
  'whoever has the key of the group, and no password, walking at random (seed %i)',
  (seed) => {
    const rng = seededRng(seed);
    const draw = (below: number): number => {
      const out = new Uint8Array(2);
      rng.fill(out);
      return ((out[0] ?? 0) * 256 + (out[1] ?? 0)) % below;
    };

    it('gets no further: nothing is ready, nothing is leased, and a user with a password gets in afterwards', () => {
      const peer = new HandMadePeer(
        {
          proposals: [{ ...AES, authentication: 'xauth-initiator-pre-shared-key' }],
          modeConfig: { side: 'gateway', method: seed % 2 === 0 ? 'pull' : 'push' },
        },
        { localIdentity: ipv4SubnetId('10.1.0.0/16'), remoteIdentity: 'assigned' },
      );
      const ids = [ipv4AddressId('10.1.77.5'), ipv4SubnetId('10.1.56.0/24')];
      const known: number[] = [0x4242];
      const sent: Uint8Array[] = [];
      for (let step = 0; step < STEPS; step++) {
        if (peer.endpoint.ikeSas().length === 0) expect(peer.mainMode({}, phase1Sa(XAUTH_OFFER))).toBe(true);
        for (const reply of peer.last.replies) known.push(decodeHeader(reply).messageId);
        const attributes = ATTRIBUTES[draw(ATTRIBUTES.length)] ?? [];
        const messageId = draw(3) === 0 ? undefined : known[draw(known.length)];
        switch (draw(9)) {
          case 0:
            peer.quick(peer.quickOffer({ ids }), 0x9000 + step);
            break;
          case 1:
            peer.inform(notification([24578, 40501, 16384, 24, 18][draw(5)] ?? 0, { spi: peer.spi }));
            break;
          case 2: {
            const again = sent[draw(sent.length)];
            if (again !== undefined) peer.send(again);
            break;
          }
          case 3:
            peer.send(
              peer.clear(EXCHANGE.transaction, [{ kind: 'configuration', type: 4, identifier: 0, attributes }], 9),
            );
            break;
          case 4:
            peer.pass(draw(40_000));
            break;
          default:
            peer.transact([...Object.values(CONFIGURATION_TYPE), 9][draw(5)] ?? 1, attributes, messageId);
        }
        for (let question = peer.endpoint.pollQuestion(); question; question = peer.endpoint.pollQuestion()) {
          expect(question.kind).toBe('verify-credentials');
          if (draw(2) === 0) continue;
          peer.endpoint.answer(peer.now, question.id, { kind: 'verify-credentials', verdict: 'refuse' });
          sent.push(...peer.drain());
        }
        for (const { state } of peer.endpoint.ikeSas()) expect(['half-open', 'xauth']).toContain(state);
      }
      expect(peer.kinds).not.toContain('ike-established');
      expect(peer.kinds).not.toContain('configured');
      expect(peer.endpoint.children()).toEqual([]);

      expect(peer.mainMode({}, phase1Sa(XAUTH_OFFER))).toBe(true);
      const [asked] = peer.configurations(peer.last.replies);
      const right = [{ type: XAUTH_ATTRIBUTE.userPassword, value: fromAscii('wonderland') }];
      peer.transact(CONFIGURATION_TYPE.reply, right, asked?.messageId);
      const question = peer.endpoint.pollQuestion();
      peer.endpoint.answer(peer.now, question?.id ?? -1, { kind: 'verify-credentials', verdict: 'accept' });
      const [status] = peer.configurations(peer.drain());
      peer.transact(CONFIGURATION_TYPE.ack, [{ type: XAUTH_ATTRIBUTE.status, value: NOTHING }], status?.messageId);
      const states = peer.endpoint.ikeSas().map(({ state }) => state);
      expect(states.some((state) => state === 'ready' || state === 'mode-config')).toBe(true);
    });
  },
);
