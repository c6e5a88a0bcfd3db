import { learn, walk } from '@espalier/testing/learning';
import { ModelGateway } from '@espalier/testing/model';
import { MISBEHAVIOURS, MisbehavingPeer, Trial } from '@espalier/testing/peer';
import {
  attackSessions,
  type Mutation,
  measureGrowth,
  PLAIN_SESSION,
  play,
  playTo,
  sessionEnds,
} from '@espalier/testing/sessions';
import { pcapOf, pcapRecord } from '@espalier/testing/wireshark';
import { describe, expect, it } from 'vitest';

/** What nobody's types let through, and what is said of it. */
type Bad = readonly [what: unknown, message: RegExp];
type Door = Parameters<typeof Reflect.apply>[0];
type Call = readonly [door: Door, args: readonly unknown[], message: RegExp];

const SPECIFICATIONS: readonly Bad[] = [
  [{ mod: 'aggressive' }, /^specification\.mod: there is no such member/],
  [{ seed: Number.NaN }, /^specification\.seed must be a whole number/],
  [{ family: 5 }, /^specification\.family must be 4 or 6/],
  [{ mode: 'base' }, /^specification\.mode must be one of main, aggressive: base/],
  [{ authentication: 'password' }, /^specification\.authentication must be one of pre-shared-key, .*: password/],
  [{ childMode: 'beet' }, /^specification\.childMode must be one of/],
  [{ natTraversal: true }, /^specification\.natTraversal must be one of off, auto, force: true/],
  [{ modeConfig: 'client' }, /^specification\.modeConfig must be a boolean/],
  [{ isStranger: 1 }, /^specification\.isStranger must be a boolean/],
  [{ acts: 'close' }, /^specification\.acts must be an array/],
  [{ acts: [{ by: 'left', act: 'open' }] }, /^specification\.acts\[0\]\.act must be one of renew-child, .*: open/],
  [{ acts: [{ by: 'both', act: 'close' }] }, /^specification\.acts\[0\]\.by must be one of left, right: both/],
  [{ encryption: 'rot13' }, /encryption: must be one of/],
  [{ group: 99 }, /group: must be one of/],
  [{ suite: 'plain' }, /suite 'plain' is not known/],
];

const FLIP = { where: 'datagram', octets: { change: 'flip', at: 0, mask: 1 } } as const satisfies Mutation;
const STEPS: readonly Bad[] = [
  [{ step: -1, mutation: FLIP }, /^changed\.step must be a whole number from 0/],
  [{ step: 'third', mutation: FLIP }, /^changed\.step must be an object/],
  [{ step: { exchange: 'main', message: 1 }, mutation: FLIP }, /^changed\.step\.exchange must be one of phase-1, /],
  [
    { step: { exchange: 'quick', message: 0 }, mutation: FLIP },
    /^changed\.step\.message must be a whole number from 1/,
  ],
  [{ step: 0 }, /^changed\.mutation must be an object/],
];

const MUTATIONS: readonly Bad[] = [
  [{ where: 'trailer' }, /^changed\.mutation\.where must be one of datagram, header, .*: trailer/],
  [{ where: 'datagram' }, /^changed\.mutation\.octets must be an object/],
  [
    { where: 'datagram', octets: { change: 'turn' } },
    /^changed\.mutation\.octets\.change must be one of flip, .*: turn/,
  ],
  [{ where: 'datagram', octets: { change: 'flip', at: 0 } }, /\.octets\.mask must be a whole number from 1 to 255/],
  [
    { where: 'datagram', octets: { change: 'append', octets: 'xyz' } },
    /\.octets\.octets must be octets in hexadecimal/,
  ],
  [
    { where: 'header', field: 'cookie', value: 0 },
    /^changed\.mutation\.field must be one of initiatorCookie, .*: cookie/,
  ],
  [{ where: 'cookie', of: 'initiator', octets: '00' }, /^changed\.mutation\.octets must be 8 octets in hexadecimal/],
  [{ where: 'padding', blocks: 1.5 }, /^changed\.mutation\.blocks must be a whole number from 0/],
  [{ where: 'payloads', payloads: { change: 'drop', at: 0 } }, /^changed\.mutation\.hash must be one of right, stale/],
  [
    { where: 'payloads', hash: 'right', payloads: { change: 'within', at: 0, inner: { change: 'swap' } } },
    /^changed\.mutation\.payloads\.inner\.change must be one of drop, .*: swap/,
  ],
];

