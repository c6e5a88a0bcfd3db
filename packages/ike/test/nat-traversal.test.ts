import type { NegotiatedChild, PeerConfig, Transmit } from '@espalier/ike';
import {
  classifyUdpEncapsulated,
  decodeHeader,
  decodeMessage,
  ENCAPSULATION_MODE,
  EXCHANGE,
  IPSEC_ATTRIBUTE,
  instant,
  ipv4AddressId,
  seconds,
  spi,
  toHex,
  VENDOR_ID,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NAT_METHODS } from '../src/nat/methods.ts';
import { isNatDiscovery, natDiscoveryPayload, natHashes } from '../src/nat/payloads.ts';
import { choosePhase2, offerPhase2 } from '../src/v1/proposals/phase2.ts';
import { TAKES_FRAGMENTS } from '../src/v1/vendor-ids.ts';
import { flipped } from './support/forger.ts';
import { type Crossing, INSIDE, keepVendorIds, NatBed, type NatBedOptions } from './support/nat-bed.ts';
import { childPolicy, R2, R3, type Side } from './support/pair.ts';
import { PRIVATE_GROUP } from './support/private-groups.ts';

type Mode = NonNullable<PeerConfig['natTraversal']>;

const BEHIND: readonly (readonly Side[])[] = [[], ['R2'], ['R3'], ['R2', 'R3']];
const MODES: readonly Mode[] = ['auto', 'force', 'off'];
const SHARED_PORT = 4500;

function up(options: NatBedOptions = {}): NatBed {
  return new NatBed(options).initiate().run();
}

function childOf(bed: NatBed, side: Side): NegotiatedChild {
  const child = bed[side].of('child-established').at(-1)?.child;
  if (child === undefined) throw new Error(`${side} has no child`);
  return child;
}

function isKeepalive({ octets }: Transmit): boolean {
  return octets.length === 1 && octets[0] === 0xff;
}

/** The message in a datagram, whichever port it goes to. */
function messageOf({ octets, destination, source }: Transmit): Uint8Array {
  return destination.port === SHARED_PORT || source.port === SHARED_PORT ? octets.subarray(4) : octets;
}

function exchangeOf(crossing: Transmit): number | undefined {
  return isKeepalive(crossing) ? undefined : decodeHeader(messageOf(crossing)).exchange;
}

function vendorIdsOf(crossing: Crossing | undefined): readonly string[] {
  if (crossing === undefined) return [];
  return decodeMessage(messageOf(crossing)).payloads.flatMap((payload) =>
    payload.kind === 'vendor-id' ? [toHex(payload.data)] : [],
  );
}

