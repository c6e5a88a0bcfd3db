import type { Outcome } from '@espalier/gateway';
import { encodeIpv4, encodeUdp, instant, parseAddress, spi, writeU32 } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { encodeInner } from '../src/world/inner-packet.ts';
import { Oracle } from '../src/world/oracle.ts';
import { checkClosed, checkLifetimes, checkNumbers } from '../src/world/upkeep.ts';
import type { Law } from '../src/world/violation.ts';

const WEST = { name: 's0', index: 0, life: 1 };
const EAST = { name: 's1', index: 1, life: 1 };
const SPI = spi(0x1234);

/** A world without gateways, whose every packet the test makes. */
class Staged {
  now = 1000;
  readonly oracle = new Oracle(
    7,
    () => this.now,
    () => {},
  );
  #passages = 0;

  constructor() {
    this.oracle.joined(WEST);
    this.oracle.joined(EAST);
    this.oracle.keyed(WEST, SPI);
    this.oracle.keyed(EAST, SPI);
  }

  inner(id: number): Uint8Array {
    const fields = { id, source: '10.0.0.2', destination: '10.1.0.2', octets: 40, dontFragment: false };
    return encodeInner(this.oracle.marker, fields);
  }

  handedIn(id: number, to = EAST.index): void {
    const names = { policy: 't0c0', byHand: false, window: 32, esn: false, delivered: 0 };
    this.oracle.sending({ id, at: this.now, from: WEST.index, to, ...names });
  }

