import type { Engine } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import type { Answer, Credentials, Question, SignatureMethod } from '@espalier/ike';
import { CERT_ENCODING, concat, EXCHANGE, fqdnId, fromAscii, milliseconds, seconds, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rsaKey, rsaPublicKey } from '../../../../test/support/signing-keys.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { type Network, Pair, peerConfig, R2, R3, type Side } from '../support/pair.ts';
import {
  ASKING,
  answerTo,
  certificateOf,
  identityOf,
  METHODS,
  NOTHING_ASKED,
  privateKeyOf,
  type Signing,
  signing,
} from '../support/signing.ts';

const SIDES: readonly Side[] = ['R2', 'R3'];
const ALL_ASKED = { sign: true, verify: true };

/** A pair that proves itself by signatures; R2 begins. `asked`: all that was asked. */
class SigningPair extends Pair {
  readonly asked: Question[] = [];
  answering: (side: Side, question: Question) => Answer | undefined = answerTo;

  constructor(
    options: Signing & {
      readonly sides?: Partial<Record<Side, Signing>>;
      readonly network?: Network;
      readonly engine?: Engine;
    },
  ) {
    const { sides = {}, network, engine = cheapEngine(), ...both } = options;
    super({
      engine,
      ...(network === undefined ? {} : { network }),
      R2: signing('R2', { ...both, ...sides.R2 }),
      R3: signing('R3', { ...both, ...sides.R3 }),
    });
    this.initiate();
  }

  /** Lets seconds pass, and answers what is asked meanwhile. */
  answered(passing = 20): this {
    for (let i = 0; i < 2 * passing; i++) {
      this.run(seconds(0.5));
      for (const side of SIDES) this.answer(side);
    }
    return this;
  }

  answer(side: Side): void {
    const { endpoint } = this[side];
    for (let question = endpoint.pollQuestion(); question !== undefined; question = endpoint.pollQuestion()) {
      this.asked.push(question);
      const { id } = question;
      const given = this.answering(side, question);
      if (given !== undefined) this.on(side, (to, now) => to.answer(now, id, given));
    }
  }

  get isUp(): boolean {
    return this.nodes.every(
      ({ endpoint }) => endpoint.children().length === 1 && endpoint.ikeSas()[0]?.state === 'ready',
    );
  }
}

const GRID = METHODS.flatMap((method) => (['main', 'aggressive'] as const).map((mode) => ({ method, mode })));

describe.each(GRID)('$method in $mode mode', ({ method, mode }) => {
  it('proves both sides to each other, whatever is asked for', () => {
    for (const asks of ASKING) {
      const pair = new SigningPair({ method, mode, asks }).answered(5);
      expect(pair.isUp).toBe(true);
      for (const side of SIDES) {
        const [{ ikeSa } = { ikeSa: undefined }] = pair[side].of('ike-established');
        expect(ikeSa?.proposal?.authentication).toBe(method);
        expect(ikeSa?.remoteIdentity).toMatchObject(identityOf(side === 'R2' ? 'R3' : 'R2'));
      }
      const kinds = pair.asked.map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'sign')).toHaveLength(asks.sign ? 2 : 0);
      expect(kinds.filter((kind) => kind === 'verify-chain')).toHaveLength(asks.verify ? 2 : 0);
    }
  });

  it('asks with who it is for, what the peer asked, and what it sent', () => {
    const pair = new SigningPair({ method, mode, asks: ALL_ASKED }).answered(5);
    for (const question of pair.asked) {
      const side = question.local.address === R2.address ? 'R2' : 'R3';
      const other = side === 'R2' ? 'R3' : 'R2';
      expect(question).toMatchObject({ peer: other, method, role: side === 'R2' ? 'initiator' : 'responder' });
      expect(question.remote).toEqual(side === 'R2' ? R3 : R2);
      if (question.kind === 'sign') {
        expect(question.identity).toEqual(identityOf(side));
        expect(question.requests).toEqual([{ encoding: CERT_ENCODING.x509Signature, authority: new Uint8Array(0) }]);
      } else if (question.kind === 'verify-chain') {
        expect(question.identity).toMatchObject(identityOf(other));
        expect(question.certificates).toEqual([certificateOf(other)]);
      }
    }
  });

  it('is there however late the answers, while a repeated message is neither answered nor refused', () => {
    const pair = new SigningPair({ method, mode, asks: ALL_ASKED });
    pair.answering = () => undefined;
    pair.answered(1);
    for (let i = 0; i < 4; i++) {
      const question = pair.asked.at(-1);
      if (question === undefined) throw new Error('nobody asks');
      const side = question.local.address === R2.address ? 'R2' : 'R3';
      const last = pair.sent.findLast(({ from }) => from !== side);
      const { counters } = pair[side].endpoint;
      const [before, sent] = [{ ...counters }, pair.sent.length];
      if (last !== undefined && last.transmit.octets[18] !== EXCHANGE.quick) pair.inject(side, last.transmit.octets);
      expect(counters).toEqual(before);
      expect(pair.sent).toHaveLength(sent);
      pair.run(seconds(4));
      pair.on(side, (endpoint, now) => endpoint.answer(now, question.id, answerTo(side, question)));
      pair.answered(1);
    }
    expect(pair.answered(10).isUp).toBe(true);
    for (const { endpoint } of pair.nodes) expect(endpoint.pollQuestion()).toBeUndefined();
  });
});