describe('ESP goes in UDP', () => {
  const grid = BEHIND.flatMap((behind) =>
    MODES.flatMap((initiator) => MODES.map((responder) => ({ behind, initiator, responder }))),
  );

  it.each(grid)(
    'exactly where both sides speak of it and there is a NAT or the claim of one: behind $behind, $initiator and $responder',
    ({ behind, initiator, responder }) => {
      const bed = up({ behind, R2: { natTraversal: initiator }, R3: { natTraversal: responder } });
      const isSpokenOf = initiator !== 'off' && responder !== 'off';
      const isInUdp = isSpokenOf && (behind.length > 0 || initiator === 'force' || responder === 'force');
      for (const side of ['R2', 'R3'] as const) {
        const { mode, inUdp, local } = childOf(bed, side);
        expect({ mode, inUdp, port: local.port }).toEqual({
          mode: 'tunnel',
          inUdp: isInUdp,
          port: isInUdp ? SHARED_PORT : 500,
        });
        expect(bed[side].endpoint.ikeSas()[0]?.local.port).toBe(local.port);
      }
      expect(childOf(bed, 'R2').outbound).toBe(childOf(bed, 'R3').inbound);
      expect(bed.R2.of('peer-moved')).toEqual([]);
      expect(bed.R3.of('peer-moved')).toEqual([]);
      // The remote end of each is where the other's NAT puts it.
      const r2 = childOf(bed, 'R3').remote;
      expect(r2.address).toBe(R2.address);
      if (!behind.includes('R2')) expect(r2.port).toBe(isInUdp ? SHARED_PORT : 500);
      expect(childOf(bed, 'R2').remote).toEqual({ address: R3.address, port: isInUdp ? SHARED_PORT : 500 });
      // Who is behind a NAT, and nobody else, keeps it awake.
      bed.run(seconds(60));
      const awake = new Set(bed.crossed.filter(isKeepalive).map(({ from }) => from));
      expect(awake).toEqual(new Set(isSpokenOf ? behind : []));
    },
  );

  it.each(NAT_METHODS)('with the numbers of the method that both know: vendor ID $vendorId', (method) => {
    const alter = keepVendorIds((hex) => hex === method.vendorId);
    const bed = up({ behind: ['R2'], R2: { natTraversalForms: [method.form] }, alter });
    expect(childOf(bed, 'R3').inUdp).toBe(true);
    const [, second, third] = bed.crossed;
    expect(vendorIdsOf(second)).toEqual([method.vendorId]);
    const found = third === undefined ? [] : decodeMessage(third.octets).payloads.filter(isNatDiscovery);
    expect(found.map((payload) => 'type' in payload && payload.type)).toEqual([method.discovery, method.discovery]);
  });

  it('by payloads 15 of the drafts 04 to 08 where one of them is agreed on, and nowhere else', () => {
    const [rfc, later] = (['rfc-3947', 'draft-08'] as const).map((form) =>
      NAT_METHODS.find((one) => one.form === form),
    );
    if (rfc === undefined || later === undefined) return expect.unreachable('there is no such method');
    const hash = new Uint8Array(20);
    const received = [rfc, later].map((method) => {
      const { raw, body } = { raw: new Uint8Array(0), body: hash };
      return { ...natDiscoveryPayload(method, hash), raw, body };
    });
    expect(natHashes(rfc, received)).toEqual([hash]);
    expect(natHashes(later, received)).toEqual([hash]);
    expect(received.map(({ kind }) => kind)).toEqual(['nat-d', 'unknown']);
  });

  it('not where the responder names no method: everything stays on port 500', () => {
    const bed = up({ R2: { natTraversal: 'force' }, alter: keepVendorIds(() => false) });
    expect(childOf(bed, 'R2').inUdp).toBe(false);
    expect(bed.crossed.every(({ destination }) => destination.port === 500)).toBe(true);
  });

  it('with one mode in every transform of an offer, never with a choice; and only that mode is taken', () => {
    const policy = childPolicy('R2', { suites: childPolicy('R2').suites, esn: true });
    const findings = NAT_METHODS.map((method) => ({ method, isLocalBehind: false, isRemoteBehind: true }));
    const modes = [ENCAPSULATION_MODE.tunnel, ENCAPSULATION_MODE.udpTunnel, ENCAPSULATION_MODE.udpTunnelDraft];
    for (const nat of [undefined, ...findings]) {
      const own = nat?.method.udpTunnel ?? ENCAPSULATION_MODE.tunnel;
      const offer = offerPhase2(policy, { spi: spi(0x1234) }, nat);
      const offered = offer.proposals.flatMap(({ transforms }) =>
        transforms.flatMap(({ attributes }) =>
          attributes.filter(({ type }) => type === IPSEC_ATTRIBUTE.encapsulationMode).map(({ value }) => value),
        ),
      );
      expect(new Set(offered)).toEqual(new Set([own]));
      for (const mode of modes) {
        const changed = {
          ...offer,
          proposals: offer.proposals.map((proposal) => ({
            ...proposal,
            transforms: proposal.transforms.map((transform) => ({
              ...transform,
              attributes: transform.attributes.map((attribute) =>
                attribute.type === IPSEC_ATTRIBUTE.encapsulationMode ? { ...attribute, value: mode } : attribute,
              ),
            })),
          })),
        };
        expect(choosePhase2(changed, policy, nat) !== undefined).toBe(mode === own);
      }
    }
  });
});

const OFFERED: readonly string[] = ['rfc-3947', 'draft-03', 'draft-02'];