  /** The west sends a packet, and the east makes something of it. */
  crosses(packet: Uint8Array, outcome: Outcome, isIntact = true): void {
    const passage = { id: this.#passages++, from: WEST.name, sentAt: instant(this.now), packet };
    this.oracle.observer.sent?.(passage);
    this.oracle.observer.arrives?.(EAST.name, passage, isIntact);
    this.oracle.judged(EAST, packet, outcome);
  }

  get laws(): readonly Law[] {
    return this.oracle.violations.map(({ law }) => law);
  }
}

const TAKEN: Outcome = { ok: true, action: 'accepted' };
const refusedBy = (reason: 'bad-icv' | 'replayed' | 'too-old'): Outcome => ({ ok: false, by: 'esp', reason });
const UNKNOWN: Outcome = { ok: false, by: 'gateway', reason: 'unknown-spi' };

function outer(protocol: number, payload: Uint8Array): Uint8Array {
  const addresses = { source: parseAddress('192.0.2.1'), destination: parseAddress('192.0.2.2') };
  return encodeIpv4({ ...addresses, protocol, payload });
}

function esp(number: number): Uint8Array {
  const payload = new Uint8Array(60).fill(number);
  writeU32(payload, 0, SPI);
  writeU32(payload, 4, number);
  return outer(50, payload);
}

function quickMode(messageId: number, fill: number): Uint8Array {
  const message = new Uint8Array(60).fill(fill, 28);
  message.fill(9, 0, 16);
  message[18] = 32;
  writeU32(message, 20, messageId);
  return outer(17, encodeUdp({ sourcePort: 500, destinationPort: 500, payload: message }));
}

describe('a law', () => {
  it('holds of what is sent, sealed, taken and delivered once', () => {
    const staged = new Staged();
    staged.handedIn(1);
    staged.crosses(esp(1), TAKEN);
    staged.oracle.delivered(EAST, staged.inner(1));
    expect(staged.laws).toEqual([]);
  });

  const breaks: readonly (readonly [string, Law, (staged: Staged) => void])[] = [
    [
      'a packet is delivered twice',
      'delivered-twice',
      (staged) => {
        staged.handedIn(1);
        for (let i = 0; i < 2; i++) staged.oracle.delivered(EAST, staged.inner(1));
      },
    ],
    ['what nobody sent is delivered', 'never-sent', (staged) => staged.oracle.delivered(EAST, staged.inner(1))],
    [
      'a packet is delivered to another',
      'never-sent',
      (staged) => {
        staged.handedIn(1);
        staged.oracle.delivered(WEST, staged.inner(1));
      },
    ],
    ['a packet of the inside is outside', 'in-clear', (staged) => staged.crosses(staged.inner(1), TAKEN)],
    ['TCP is outside', 'in-clear', (staged) => staged.crosses(outer(6, new Uint8Array(20)), TAKEN)],
    [
      'what arrives as it was sent has a wrong ICV',
      'refused',
      (staged) => staged.crosses(esp(1), refusedBy('bad-icv')),
    ],
    ['what was never taken counts as replayed', 'refused', (staged) => staged.crosses(esp(1), refusedBy('replayed'))],
    [
      'what is within the window is too old',
      'refused',
      (staged) => {
        staged.crosses(esp(32), TAKEN);
        staged.crosses(esp(1), refusedBy('too-old'));
      },
    ],
    ['who has the SA does not know it', 'refused', (staged) => staged.crosses(esp(1), UNKNOWN)],
    [
      'a number is used twice',
      'used-twice',
      (staged) => {
        for (let i = 0; i < 2; i++) staged.crosses(esp(1), TAKEN);
      },
    ],
    [
      'a message ID is used twice',
      'used-twice',
      (staged) => {
        for (let i = 0; i < 3; i++) staged.crosses(quickMode(5, i), TAKEN);
      },
    ],
  ];
  it.each(breaks)('does not hold where %s: %s', (_, law, stage) => {
    const staged = new Staged();
    stage(staged);
    expect([...new Set(staged.laws)]).toEqual([law]);
  });

  it('excuses what anybody can see a reason for', () => {
    const staged = new Staged();
    staged.crosses(esp(33), TAKEN);
    staged.crosses(esp(1), refusedBy('too-old'));
    staged.crosses(esp(34), refusedBy('bad-icv'), false);
    staged.crosses(quickMode(5, 1), TAKEN);
    for (let i = 0; i < 3; i++) staged.crosses(quickMode(5, 2), TAKEN);
    const sa = { policy: 't0c0', inbound: SPI, outbound: SPI };
    staged.oracle.happened(EAST, { kind: 'ipsec-deleted', sa, peer: 't0', reason: 'expired' });
    staged.crosses(esp(35), UNKNOWN);
    expect(staged.laws).toEqual([]);
  });

  it('excuses who does not know an SA whose negotiation came to nothing, and nobody of an established one', () => {
    const failed = { kind: 'ipsec-failed', policy: 't0c0', peer: 't0', reason: 'peer-dead', dropped: 0 } as const;
    const staged = new Staged();
    staged.oracle.happened(EAST, failed);
    staged.crosses(esp(1), UNKNOWN);
    expect(staged.laws).toEqual([]);

    const established = new Staged();
    const sa = { policy: 't0c0', inbound: SPI, outbound: SPI };
    const news = {
      kind: 'ipsec-established',
      peer: 't0',
      role: 'responder',
      suite: 'null',
      replaces: undefined,
    } as const;
    established.oracle.happened(EAST, { ...news, sa });
    established.oracle.happened(EAST, failed);
    established.crosses(esp(1), UNKNOWN);
    expect(established.laws).toEqual(['refused']);
  });

  it.each([
    [4500, ['refused']],
    [4508, []],
  ])('excuses who has nobody at a port that was altered before a NAT: at %i not', (port, laws) => {
    const staged = new Staged();
    const payload = esp(1).subarray(20);
    const datagram = outer(17, encodeUdp({ sourcePort: 4500, destinationPort: port, payload }));
    staged.crosses(datagram, { ok: false, by: 'gateway', reason: 'unexpected-datagram' });
    expect(staged.laws).toEqual(laws);
  });

  it('of lives, numbers and leaks does not hold where a gateway has too much', () => {
    const { oracle } = new Staged();
    const pair = { policy: 't0c0', inbound: SPI, hardExpiry: instant(1000), liveTunnel: undefined };
    const gateway = {
      ipsecSas: () => [pair, pair, pair, pair],
      ikeSas: () => [],
      liveTunnels: () => [],
      pollTimeout: () => undefined,
    };
    const held = { octets: 0, transforms: 1, keyPairs: 0 };
    const laws = (): readonly Law[] => oracle.violations.splice(0).map(({ law }) => law);
    checkLifetimes(oracle, { name: 's0', gateway, held }, instant(2000));
    expect(laws()).toEqual([]);
    const due = { ...gateway, pollTimeout: () => ({ at: instant(2001), reason: 'child-hard-expiry' as const }) };
    checkLifetimes(oracle, { name: 's0', gateway: due, held }, instant(2001));
    expect(laws()).toEqual([]);
    checkLifetimes(oracle, { name: 's0', gateway, held }, instant(2001));
    expect(laws()).toEqual(['outlived', 'outlived', 'outlived', 'outlived']);
    checkNumbers(oracle, { name: 's0', gateway, held });
    expect(laws()).toEqual(['leak']);
    checkClosed(oracle, { name: 's0', gateway: { ...gateway, ipsecSas: () => [] }, held });
    expect(laws()).toEqual(['leak']);
  });
});