describe('a peer that goes on while the caller is asked who it is', () => {
  it.each(['main', 'aggressive'] as const)('is answered as soon as that is known, in %s mode', (mode) => {
    const pair = new SigningPair({ mode, method: 'ecdsa-256', sides: { R3: { asks: { sign: false, verify: true } } } });
    pair.answering = () => undefined;
    pair.run(milliseconds(200));
    pair.answer('R3');
    const [question] = pair.asked;
    if (question === undefined) throw new Error('nobody asks');
    const { counters } = pair.R3.endpoint;
    const before = { ...counters };
    // What only an initiator that is done can send, or somebody in its name.
    const last = pair.sent.findLast(({ from }) => from === 'R2')?.transmit.octets ?? new Uint8Array(0);
    const early = concat(last.subarray(0, 18), Uint8Array.of(EXCHANGE.quick), last.subarray(19));
    const third = concat(early.subarray(0, 20), Uint8Array.of(1), early.subarray(21));
    if (mode === 'main') for (let i = 0; i < 3; i++) expect(pair.inject('R3', early)).toEqual({ ok: true });
    expect(counters).toEqual(before);
    if (mode === 'main') {
      pair.inject('R3', third);
      expect(pair.inject('R3', concat(third.subarray(0, 20), Uint8Array.of(2), third.subarray(21)))).toEqual({
        ok: false,
        reason: 'not-authenticated',
      });
    }
    pair.on('R3', (endpoint, now) => endpoint.answer(now, question.id, answerTo('R3', question)));
    pair.run(milliseconds(200));
    expect(pair.isUp).toBe(true);
  });
});

it('signs on every engine the same octets, so that a replay needs none in particular', () => {
  const sent = [cheapEngine(), { ...cheapEngine(), signatures: nodeEngine().signatures }].map((engine) =>
    new SigningPair({ engine }).answered(2).sent.map(({ transmit }) => toHex(transmit.octets)),
  );
  expect(sent[0]).toEqual(sent[1]);
});

it('gets there though the network loses and doubles datagrams', () => {
  const fates = fc.constantFrom<readonly number[]>([], [10], [10], [10, 40]);
  fc.assert(
    fc.property(fc.array(fates, { maxLength: 8 }), fc.constantFrom('main', 'aggressive'), (first, mode) => {
      const network: Network = ({ index }) => first[index] ?? [10];
      expect(new SigningPair({ mode, method: 'ecdsa-256', asks: ALL_ASKED, network }).answered(40).isUp).toBe(true);
    }),
    {
      numRuns: 8,
      // The responder had said so much to a doubled message 1 that it owed no more, whatever the peer went on to say.
      examples: [[[[10], [10, 40], [], [10], [], []], 'aggressive']],
    },
  );
});

