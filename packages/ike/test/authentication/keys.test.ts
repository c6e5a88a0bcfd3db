import type { Engine, PrivateKey, PublicKey, Signatures } from '@espalier/crypto';
import { nobleEngine } from '@espalier/crypto';
import { type Answer, type Credentials, IkeEndpoint, type PeerConfig, type Question, Replay } from '@espalier/ike';
import { concat, fqdnId, seconds, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { ecdsaKey, ecdsaPublicKey, rsaKey, rsaPublicKey } from '../../../../test/support/signing-keys.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { Pair, peerConfig } from '../support/pair.ts';
import { answerTo, METHODS, privateKeyOf, signing } from '../support/signing.ts';

/** An engine that shows the keys that it is given. */
function showing(keys: PrivateKey[]): Engine {
  const { signatures } = nobleEngine();
  const watched: Signatures = {
    ...signatures,
    sign(key, hash) {
      keys.push(key);
      return signatures.sign(key, hash);
    },
  };
  return { ...cheapEngine(), signatures: watched };
}

const secretsOf = (key: PrivateKey): readonly Uint8Array[] =>
  key.kind === 'ecdsa'
    ? [key.scalar]
    : [key.privateExponent, key.prime1, key.prime2, key.exponent1, key.exponent2, key.coefficient];
const isZero = (octets: Uint8Array): boolean => octets.every((octet) => octet === 0);

describe('a private key', () => {
  it.each(METHODS)(
    'of %s is copied, and overwritten when the peer goes, is replaced, or the endpoint closes',
    (method) => {
      for (const end of ['remove', 'replace', 'close'] as const) {
        const keys: PrivateKey[] = [];
        const given = privateKeyOf('R2', method);
        const pair = new Pair({
          engine: showing(keys),
          R2: signing('R2', { method, credentials: { privateKey: given } }),
          R3: signing('R3', { method }),
        }).initiate();
        pair.run(seconds(2));
        const [own] = keys;
        if (own === undefined) throw new Error('nothing was signed');
        expect(own).toEqual(given);
        expect(own).not.toBe(given);
        pair.on('R2', (endpoint, now) => {
          if (end === 'remove') endpoint.removePeer(now, 'R3');
          else if (end === 'replace') endpoint.replacePeer(now, peerConfig('R2', signing('R2', { method })));
          else endpoint.close(now);
        });
        for (const secret of secretsOf(own)) expect(isZero(secret)).toBe(true);
        for (const secret of secretsOf(given)) expect(isZero(secret)).toBe(false);
      }
    },
  );

  it('is in no recording that holds no secrets, and a recording that does replays to its end', () => {
    for (const record of ['with secrets', 'without secrets'] as const) {
      const pair = new Pair({
        record,
        R2: signing('R2', { asks: { sign: false, verify: true } }),
        R3: signing('R3', { asks: { sign: true, verify: false } }),
      }).initiate();
      for (let i = 0; i < 6; i++) {
        pair.run(seconds(1));
        for (const side of ['R2', 'R3'] as const) {
          const question: Question | undefined = pair[side].endpoint.pollQuestion();
          const answer: Answer | undefined = question && answerTo(side, question);
          if (question !== undefined && answer !== undefined) {
            pair.on(side, (endpoint, now) => endpoint.answer(now, question.id, answer));
          }
        }
      }
      expect(pair.R3.of('ike-established')).toHaveLength(1);
      for (const { side, recording } of pair.nodes) {
        const text = recording.join('\n');
        const holds = secretsOf(privateKeyOf(side, 'rsa-signature')).some((secret) => text.includes(toHex(secret)));
        expect(holds).toBe(record === 'with secrets' && side === 'R2');
        const replay = new Replay(recording, { engine: cheapEngine() });
        const steps = [...replay];
        expect(replay.endedAt).toBe(record === 'with secrets' ? 'end' : 'secret');
        if (record === 'with secrets') {
          const kinds = steps.flatMap(({ events }) => events.map(({ kind }) => kind));
          expect(kinds).toContain('ike-established');
        }
      }
    }
  });
});

const SIGNED = signing('R2');
const credentials = (changes: Partial<Credentials>): Partial<PeerConfig> => ({
  credentials: { privateKey: rsaKey('one'), remoteKey: rsaPublicKey('other'), ...changes },
});

/** With zeros in front of the modulus. */
const padded = (octets: number): PublicKey => {
  const key = rsaPublicKey('other');
  if (key.kind !== 'rsa') return expect.fail('not of RSA');
  return { ...key, modulus: concat(new Uint8Array(octets - key.modulus.length), key.modulus) };
};

describe('credentials that cannot be', () => {
  it.each<[string, Partial<PeerConfig>, typeof TypeError | typeof RangeError, string]>([
    ['a key of the wrong kind', credentials({ privateKey: ecdsaKey('P-256', 'one') }), RangeError, 'privateKey'],
    ['a key of the wrong kind', credentials({ remoteKey: ecdsaPublicKey('P-256', 'one') }), RangeError, 'remoteKey'],
    ['a key of 1024 bits', credentials({ privateKey: rsaKey('short') }), RangeError, 'rsa1024'],
    ['a key of 1024 bits', credentials({ remoteKey: rsaPublicKey('short') }), RangeError, 'rsa1024'],
    [
      'a key that contradicts itself',
      credentials({ privateKey: { ...rsaKey('one'), prime1: rsaKey('other').prime1 } }),
      RangeError,
      'contradiction',
    ],
    ['a modulus of 4096 octets', credentials({ remoteKey: padded(4096) }), RangeError, 'modulus-long'],
    [
      'a number of 4097 octets',
      credentials({ remoteKey: padded(4097) }),
      RangeError,
      'remoteKey.modulus: must have at most',
    ],
    [
      'e = 3',
      credentials({ remoteKey: { kind: 'rsa', modulus: rsaKey('one').modulus, exponent: Uint8Array.of(3) } }),
      RangeError,
      'exponent',
    ],
    [
      'one key for several',
      { ...credentials({}), remoteIdentity: [fqdnId('a'), fqdnId('b')] },
      RangeError,
      'remoteKey',
    ],
    ['one key for anybody', { ...credentials({}), remoteIdentity: 'any' }, RangeError, 'remoteKey'],
    ['no key at all', { credentials: { remoteKey: 'ask' } as Credentials }, TypeError, 'privateKey'],
    [
      '25 certificates',
      credentials({ certificates: Array.from({ length: 25 }, () => ({ encoding: 4, data: new Uint8Array(1) })) }),
      RangeError,
      'certificates',
    ],
    [
      'certificates that no datagram holds',
      credentials({ certificates: [{ encoding: 4, data: new Uint8Array(65_000) }] }),
      RangeError,
      'certificates',
    ],
  ])('such as %s are named', (_, changes, error, part) => {
    const make = () =>
      new IkeEndpoint({
        engine: cheapEngine(),
        rng: seededRng(1),
        peers: [peerConfig('R2', { ...SIGNED, ...changes })],
      });
    expect(make).toThrow(error);
    expect(make).toThrow(/peers\[0\]\.credentials/);
    expect(make).toThrow(part);
  });

  it('are missing where a proposal needs them', () => {
    const { credentials: _, ...without } = SIGNED;
    expect(
      () => new IkeEndpoint({ engine: cheapEngine(), rng: seededRng(1), peers: [peerConfig('R2', without)] }),
    ).toThrow('peers[0].credentials: peer R3 has none');
  });
});