describe('the first messages', () => {
  it('name RFC 3947, the drafts 03 and 02, and DPD; the answer names what both know, the newest method alone', () => {
    const { crossed } = up();
    expect(vendorIdsOf(crossed[0])).toEqual([
      ...NAT_METHODS.filter(({ form }) => OFFERED.includes(form)).map(({ vendorId }) => vendorId),
      VENDOR_ID.deadPeerDetection,
      TAKES_FRAGMENTS,
    ]);
    expect(vendorIdsOf(crossed[1])).toEqual([VENDOR_ID.natTraversal, VENDOR_ID.deadPeerDetection, TAKES_FRAGMENTS]);
  });

  it('name no method where it is off', () => {
    const { crossed } = up({ R2: { natTraversal: 'off' } });
    const others = [VENDOR_ID.deadPeerDetection, TAKES_FRAGMENTS];
    expect(vendorIdsOf(crossed[0])).toEqual(others);
    expect(vendorIdsOf(crossed[1])).toEqual(others);
  });
});

describe('the ports', () => {
  it('change with message 5, for it and for everything after it, and there the marker stands before IKE', () => {
    const { crossed } = up({ behind: ['R2'] }).run(seconds(30));
    const atR3 = crossed.map(({ from, source, destination }) => (from === 'R2' ? destination : source).port);
    expect(atR3.slice(0, 4)).toEqual([500, 500, 500, 500]);
    expect(new Set(atR3.slice(4))).toEqual(new Set([SHARED_PORT]));
    const kinds = crossed.slice(4).map(({ octets }) => classifyUdpEncapsulated(octets));
    expect(new Set(kinds)).toEqual(new Set(['ike', 'keepalive']));
  });

  it.each(BEHIND)('may be 4500 from the first message on: behind %s, %s', (...behind) => {
    const local = { address: behind.includes('R2') ? INSIDE.R2 : R2.address, port: SHARED_PORT };
    const bed = up({ behind, R2: { local, remote: { ...R3, port: SHARED_PORT } } });
    expect(childOf(bed, 'R3').inUdp).toBe(behind.length > 0);
    expect(bed.crossed.every(({ octets }) => classifyUdpEncapsulated(octets) === 'ike')).toBe(true);
  });

  it('are 4500 at both ends or at neither: anything else is a RangeError', () => {
    expect(() => new NatBed({ R2: { remote: { ...R3, port: SHARED_PORT } } })).toThrow(/^peers\[0\].local: peer R3/);
  });

  it('are not left again: a message to port 500 is old', () => {
    const bed = up({ behind: ['R2'] });
    const { length } = bed.crossed;
    for (const { from, octets, source, destination } of bed.crossed.slice(0, 4)) {
      const to = from === 'R2' ? 'R3' : 'R2';
      const local = to === 'R2' ? { address: INSIDE.R2, port: 500 } : destination;
      expect(bed.inject(to, { octets, source, destination: local })).toEqual({ ok: false, reason: 'old-port' });
    }
    expect(bed.crossed).toHaveLength(length);
    expect(bed.R3.endpoint.ikeSas()[0]?.local.port).toBe(SHARED_PORT);
  });

  it('are changed by the responder only once message 5 is verified', () => {
    const held: Transmit[] = [];
    const bed = new NatBed({ behind: ['R2'] });
    bed.alter = (transmit) => {
      if (transmit.source.address !== R2.address || transmit.destination.port !== SHARED_PORT) return transmit;
      held.push(transmit);
      return undefined;
    };
    bed.initiate().run(seconds(0.5));
    const [fifth] = held;
    if (fifth === undefined) throw new Error('no message 5');
    const portOfR3 = () => bed.R3.endpoint.ikeSas()[0]?.local.port;
    // HASH_I covers no notification behind it: the last three blocks are INITIAL-CONTACT's alone.
    for (let at = 32; at < fifth.octets.length - 24; at += 8) {
      expect(bed.inject('R3', { ...fifth, octets: flipped(fifth.octets, at) }).ok).toBe(false);
      expect(portOfR3()).toBe(500);
    }
    // To port 500, or without its marker, it is not taken either.
    const onOldPort = { ...fifth, octets: fifth.octets.subarray(4), destination: R3 };
    expect(bed.inject('R3', onOldPort)).toEqual({ ok: false, reason: 'wrong-endpoint' });
    expect(bed.inject('R3', { ...fifth, octets: fifth.octets.subarray(4) })).toEqual({
      ok: false,
      reason: 'no-marker',
    });
    // Message 3 repeated on port 500 is answered there for as long.
    const third = bed.crossed[2];
    if (third !== undefined) expect(bed.inject('R3', third)).toEqual({ ok: true });
    expect(bed.crossed.at(-1)?.destination).toEqual(bed.crossed[2]?.source);
    expect(bed.inject('R3', fifth)).toEqual({ ok: true });
    expect(portOfR3()).toBe(SHARED_PORT);
    expect(bed.R3.of('ike-established')[0]?.ikeSa.remote).toEqual(fifth.source);
  });

  it('of what is lost on the way are those of what is sent again', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(8), { maxLength: 4 }), fc.constantFrom(...BEHIND), (lost, behind) => {
        let count = 0;
        const bed = new NatBed({ behind, R2: { natTraversal: 'force' } });
        bed.alter = (transmit) => (lost.includes(count++) ? undefined : transmit);
        bed.initiate().run(seconds(40));
        expect(childOf(bed, 'R2').inUdp).toBe(true);
        expect(childOf(bed, 'R3').inUdp).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a keepalive', () => {
  it('is one octet 0xFF, sent every 20 s, whatever else is sent', () => {
    const bed = up({
      behind: ['R2'],
      R2: { deadPeerDetection: { idle: seconds(10), interval: seconds(5), retries: 2 } },
    });
    bed.run(seconds(120));
    const times = bed.crossed.filter(isKeepalive).map(({ at }) => at);
    expect(times).toHaveLength(6);
    for (const [i, at] of times.entries()) expect(at - (times[i - 1] ?? at - 20_000)).toBe(20_000);
  });

  it('is taken in silence, and shows no life', () => {
    const bed = up({ behind: ['R2'] });
    const { length } = bed.crossed;
    const [source, destination] = [childOf(bed, 'R3').remote, { ...R3, port: SHARED_PORT }];
    expect(bed.inject('R3', { source, destination, octets: Uint8Array.of(0xff) })).toEqual({ ok: true });
    expect(bed.crossed).toHaveLength(length);
  });

  it('ends with the last SA', () => {
    const bed = up({ behind: ['R2'] });
    bed.on('R2', (endpoint, now) => endpoint.close(now));
    const { length } = bed.crossed;
    bed.run(seconds(100));
    expect(bed.crossed.slice(length).filter(isKeepalive)).toEqual([]);
  });
});

describe('a peer behind a NAT that gives it another port', () => {
  function moved(rebind: (bed: NatBed) => void = (bed) => bed.boxes.R2?.rebind()): NatBed {
    const bed = up({ behind: ['R2'] });
    rebind(bed);
    return bed;
  }

  it('is followed with its first new message, and so are its children', () => {
    for (const address of [R2.address, '10.1.99.9']) {
      const bed = moved(({ boxes }) => boxes.R2?.rebind(address));
      const before = childOf(bed, 'R3');
      bed.on('R2', (endpoint, now) => endpoint.rekeyChild(now, childOf(bed, 'R2').inbound));
      bed.run();
      const { remote } = childOf(bed, 'R3');
      expect(remote.address).toBe(address);
      expect(remote).not.toEqual(before.remote);
      expect(bed.R3.of('peer-moved')).toEqual([
        { kind: 'peer-moved', peer: 'R2', local: { ...R3, port: SHARED_PORT }, remote },
      ]);
      expect(bed.R2.of('child-negotiated')).toHaveLength(1);
    }
  });

  it('is answered there when it asks for a group (regression: the first answer went to where it was)', () => {
    const bed = up({ behind: ['R2'], R3: { acceptedGroups: [PRIVATE_GROUP] } });
    bed.boxes.R2?.rebind();
    const { length } = bed.crossed;
    bed.on('R2', (endpoint, now) => endpoint.newGroup(now, 'R3', 0x8001, PRIVATE_GROUP));
    bed.run();
    const [asked, answer, ...others] = bed.crossed.slice(length);
    expect(answer?.destination).toEqual(asked?.source);
    expect(others).toEqual([]);
    expect(bed.R2.of('group-agreed')).toMatchObject([{ number: 0x8001, role: 'initiator' }]);
    expect(bed.R3.of('peer-moved').map(({ remote }) => remote)).toEqual([asked?.source]);
  });

  it('is not brought back by what it said before, nor elsewhere by what anybody repeats', () => {
    const bed = moved();
    bed.on('R2', (endpoint, now) => endpoint.rekeyChild(now, childOf(bed, 'R2').inbound));
    bed.run();
    const { remote } = childOf(bed, 'R3');
    const { length } = bed.crossed;
    const elsewhere = { address: '10.1.66.6', port: 666 };
    const old = bed.crossed.filter((crossing) => crossing.from === 'R2' && crossing.destination.port === SHARED_PORT);
    expect(old.length).toBeGreaterThan(4);
    for (const crossing of old) {
      const wasBefore = crossing.source.port !== remote.port;
      for (const source of [elsewhere, ...(wasBefore ? [crossing.source] : [])]) {
        expect(bed.inject('R3', { ...crossing, source }).ok).toBe(false);
      }
    }
    expect(bed.crossed).toHaveLength(length);
    expect(bed.R3.of('peer-moved')).toHaveLength(1);
    expect(bed.R3.endpoint.ikeSas()[0]?.remote).toEqual(remote);
  });

  it('is not followed for a message that is altered', () => {
    const bed = moved();
    bed.alter = () => undefined;
    bed.on('R2', (endpoint, now) => endpoint.rekeyChild(now, childOf(bed, 'R2').inbound));
    const message = bed.crossed.at(-1);
    if (message === undefined) throw new Error('no message');
    for (let at = 32; at < message.octets.length; at++) {
      expect(bed.inject('R3', { ...message, octets: flipped(message.octets, at) }).ok).toBe(false);
    }
    expect(bed.R3.of('peer-moved')).toEqual([]);
    expect(bed.inject('R3', message)).toEqual({ ok: true });
    expect(bed.R3.of('peer-moved')).toHaveLength(1);
  });

  it('is followed for an ESP packet too, once, and is then reached there by whatever is sent next', () => {
    const bed = moved();
    const { inbound } = childOf(bed, 'R3');
    // The NAT has a new port as soon as anything goes through it.
    const port = bed.boxes.R2?.outward({ address: INSIDE.R2, port: SHARED_PORT }).port ?? 0;
    const from = { address: R2.address, port };
    for (let i = 0; i < 3; i++) bed.on('R3', (endpoint, now) => endpoint.noteEndpoint(now, inbound, from));
    expect(bed.R3.of('peer-moved').map(({ remote }) => remote)).toEqual([from]);
    bed.on('R3', (endpoint, now) => endpoint.rekeyChild(now, inbound));
    bed.run();
    expect(bed.R2.of('child-established')).toHaveLength(2);
    expect(bed.R3.of('child-negotiated').at(-1)?.child.remote).toEqual(from);
  });

  it('is found where it is by a new phase 1, on port 4500, whichever side starts it', () => {
    for (const side of ['R2', 'R3'] as const) {
      const bed = moved(({ boxes }) => boxes.R2?.rebind('10.1.99.9'));
      bed.on('R2', (endpoint, now) => endpoint.rekeyChild(now, childOf(bed, 'R2').inbound));
      bed.run();
      const { length } = bed.crossed;
      bed.on(side, (endpoint, now) => endpoint.rekeyIke(now, bed[side].peer));
      bed.run(seconds(10));
      expect(bed.R2.of('ike-established')).toHaveLength(2);
      expect(bed.R3.of('ike-established')).toHaveLength(2);
      const news = bed.crossed.slice(length).filter((crossing) => exchangeOf(crossing) === EXCHANGE.main);
      expect(news.every(({ octets }) => classifyUdpEncapsulated(octets) === 'ike')).toBe(true);
      expect(bed.R3.of('peer-moved')).toHaveLength(1);
    }
  });

  it('that starts anew from there takes what it had before along', () => {
    const bed = moved(({ boxes }) => boxes.R2?.rebind());
    bed.on('R2', (endpoint, now) => endpoint.rekeyIke(now, 'R3'));
    bed.run(seconds(10));
    expect(bed.R3.of('peer-moved')).toHaveLength(1);
    expect(bed.R3.endpoint.ikeSas().map(({ remote }) => remote)).toEqual([
      bed.R3.of('peer-moved')[0]?.remote,
      bed.R3.of('peer-moved')[0]?.remote,
    ]);
  });
});

describe('a peer without a NAT', () => {
  it.each(['auto', 'force'] as const)('is where it is, whatever comes from elsewhere: %s', (natTraversal) => {
    const bed = up({ R3: { natTraversal } });
    const { inbound, remote, local } = childOf(bed, 'R3');
    const elsewhere = { ...remote, port: 666 };
    bed.on('R3', (endpoint, now) => endpoint.noteEndpoint(now, inbound, elsewhere));
    bed.alter = () => undefined;
    bed.on('R2', (endpoint, now) => endpoint.rekeyChild(now, childOf(bed, 'R2').inbound));
    const message = bed.crossed.at(-1);
    if (message === undefined) throw new Error('no message');
    expect(bed.inject('R3', { ...message, source: elsewhere, destination: local })).toEqual({
      ok: false,
      reason: 'wrong-endpoint',
    });
    expect(bed.R3.of('peer-moved')).toEqual([]);
    expect(bed.inject('R3', message)).toEqual({ ok: true });
  });
});

describe('an identity of phase 1', () => {
  it.each([
    { protocol: 0, port: 0, isTaken: true },
    { protocol: 17, port: 500, isTaken: true },
    { protocol: 17, port: 0, isTaken: true },
    { protocol: 17, port: 4500, isTaken: true },
    { protocol: 17, port: 501, isTaken: false },
    { protocol: 6, port: 500, isTaken: false },
    { protocol: 0, port: 4500, isTaken: false },
  ])('of protocol $protocol and port $port is taken: $isTaken', ({ protocol, port, isTaken }) => {
    const localIdentity = ipv4AddressId(INSIDE.R2, { protocol, port });
    const bed = up({ behind: ['R2'], R2: { localIdentity } });
    expect(bed.R3.of('ike-established')).toHaveLength(isTaken ? 1 : 0);
  });
});

describe('datagrams to port 4500', () => {
  it('from port 0 move nobody there, however authentic', () => {
    const bed = up({ behind: ['R2'] });
    bed.alter = () => undefined;
    bed.on('R2', (endpoint, now) => endpoint.rekeyChild(now, childOf(bed, 'R2').inbound));
    const message = bed.crossed.at(-1);
    if (message === undefined) throw new Error('no message');
    const result = bed.inject('R3', { ...message, source: { ...message.source, port: 0 } });
    expect(result).toEqual({ ok: false, reason: 'wrong-endpoint' });
    expect(bed.R3.of('peer-moved')).toEqual([]);
  });

  it('of any octets from anywhere are refused for a reason, and change nothing', () => {
    const bed = up({ behind: ['R2'] });
    const before = JSON.stringify(bed.R3.endpoint.children());
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.constantFrom(childOf(bed, 'R3').remote, { address: '10.1.66.6', port: 1 }),
        (octets, source) => {
          const { length } = bed.crossed;
          const destination = { ...R3, port: SHARED_PORT };
          const result = bed.R3.endpoint.handleDatagram(instant(bed.now), source, destination, octets);
          expect(result.ok).toBe(octets.length === 1 && octets[0] === 0xff);
          expect(bed.crossed).toHaveLength(length);
        },
      ),
      { numRuns: 300 },
    );
    expect(JSON.stringify(bed.R3.endpoint.children())).toBe(before);
  });
});