const POLICY = { name: 'net', action: 'protect' } as const;
const SA = {
  policy: 'net',
  spi: 256,
  suite: 'aes-128-gcm-16',
  keys: {},
  source: '192.0.2.1',
  destination: '192.0.2.2',
  esn: false,
  window: 64,
};
const SAS: readonly Bad[] = [
  [{ policy: 1 }, /^sa\.policy must be a string/],
  [{ spi: 0 }, /^sa\.spi must be a whole number from 1/],
  [{ suite: 'aes-192-gcm-16' }, /^sa\.suite must be one of .*: aes-192-gcm-16/],
  [{ keys: undefined }, /^sa\.keys must be an object/],
  [{ source: 'here' }, /^sa\.source must be an IP address: "here"/],
  [{ destination: '2001:db8::1' }, /^sa\.source and sa\.destination must be of one family/],
  [{ esn: 1 }, /^sa\.esn must be a boolean/],
  [{ window: 0 }, /^sa\.window must be a whole number from 1/],
];
const MODELS: readonly Bad[] = [
  [{}, /^options\.policies must be an array/],
  [{ policies: [{ name: 'net', action: 'allow' }] }, /^options\.policies\[0\]\.action must be one of/],
  [{ policies: [{ ...POLICY, local: '10.0.0.0/33' }] }, /^options\.policies\[0\]\.local must be a prefix: "10/],
  [{ policies: [POLICY], localAddresses: ['192.0.2'] }, /^options\.localAddresses\[0\] must be an IP address/],
];

const clock = () => 0;
const CALLS: readonly Call[] = [
  [sessionEnds, [undefined], /^specification must be an object/],
  [playTo, [PLAIN_SESSION, -1], /^step must be a whole number from 0/],
  [attackSessions, [{ clock, goesOn: () => false }], /^options\.seed must be a whole number/],
  [attackSessions, [{ seed: 1, clock }], /^options\.goesOn must be a function/],
  [attackSessions, [{ seed: 1, goesOn: () => false }], /^options\.clock must be a function/],
  [attackSessions, [{ seed: 1, clock, goesOn: () => false, mutant: 1 }], /^options\.mutant: there is no such member/],
  [
    attackSessions,
    [{ seed: 1, clock, goesOn: () => false, mutants: 0 }],
    /^options\.mutants must be a whole number from 1/,
  ],
  [
    attackSessions,
    [{ seed: 1, clock, goesOn: () => false, exchange: 'main' }],
    /^options\.exchange must be one of phase-1/,
  ],
  [
    attackSessions,
    [{ seed: 1, clock, goesOn: () => false, bound: Number.NaN }],
    /^options\.bound must be a number from 0/,
  ],
  [measureGrowth, [{}], /^options\.clock must be a function/],
  [measureGrowth, [{ clock, times: 0 }], /^options\.times must be a whole number from 1/],
  [learn, [{ run: () => [] }], /^system\.alphabet must be an array/],
  [learn, [{ alphabet: [], run: () => [] }], /^system\.alphabet must not be empty/],
  [learn, [{ alphabet: ['a'] }], /^system\.run must be a function/],
  [learn, [{ alphabet: ['a'], run: () => [] }, { hidden: -1 }], /^options\.hidden must be a whole number from 0/],
  [walk, [{ states: [] }, ['a']], /^word: a is no symbol of the machine/],
  [pcapOf, [{}], /^packets must be an array/],
  [pcapOf, [[{ at: Number.NaN, packet: new Uint8Array(1) }]], /^packets\[0\]\.at must be a finite number from 0/],
  [pcapOf, [[{ at: 0, packet: '45' }]], /^packets\[0\]\.packet must be a Uint8Array/],
  [pcapRecord, [-1, 20], /^at must be a finite number from 0/],
];

const { left } = sessionEnds(PLAIN_SESSION);
const [FIRST] = MISBEHAVIOURS;
const PEERS: readonly Call[] = [
  [MisbehavingPeer, [undefined], /^end must be an object/],
  [MisbehavingPeer, [{ endpoint: {} }], /^end\.endpoint\.initiate must be a function/],
  [MisbehavingPeer, [left, 'jacob-two-two'], /^misbehaviour must be an object/],
  [
    MisbehavingPeer,
    [left, { ...FIRST, expects: 'no' }],
    /^misbehaviour\.expects must be one of refuse, take, ignore, live: no/,
  ],
  [
    MisbehavingPeer,
    [left, { ...FIRST, at: { exchange: 'main', message: 1 } }],
    /^misbehaviour\.at\.exchange must be one of/,
  ],
  [MisbehavingPeer, [left, { ...FIRST, deeds: [{ does: 'wait' }] }], /^misbehaviour\.deeds\[0\]\.does must be one of/],
  [
    MisbehavingPeer,
    [left, { ...FIRST, deeds: [{ does: 'change', mutation: { where: 'padding' } }] }],
    /^misbehaviour\.deeds\[0\]\.mutation\.blocks must be a whole number/,
  ],
  [Trial, [left, 'take'], /^peer must be a MisbehavingPeer/],
  [Trial, [new MisbehavingPeer(left), 'accept'], /^expects must be one of refuse, take, ignore, live: accept/],
];

describe('what is bad is named', () => {
  it.each(SPECIFICATIONS)('of a specification: %j', (bad, message) => {
    expect(() => Reflect.apply(play, undefined, [Object.assign({ ...PLAIN_SESSION }, bad)])).toThrow(message);
  });

  it.each(STEPS)('of a step: %j', (bad, message) => {
    expect(() => Reflect.apply(play, undefined, [PLAIN_SESSION, bad])).toThrow(message);
  });

  it.each(MUTATIONS)('of a mutation: %j', (mutation, message) => {
    expect(() => Reflect.apply(play, undefined, [PLAIN_SESSION, { step: 0, mutation }])).toThrow(message);
  });

  it.each(MODELS)('of a model: %j', (bad, message) => {
    expect(() => Reflect.construct(ModelGateway, [bad])).toThrow(message);
  });

  it.each(SAS)('of its SAs: %j', (bad, message) => {
    const model = new ModelGateway({ policies: [POLICY], localAddresses: ['192.0.2.2'] });
    for (const add of [model.addInbound, model.addOutbound]) {
      expect(() => Reflect.apply(add, model, [Object.assign({ ...SA }, bad)])).toThrow(message);
    }
  });

  it.each(CALLS)('by %o(%j)', (door, args, message) => {
    expect(() => Reflect.apply(door, undefined, args)).toThrow(message);
  });

  it.each(PEERS)('by new %o(...), case %#', (door, args, message) => {
    expect(() => Reflect.construct(door, args)).toThrow(message);
  });
});
