import type { PeerConfig, PeerTolerance } from '@espalier/ike';
import {
  CONFIGURATION_TYPE,
  concat,
  fromAscii,
  fromHex,
  type Identification,
  ipv4AddressId,
  ipv4SubnetId,
  NOTIFY,
  toHex,
  XAUTH_ATTRIBUTE,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { AES, HandMadePeer, notification, OFFER_1, phase1Sa, SPI } from '../support/hand-made-peer.ts';
import { R2 } from '../support/pair.ts';

interface Manner {
  readonly tolerance: PeerTolerance;
  readonly forms: Readonly<Record<string, (peer: HandMadePeer) => boolean>>;
}

function established(peer: HandMadePeer): HandMadePeer {
  if (!peer.mainMode()) throw new Error('no IKE SA');
  peer.quick(peer.quickOffer());
  peer.quickConfirm();
  peer.drain();
  return peer;
}

const reversed = ({ cookieI, cookieR }: HandMadePeer): Uint8Array => concat(cookieR, cookieI);
const zeros = (): Uint8Array => new Uint8Array(16);
const none = (): Uint8Array => new Uint8Array(0);
const SPIS = { reversed, zeros, none };

const probed = (spiOf: (peer: HandMadePeer) => Uint8Array) => (peer: HandMadePeer) => {
  established(peer);
  const probe = notification(NOTIFY['R-U-THERE'], { spi: spiOf(peer), data: Uint8Array.of(0, 0, 0, 1) });
  return peer.inform(probe).replies.length === 1;
};

const greeted = (spiOf: (peer: HandMadePeer) => Uint8Array) => (peer: HandMadePeer) => {
  established(peer);
  peer.pass(1000);
  peer.mainMode();
  peer.inform(notification(NOTIFY['INITIAL-CONTACT'], { spi: spiOf(peer) }));
  return peer.events.some((event) => 'reason' in event && event.reason === 'peer-restarted');
};

const named =
  (port: number) =>
  (peer: HandMadePeer): boolean =>
    peer.mainMode({}, phase1Sa(OFFER_1), { ...ipv4AddressId(R2.address), protocol: 17, port } satisfies Identification);

const MANNERS: readonly Manner[] = [
  { tolerance: 'identity-port', forms: { 'port 0': named(0), 'port 4500': named(4500) } },
  { tolerance: 'probe-spi', forms: mapped(SPIS, probed) },
  { tolerance: 'initial-contact-spi', forms: mapped(SPIS, greeted) },
  {
    tolerance: 'invalid-spi-in-data',
    forms: {
      'in the data': (peer) => {
        established(peer);
        const outbound = peer.endpoint.children()[0]?.outbound;
        expect(outbound).toBe(Number.parseInt(toHex(SPI), 16));
        // No child of so short a life is taken for lost.
        peer.pass(120_000);
        peer.inform(notification(NOTIFY['INVALID-SPI'], { protocol: 3, data: SPI }));
        return peer.endpoint.children().every((child) => child.outbound !== outbound);
      },
    },
  },
  {
    tolerance: 'delete-doi',
    forms: {
      'of the DOI 0': (peer) => {
        established(peer);
        peer.inform({ kind: 'delete', doi: 0, protocol: 3, spiOctets: 4, spis: [SPI] });
        return peer.endpoint.children().length === 0;
      },
    },
  },
];

function mapped<K extends string, A, B>(
  table: Readonly<Record<K, A>>,
  make: (one: A) => B,
): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries<A>(table).map(([name, one]) => [name, make(one)]));
}

const GRID = MANNERS.flatMap(({ tolerance, forms }) =>
  Object.entries(forms).map(([form, says]) => ({ tolerance, form, says })),
);

function peerWith(tolerance: PeerTolerance, isTaken: boolean): HandMadePeer {
  const config: Partial<PeerConfig> = isTaken ? {} : { tolerances: { [tolerance]: false } };
  return new HandMadePeer(config);
}

describe('what was taken without a word has a name', () => {
  it.each(GRID)('$tolerance, $form: it is taken, counted, and told once', ({ tolerance, says }) => {
    const peer = peerWith(tolerance, true);
    expect(says(peer)).toBe(true);
    expect(peer.endpoint.tolerances[tolerance]).toBeGreaterThan(0);
    expect(peer.tolerated.filter((one) => one === tolerance)).toHaveLength(1);
  });

  it.each(GRID)('$tolerance, $form: it is not where that is switched off', ({ tolerance, says }) => {
    const peer = peerWith(tolerance, false);
    expect(says(peer)).toBe(false);
    expect(peer.endpoint.tolerances[tolerance]).toBe(0);
  });

  it('is not counted of who says it as the clause has it', () => {
    const peer = new HandMadePeer();
    peer.mainMode({}, phase1Sa(OFFER_1), { ...ipv4AddressId(R2.address), protocol: 17, port: 500 });
    peer.inform(notification(NOTIFY['R-U-THERE'], { spi: peer.spi, data: Uint8Array.of(0, 0, 0, 1) }));
    peer.inform(notification(NOTIFY['INITIAL-CONTACT'], { spi: peer.spi }));
    peer.inform(notification(NOTIFY['INVALID-SPI'], { protocol: 3, spi: SPI }));
    peer.inform({ kind: 'delete', doi: 1, protocol: 3, spiOctets: 4, spis: [SPI] });
    expect(peer.tolerated).toEqual([]);
    expect(peer.last.result).toEqual({ ok: true });
  });
});

describe('NULs behind a password', () => {
  const OFFER = OFFER_1.map((attribute) => (attribute.type === 3 ? { type: 3, value: 65001 } : attribute));

  /** What the caller is given of it. */
  function heard(password: Uint8Array, tolerances: PeerConfig['tolerances'] = {}): [string, readonly string[]] {
    const peer = new HandMadePeer(
      {
        proposals: [{ ...AES, authentication: 'xauth-initiator-pre-shared-key' }],
        modeConfig: { side: 'gateway' },
        tolerances,
      },
      { localIdentity: ipv4SubnetId('10.1.0.0/16'), remoteIdentity: 'assigned' },
    );
    peer.mainMode({}, phase1Sa(OFFER));
    const [prompt] = peer.configurations(peer.last.replies);
    peer.transact(
      CONFIGURATION_TYPE.reply,
      [
        { type: XAUTH_ATTRIBUTE.userName, value: fromAscii('alice') },
        { type: XAUTH_ATTRIBUTE.userPassword, value: password },
      ],
      prompt?.messageId,
    );
    const question = peer.endpoint.pollQuestion();
    if (question?.kind !== 'verify-credentials') return expect.unreachable('nobody is asked');
    const given = toHex(question.password ?? new Uint8Array(0));
    peer.endpoint.answer(peer.now, question.id, { kind: 'verify-credentials', verdict: 'accept' });
    peer.drain();
    const count = peer.endpoint.tolerances['password-nuls'];
    return [given, count === 0 ? [] : ['password-nuls']];
  }

  it('are none of it, and counted; or all of it is taken as it came', () => {
    expect(heard(fromHex('616200'))).toEqual(['6162', ['password-nuls']]);
    expect(heard(fromHex('6162'))).toEqual(['6162', []]);
    expect(heard(fromHex('616200'), { 'password-nuls': false })).toEqual(['616200', []]);
  });
});
