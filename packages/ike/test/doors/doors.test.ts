import { IkeEndpoint, keymat, skeyidOfPreSharedKey } from '@espalier/ike';
import { fqdnId, fromAscii, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { expectPlainOctets, NO_OCTETS, withPooled } from '../../../../test/support/octets.ts';
import { seededRng } from '../../../../test/support/rng.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { childPolicy, Pair, type PeerChanges, peerConfig, R2, R3, START } from '../support/pair.ts';

const make = (changes: PeerChanges): IkeEndpoint =>
  new IkeEndpoint({ engine: cheapEngine(), rng: seededRng(1), peers: [peerConfig('R2', changes)] });
const identity = (data: Uint8Array) => ({ ...fqdnId('r2.example.org'), data });

/** Every door that takes octets. */
const DOORS: readonly (readonly [string, (octets: Uint8Array) => unknown])[] = [
  ['datagram', (octets) => make({}).handleDatagram(START, R3, R2, octets)],
  ['peers[0].localIdentity.data', (octets) => make({ localIdentity: identity(octets) })],
  [
    'peers[0].remoteIdentity[1].data',
    (octets) => make({ remoteIdentity: [fqdnId('a.example.org'), identity(octets)] }),
  ],
  [
    'peers[0].children[0].localIdentity.data',
    (octets) => make({ children: [childPolicy('R2', { localIdentity: identity(octets) })] }),
  ],
  [
    'peers[0].children[0].remoteIdentity.within[0].data',
    (octets) => make({ children: [childPolicy('R2', { remoteIdentity: { within: [identity(octets)] } })] }),
  ],
];
/** Where nothing may stand in the place of octets. */
const KEYS: typeof DOORS = [
  ['peers[0].preSharedKey', (octets) => make({ preSharedKey: octets })],
  ['answer.key', (octets) => make({}).answer(START, 1, { kind: 'shared-key', key: octets })],
];

describe('a door for octets', () => {
  const cases = [
    ...DOORS.flatMap((door) => NO_OCTETS.map((no) => [door, no] as const)),
    ...KEYS.flatMap((door) => NO_OCTETS.filter(([name]) => name !== 'nothing').map((no) => [door, no] as const)),
  ];
  it.each(cases.map(([[argument, use], [what, value]]) => [argument, what, use, value] as const))(
    '%s takes no %s (regression: text became a key of zeros)',
    (argument, _, use, value) => {
      expect(() => use(value)).toThrow(new TypeError(`${argument} must be a Uint8Array`));
    },
  );

  it('lets the caller keep its key after close, and shares it with nobody', () => {
    const key = Buffer.from('juniper');
    const [one, other] = [make({ preSharedKey: key }), new Pair({ R2: { preSharedKey: key } })];
    one.close(START);
    expect(key.toString()).toBe('juniper');
    other.initiate().run(seconds(1));
    expect(other.R2.of('child-established')).toHaveLength(1);
  });

  it('may be given an answer in a buffer of a pool', () => {
    const pair = new Pair({ R2: { preSharedKey: 'ask' } }).initiate();
    pair.run(seconds(1));
    const id = pair.R2.endpoint.pollQuestion()?.id ?? -1;
    const answer = (key: Uint8Array) =>
      pair.on('R2', (endpoint, now) => endpoint.answer(now, id, { kind: 'shared-key', key }));
    expect(withPooled(fromAscii('juniper'), answer)).toEqual({ ok: true });
    pair.run(seconds(1));
    expect(pair.R2.of('child-established')).toHaveLength(1);
  });

  it('hands out plain octets whatever it was given', () => {
    const pair = new Pair().initiate();
    pair.run(seconds(1));
    expectPlainOctets(pair.sent.map(({ transmit }) => transmit.octets));
    expectPlainOctets(pair.R2.of('child-established'));
    expectPlainOctets(pair.R3.of('child-established'));
  });

  it('hands out octets for the caller to keep: what becomes of them changes no repetition (regression: message 1 was sent as it had been left)', () => {
    const endpoint = make({});
    endpoint.initiate(START, 'R3');
    const sent = Array.from({ length: 3 }, () => {
      const octets = endpoint.pollTransmit()?.octets ?? expect.unreachable('nothing is sent');
      const copy = octets.slice();
      structuredClone(octets, { transfer: [octets.buffer] });
      endpoint.handleTimeout(endpoint.pollTimeout()?.at ?? START);
      return copy;
    });
    expect(sent).toEqual(sent.map(() => sent[0]));
    expect(sent[0]?.length).toBeGreaterThan(28);
  });

  it('derives the same keys from octets of a pool', () => {
    const [key, ni, nr] = [fromAscii('juniper'), new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
    const skeyid = skeyidOfPreSharedKey('sha1', key, ni, nr);
    expect(withPooled(key, (pooled) => skeyidOfPreSharedKey('sha1', pooled, Buffer.from(ni), Buffer.from(nr)))).toEqual(
      skeyid,
    );
    const of = { gqmxy: new Uint8Array(0), protocol: 3, spi: Uint8Array.of(0, 0, 1, 44), niB: ni, nrB: nr };
    expect(withPooled(skeyid, (d) => keymat('sha1', d, of, 44))).toEqual(keymat('sha1', skeyid, of, 44));
  });
});