describe('certificates', () => {
  const sentBy = (changes: Partial<Credentials>, requests: Credentials['requests']): readonly unknown[] => {
    const pair = new SigningPair({
      method: 'ecdsa-256',
      sides: {
        R2: { credentials: changes },
        R3: { asks: { sign: false, verify: true }, credentials: requests === undefined ? {} : { requests } },
      },
    }).answered(3);
    expect(pair.isUp).toBe(true);
    return pair.asked.flatMap((question) => (question.kind === 'verify-chain' ? question.certificates : []));
  };
  const two = [certificateOf('R2'), { encoding: CERT_ENCODING.pkcs7, data: fromAscii('the chain') }];

  it.each([
    ['always', undefined, 2],
    ['always', [], 2],
    ['if-asked', undefined, 2],
    ['if-asked', [], 0],
    ['never', undefined, 0],
  ] as const)('go with a signature %s, where the peer asks %j', (sendCertificates, requests, count) => {
    expect(sentBy({ certificates: two, sendCertificates }, requests)).toEqual(two.slice(0, count));
  });

  it('of Main Mode are seen by nobody on the way, and neither are identities', () => {
    const pair = new SigningPair({ asks: { sign: false, verify: true } }).answered(3);
    const wire = pair.sent.map(({ transmit }) => toHex(transmit.octets)).join(' ');
    for (const side of SIDES) {
      expect(wire).not.toContain(toHex(certificateOf(side).data));
      expect(wire).not.toContain(toHex(identityOf(side).data));
    }
  });

  it('may prove another identity than the peer says: then that is whom the IKE SA is with', () => {
    const proved = fqdnId('somebody.example.org');
    const pair = new SigningPair({ asks: { sign: false, verify: true } });
    const { endpoint } = pair.R3;
    endpoint.replacePeer(pair.now, {
      ...peerConfig('R3', signing('R3', { asks: { sign: false, verify: true } })),
      remoteIdentity: [identityOf('R2'), proved],
    });
    pair.answering = (side, question) => {
      const answer = answerTo(side, question);
      return side === 'R3' && answer.kind === 'verify-chain' && 'key' in answer
        ? { ...answer, identity: proved }
        : answer;
    };
    pair.answered(3);
    expect(pair.R3.of('ike-established')[0]?.ikeSa.remoteIdentity).toEqual(proved);
  });
});

describe('in Main Mode, several who may be at one address', () => {
  const method: SignatureMethod = 'rsa-signature';
  const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'];
  const keys = ['one', 'short', 'other'] as const;

  it.each(names)('are told apart by who they say they are, and only %s has their key', (name) => {
    const pair = new SigningPair({ method });
    pair.on('R3', (endpoint, now) => {
      endpoint.removePeer(now, 'R2');
      for (const [i, one] of names.entries()) {
        endpoint.addPeer(now, {
          ...peerConfig('R3', signing('R3', { method })),
          name: one,
          preSharedKey: 'ask',
          remote: { addresses: 'any' },
          remoteIdentity: fqdnId(`${one}.example.org`),
          credentials: {
            privateKey: privateKeyOf('R3', method),
            remoteKey: rsaPublicKey(i % 2 === 0 ? 'one' : 'other'),
          },
        });
      }
    });
    const key = keys[names.indexOf(name) % 2 === 0 ? 0 : 2];
    pair.on('R2', (endpoint, now) => {
      endpoint.replacePeer(now, {
        ...peerConfig('R2', signing('R2', { method })),
        localIdentity: fqdnId(`${name}.example.org`),
        credentials: { privateKey: rsaKey(key ?? 'one'), remoteKey: rsaPublicKey('other') },
      });
      endpoint.initiate(now, 'R3');
    });
    pair.answered(5);
    expect(pair.R3.of('ike-established').map(({ ikeSa }) => ikeSa.peer)).toEqual([expect.stringContaining(name)]);
  });

  it('and who is none of them is refused, with nothing said', () => {
    const pair = new SigningPair({ sides: { R3: {} } });
    pair.on('R2', (endpoint, now) => {
      endpoint.replacePeer(now, { ...peerConfig('R2', signing('R2')), localIdentity: fqdnId('mallory.example.org') });
      endpoint.initiate(now, 'R3');
    });
    pair.run(seconds(1));
    expect(pair.R3.news.map(({ reason }) => reason)).toContain('invalid-identity');
    expect(pair.R3.of('ike-established')).toEqual([]);
    expect(pair.R2.of('notified')).toEqual([]);
  });
});

it('asks a caller for nothing where it has all keys', () => {
  expect(new SigningPair({ asks: NOTHING_ASKED }).answered(3).asked).toEqual([]);
});
