import { instant } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import {
  bandwidth,
  burstLoss,
  chained,
  corruption,
  cut,
  delay,
  duplication,
  during,
  jitter,
  loss,
  mtu,
  Nat,
  Network,
  type Node,
  ofDatagrams,
  ofGateway,
  only,
  reordering,
  replaying,
  truncation,
} from '../../src/network/index.ts';

const NODE: Node = {
  handlePacket: () => {},
  handleTimeout: () => {},
  pollTransmit: () => undefined,
  pollTimeout: () => undefined,
};
const PUBLIC_NAT = { kind: 'symmetric', publicAddress: '198.51.100.1' } as const;

/** A network of one. */
function network(): Network {
  const one = new Network();
  one.attach('a', NODE, { addresses: ['2001:DB8:0::1'] });
  return one;
}

/** What nobody's types let through; what is thrown names it. */
type Call = readonly [door: Door, args: readonly unknown[], message: RegExp];
type Door = Parameters<typeof Reflect.apply>[0];
/** What an option must not be. */
type Bad = readonly [options: object, message: RegExp];

const IMPAIRMENTS: readonly Call[] = [
  ...[loss, duplication, corruption, truncation, replaying].flatMap((door): readonly Call[] =>
    [-0.1, 1.1, Number.NaN, '0.5', undefined].map((bad) => [door, [bad], /^probability must be a number from 0 to 1/]),
  ),
  [burstLoss, [{ begins: 2, ends: 0.5 }], /^begins must be a number from 0 to 1/],
  [burstLoss, [{ begins: 0.5 }], /^ends must be a number from 0 to 1/],
  [duplication, [0.5, 0], /^milliseconds must be a whole number from 1/],
  [corruption, [0.5, 0.5], /^bits must be a whole number from 1/],
  [reordering, [0.5, 0], /^by must be a whole number from 1/],
  [replaying, [0.5, 0], /^memory must be a whole number from 1/],
  [delay, [-1], /^milliseconds must be a finite number from 0/],
  [jitter, [Number.NaN], /^milliseconds must be a finite number from 0/],
  [bandwidth, [0], /^bitsPerSecond must be a finite number from 1/],
  [bandwidth, [1000, -1], /^queueOctets must be a finite number from 0/],
  [mtu, [67], /^octets must be a whole number from 68 to 65535/],
  [during, [instant(2), instant(1), cut], /^until must not be before from/],
  [during, [instant(1), instant(2), loss], /^impairment must be an object/],
  [only, [true, cut], /^chosen must be a function/],
  [chained, ['both', [cut, {}]], /^impairments\[1\]\.apply must be a function/],
];

const NATS: readonly Bad[] = [
  [{ kind: 'cone' }, /^options\.kind must be one of full-cone, restricted, port-restricted, symmetric: cone/],
  [{ publicAddress: 'here' }, /^options\.publicAddress must be an IP address: "here"/],
  [{ publicAddress: '2001:db8::1' }, /^options\.publicAddress must be an address of IPv4: 2001:db8::1/],
  [{ memory: -1 }, /^options\.memory must be a finite number from 0/],
  [{ firstPort: 65_536 }, /^options\.firstPort must be a whole number from 1 to 65535/],
  [{ forwards: [{ port: 0, to: {} }] }, /^options\.forwards\[0\]\.port must be a whole number/],
  [{ forwards: [{ port: 1, to: { port: 1 } }] }, /^options\.forwards\[0\]\.to\.address must be a string/],
  [{ ports: 1 }, /^options\.ports: there is no such member/],
];

const NETWORKS: readonly Bad[] = [
  [{ seed: Number.NaN }, /^options\.seed must be a whole number/],
  [{ latency: -1 }, /^options\.latency must be a finite number from 0/],
  [{ latancy: 1 }, /^options\.latancy: there is no such member/],
  [{ logEntries: 0 }, /^options\.logEntries must be a whole number from 1/],
  [{ choices: [1, 2] }, /^options\.choices\.next must be a function/],
  [{ startsAt: Number.POSITIVE_INFINITY }, /^options\.startsAt must be a finite number/],
];

const ADDRESSES = { addresses: ['192.0.2.1'] };
type Method = 'attach' | 'replace' | 'jump' | 'on' | 'at' | 'partition' | 'run' | 'runUntil';
const METHODS: readonly (readonly [method: Method, args: readonly unknown[], message: RegExp])[] = [
  ['attach', [1, NODE, ADDRESSES], /^name must be a string/],
  ['attach', ['b', {}, ADDRESSES], /^node\.handlePacket must be a function/],
  ['attach', ['b', NODE, { addresses: [] }], /^options\.addresses must not be empty/],
  ['attach', ['b', NODE, { addresses: ['192.0.2'] }], /^options\.addresses\[0\] must be an IP address: "192\.0\.2"/],
  ['attach', ['b', NODE, { ...ADDRESSES, outwards: [0.1] }], /^options\.outwards\[0\] must be an object/],
  ['attach', ['b', NODE, { ...ADDRESSES, nat: PUBLIC_NAT }], /^options\.nat must be a Nat/],
  ['attach', ['b', NODE, { ...ADDRESSES, clock: { rate: 0 } }], /^rate must be a finite number above 0/],
  ['attach', ['b', NODE, { ...ADDRESSES, inward: [] }], /^options\.inward: there is no such member/],
  [
    'attach',
    ['b', NODE, { addresses: ['192.0.2.1', '2001:db8::1'] }],
    /^options\.addresses: 2001:db8::1 is somebody's/,
  ],
  ['replace', ['b', NODE], /^name: there is no b/],
  ['replace', ['a', {}], /^node\.handlePacket must be a function/],
  ['jump', ['a', Number.NaN], /^by must be a finite number/],
  ['on', ['a', undefined], /^command must be a function/],
  ['at', [Number.NaN, () => {}], /^when must be a finite number/],
  ['at', [0, 'now'], /^event must be a function/],
  ['partition', [['a'], ['b']], /^name: there is no b/],
  ['partition', [['a'], ['a']], /^parts: a is in two of them/],
  ['run', [-1], /^duration must be a finite number from 0/],
  ['runUntil', [() => true, Number.NaN], /^most must be a finite number from 0/],
  ['runUntil', [true, 1], /^holds must be a function/],
];

describe('what is bad is named at once', () => {
  it.each([
    ...IMPAIRMENTS,
    [ofDatagrams, [NODE], /^endpoint\.handleDatagram must be a function/],
    [ofGateway, [NODE], /^gateway\.handleOutside must be a function/],
    [ofGateway, [NODE, 'tcp'], /^outside must be one of ip, udp: tcp/],
  ] satisfies readonly Call[])('by %o(%j)', (door, args, message) => {
    expect(() => Reflect.apply(door, undefined, args)).toThrow(message);
  });

  it.each(NATS)('by a NAT with %j', (options, message) => {
    expect(() => Reflect.construct(Nat, [{ ...PUBLIC_NAT, ...options }])).toThrow(message);
  });

  it.each(NETWORKS)('by a network with %j', (options, message) => {
    expect(() => Reflect.construct(Network, [options])).toThrow(message);
  });

  it.each(METHODS)('by network.%s(%j)', (method, args, message) => {
    const one = network();
    expect(() => Reflect.apply(one[method], one, args)).toThrow(message);
    expect(() => one.attach('c', NODE, ADDRESSES)).not.toThrow();
  });
});

it('an address may be written in any way that is one', () => {
  const one = network();
  expect(() => one.attach('b', NODE, { addresses: ['2001:db8::1'] })).toThrow("2001:db8::1 is somebody's");
});
