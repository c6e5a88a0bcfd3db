import { espSuite } from '@espalier/crypto';
import { IkeEndpoint, type IkeEndpointConfig, type PeerConfig } from '@espalier/ike';
import { CERT_ENCODING, type Duration, fqdnId, fromAscii, ipv4SubnetId, milliseconds, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { ecdsaKey, ecdsaPublicKey, rsaKey } from '../../../../test/support/signing-keys.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { Forger } from '../support/forger.ts';
import { childPolicy, Pair, peerConfig, R2, R3, START } from '../support/pair.ts';
import { PRIVATE_GROUP } from '../support/private-groups.ts';

/** A peer with every field that there is. */
const PEER: Required<PeerConfig> = {
  ...peerConfig('R2'),
  lifetimeKilobytes: 1024,
  localIdentity: fqdnId('r2.example.org'),
  remoteIdentity: [fqdnId('r3.example.org'), fqdnId('r4.example.org')],
  preSharedKey: fromAscii('juniper'),
  allowWildcardKey: true,
  credentials: {
    privateKey: rsaKey('one'),
    certificates: [{ encoding: CERT_ENCODING.x509Signature, data: new Uint8Array(8) }],
    sendCertificates: 'always',
    remoteKey: 'ask',
    requests: [{ encoding: CERT_ENCODING.x509Signature, authority: new Uint8Array(4) }],
  },
  mode: 'main',
  proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
  children: [
    {
      ...childPolicy('R2'),
      suites: [espSuite('aes-128-cbc/hmac-sha1-96'), espSuite('3des-cbc/hmac-sha1-96')],
      pfsGroup: 2,
      lifetimeKilobytes: 1000,
      esn: false,
    },
    childPolicy('R2', { name: 'any', localIdentity: { within: [ipv4SubnetId('10.0.0.0/8')] }, remoteIdentity: 'any' }),
  ],
  natTraversal: 'auto',
  natTraversalForms: ['rfc-3947', 'draft-00'],
  xauth: { side: 'user', userName: 'alice', password: fromAscii('wonderland'), onRenewal: true },
  modeConfig: { side: 'client', method: 'pull', families: ['ipv4'], applicationVersion: 'test' },
  fragmentOctets: 600,
  acceptedGroups: [PRIVATE_GROUP],
  unknownSpiResponses: 5,
  channel: 'dangling',
  deadPeerDetection: { idle: seconds(10), interval: seconds(2), retries: 2 },
  profile: 'strongswan',
  tolerances: { 'pfs-unasked': false },
  lifetimeCheck: 'claim',
  commitBit: true,
  shortLifetimes: 'raise',
};
const TEMPLATE: PeerConfig = {
  ...peerConfig('R2'),
  name: 'template',
  remote: { addresses: ['198.51.100.0/24', '2001:db8::/32'] },
  preSharedKey: 'ask',
  remoteIdentity: 'any',
};
const SIGNING: PeerConfig = {
  ...peerConfig('R2'),
  name: 'signing',
  remote: { address: '192.0.2.7', port: 500 },
  proposals: [{ encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'ecdsa-256' }],
  credentials: { privateKey: ecdsaKey('P-256', 'one'), remoteKey: ecdsaPublicKey('P-256', 'other') },
};

const CONFIG: Required<IkeEndpointConfig> = {
  engine: cheapEngine(),
  rng: seededRng(1),
  peers: [PEER, TEMPLATE, SIGNING],
  allowLegacy: ['md5'],
  softLifetime: (hard) => milliseconds(hard / 2),
  keyLog: () => {},
};

type Place = readonly (string | number)[];

/** Of a suite only the name counts; engine and rng are the caller's own. */
function placesOf(value: unknown, at: Place = []): readonly Place[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [at];
  if (['engine', 'rng'].includes(String(at[0]))) return [at];
  const names = at.includes('suites') && !Array.isArray(value) ? ['name'] : Object.keys(value);
  return [
    at,
    ...names.flatMap((name) => placesOf(Reflect.get(value, name), [...at, Array.isArray(value) ? +name : name])),
  ];
}

function valueAt(place: Place, within: unknown = CONFIG): unknown {
  return place.reduce((value, name) => Reflect.get(Object(value), name), within);
}

function put(within: unknown, [name, ...rest]: Place, value: unknown): never {
  if (name === undefined) return value as never;
  const copy = Array.isArray(within) ? [...within] : { ...Object(within) };
  copy[name] = put(copy[name], rest, value);
  return copy as never;
}

function pathOf(place: Place): string {
  const path = place.map((name) => (typeof name === 'number' ? `[${name}]` : `.${name}`)).join('');
  return path === '' ? 'config' : path.slice(1);
}

/** What an error's message begins with. */
function named(error: unknown): string {
  expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
  const [, path] = /^([\w.[\]-]+)(?:: | must )/.exec(error instanceof Error ? error.message : '') ?? [];
  return path ?? expect.fail(`names nothing: ${error}`);
}

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

const PLACES = placesOf(CONFIG);

describe('a configuration', () => {
  it('is taken as it should be', () => {
    expect(new IkeEndpoint(CONFIG).peerNames()).toEqual(['R3', 'template', 'signing']);
    expect(PLACES.length).toBeGreaterThan(60);
  });

  it.each(PLACES.map((place) => [pathOf(place), place] as const))(
    'with what is nothing at all at %s is a TypeError that begins with this path',
    (path, place) => {
      for (const nothing of [Symbol('nothing'), 7n, null]) {
        const error = thrown(() => new IkeEndpoint(put(CONFIG, place, nothing)));
        expect(error).toBeInstanceOf(TypeError);
        expect(named(error)).toBe(path);
      }
    },
  );

  it('with any value in any place is a TypeError or RangeError that begins with where it is, or runs', () => {
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(...PLACES.map((place) => valueAt(place))),
      fc.constantFrom(
        Number.NaN,
        Number.POSITIVE_INFINITY,
        -1,
        0.5,
        2 ** 53,
        '',
        '0.0.0.0',
        '::',
        [0, 1, 2],
        undefined,
      ),
      fc.constantFrom(new DataView(new ArrayBuffer(8)), new Uint16Array(4), new Uint8Array(0), new Uint8Array(70_000)),
    );
    const inPeer = PLACES.filter(([first, second]) => first === 'peers' && second === 0);
    fc.assert(
      fc.property(fc.constantFrom(...PLACES, ...inPeer), values, (place, value) => {
        const config: IkeEndpointConfig = put(CONFIG, place, value);
        const error = thrown(() => new IkeEndpoint(config));
        if (error !== undefined) {
          const path = named(error);
          const parent = path.slice(0, Math.max(0, path.lastIndexOf('.')));
          // Where two fields of a peer contradict each other, as its proposals and its key do, either is named.
          const peer = /^peers\[\d+\]/.exec(path)?.[0] ?? parent;
          const isThere = [parent, peer].some((one) => pathOf(place).startsWith(one));
          expect(path === 'config' || isThere || parent.startsWith(pathOf(place))).toBe(true);
          return;
        }
        const changes = config.peers?.[0];
        if (place[0] !== 'peers' || changes === undefined) return;
        const pair = new Pair({ R2: changes, R3: { proposals: PEER.proposals }, endpoint: { allowLegacy: ['md5'] } });
        pair.on('R2', (endpoint, now) => {
          const [name = ''] = endpoint.peerNames();
          if ('address' in changes.remote) endpoint.initiate(now, name);
        });
        pair.run(seconds(5));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['0.0.0.0', '::', 'r3.example.org', '10.1.15', ''])('knows no peer at %s', (address) => {
    const remote = { address, port: 500 };
    const error = thrown(() => new IkeEndpoint({ ...CONFIG, peers: [{ ...PEER, remote }] }));
    expect(error).toBeInstanceOf(RangeError);
    expect(named(error)).toBe('peers[0].remote.address');
  });

  it('is the endpoint’s own: what the caller does to it afterwards changes nothing', () => {
    const peer = structuredClone({ ...peerConfig('R2'), deadPeerDetection: PEER.deadPeerDetection });
    const pair = new Pair({ R2: peer });
    const scribble = (value: object): void => {
      if (value instanceof Uint8Array) value.fill(0xee);
      else
        for (const [name, inner] of Object.entries(value)) {
          if (typeof inner === 'object' && inner !== null) scribble(inner);
          else Reflect.set(value, name, null);
        }
    };
    scribble(peer);
    pair.initiate().run(seconds(1));
    expect(pair.R2.of('child-established')).toHaveLength(1);
  });
});

describe('a command', () => {
  const WRONG: readonly (readonly [string, (endpoint: IkeEndpoint) => unknown])[] = [
    ['peer', (endpoint) => endpoint.addPeer(START, undefined as never)],
    ['peer.lifetime', (endpoint) => endpoint.addPeer(START, { ...PEER, name: 'new', lifetime: '1' as never })],
    ['peer.children', (endpoint) => endpoint.replacePeer(START, { ...PEER, children: {} as never })],
    ['sas', (endpoint) => endpoint.replacePeer(START, PEER, 'drop' as never)],
    ['sas', (endpoint) => endpoint.removePeer(START, 'R3', null as never)],
    ['peerName', (endpoint) => endpoint.removePeer(START, 3 as never)],
    ['peerName', (endpoint) => endpoint.initiate(START, undefined as never)],
    ['childName', (endpoint) => endpoint.initiate(START, 'R3', 5 as never)],
    ['number', (endpoint) => endpoint.newGroup(START, 'R3', '5' as never, PRIVATE_GROUP)],
    ['group.prime', (endpoint) => endpoint.newGroup(START, 'R3', 0x8001, { ...PRIVATE_GROUP, prime: 7 as never })],
    ['peerName', (endpoint) => endpoint.rekeyIke(START, Symbol('R3') as never)],
    ['child', (endpoint) => endpoint.addChild(START, 'R3', 'net' as never)],
    ['child.suites[0]', (endpoint) => endpoint.addChild(START, 'R3', childPolicy('R2', { suites: ['3des' as never] }))],
    ['child.name', (endpoint) => endpoint.addChild(START, 'R3', childPolicy('R2'))],
    ['child.name', (endpoint) => endpoint.replaceChild(START, 'R3', childPolicy('R2', { name: 'none' }))],
    ['childName', (endpoint) => endpoint.removeChild(START, 'R3', 'none')],
    ['from.port', (endpoint) => endpoint.noteEndpoint(START, 300 as never, { address: '10.1.15.2', port: Number.NaN })],
    ['from.address', (endpoint) => endpoint.handleDatagram(START, {} as never, R3, new Uint8Array(28))],
    ['from.port', (endpoint) => endpoint.handleDatagram(START, { ...R2, port: 70_000 }, R3, new Uint8Array(28))],
    ['to', (endpoint) => endpoint.handleDatagram(START, R2, '10.1.15.2' as never, new Uint8Array(28))],
    ['answer', (endpoint) => endpoint.answer(START, 1, undefined as never)],
    ['answer.kind', (endpoint) => endpoint.answer(START, 1, { kind: 'none' } as never)],
    ['answer.key', (endpoint) => endpoint.answer(START, 1, { kind: 'shared-key', key: new Uint8Array(0) })],
  ];

  it.each(WRONG)('with something else for %s is told so, and changes nothing', (argument, use) => {
    const endpoint = new IkeEndpoint({ ...CONFIG, rng: seededRng(1), peers: [peerConfig('R2')] });
    expect(named(thrown(() => use(endpoint)))).toBe(argument);
    expect(endpoint.pollTransmit() ?? endpoint.pollEvent() ?? endpoint.pollTimeout()).toBeUndefined();
    expect(endpoint.peerNames()).toEqual(['R3']);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '0', undefined])('does not run at the time %s', (now) => {
    const pair = new Pair().initiate();
    const { endpoint } = pair.R2;
    for (const use of [
      () => endpoint.handleTimeout(now as never),
      () => endpoint.initiate(now as never, 'R3'),
      () => endpoint.handleDatagram(now as never, R3, R2, new Uint8Array(28)),
      () => endpoint.close(now as never),
    ]) {
      expect(named(thrown(use))).toBe('now');
    }
    pair.run(seconds(1));
    expect(pair.R2.of('child-established')).toHaveLength(1);
  });
});

describe('what the caller brings', () => {
  it('is named where its source of randomness gives nothing, whoever begins', () => {
    const rng = { fill: () => {} };
    const endpoint = new IkeEndpoint({ ...CONFIG, rng, peers: [peerConfig('R2')] });
    expect(named(thrown(() => endpoint.initiate(START, 'R3')))).toBe('rng');
    const responder = new IkeEndpoint({ ...CONFIG, rng, peers: [peerConfig('R3')] });
    const { octets } = new Forger().start();
    expect(named(thrown(() => responder.handleDatagram(START, R2, R3, octets)))).toBe('rng');
    expect(responder.ikeSas()).toEqual([]);
  });

  it('may fail once, which reaches the caller, and what is tried again afterwards succeeds', () => {
    const source = seededRng(3);
    let fails = true;
    const fill = (out: Uint8Array): void => {
      if (fails) throw new Error('no entropy');
      source.fill(out);
    };
    const pair = new Pair();
    const endpoint = new IkeEndpoint({ ...CONFIG, rng: { fill }, peers: [peerConfig('R2')] });
    expect(() => endpoint.initiate(START, 'R3')).toThrow('no entropy');
    fails = false;
    endpoint.initiate(START, 'R3');
    const first = endpoint.pollTransmit();
    expect(first && pair.inject('R3', first.octets)).toEqual({ ok: true });
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, '1'])('says no soft lifetime of %s', (soft) => {
    const pair = new Pair({ endpoint: { softLifetime: () => soft as Duration } }).initiate();
    expect(named(thrown(() => pair.run(seconds(1))))).toBe('softLifetime');
  });

  it('is nothing where the configuration is empty', () => {
    expect(named(thrown(() => new IkeEndpoint(undefined as never)))).toBe('config');
    expect(named(thrown(() => new IkeEndpoint({} as never)))).toBe('engine');
    expect(named(thrown(() => new IkeEndpoint({ ...CONFIG, rng: {} as never })))).toBe('rng');
    expect(named(thrown(() => new IkeEndpoint({ ...CONFIG, peers: [{} as never] })))).toBe('peers[0].name');
  });
});
