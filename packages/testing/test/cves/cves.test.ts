import {
  nobleEngine,
  type PrivateKey,
  publicKeyFault,
  type RsaPrivateKey,
  signRsaPkcs1Bare,
  verifyRsaPkcs1Bare,
} from '@espalier/crypto';
import { type Deed, MISBEHAVIOURS, type Misbehaviour } from '@espalier/testing/peer';
import { type Mutation, PLAIN_SESSION, play, playTo, type SessionSpecification } from '@espalier/testing/sessions';
import { concat, EXCHANGE, encodeHeader, FLAG, fromHex, PAYLOAD, toHex, writeU16 } from '@espalier/wire';
import { expect, it } from 'vitest';
import { rsaKey, rsaPublicKey } from '../../../../test/support/signing-keys.ts';
import { trialInMemory } from '../peer/in-memory.ts';
import { allHold, type Row } from './row.ts';

/** Ours does what a correct peer does, and serves the next who calls. */
function bears(...names: readonly (string | Misbehaviour)[]): () => void {
  return () => {
    for (const name of names) {
      const misbehaviour = typeof name === 'string' ? MISBEHAVIOURS.find((one) => one.name === name) : name;
      if (misbehaviour === undefined) throw new Error(`there is no misbehaviour ${name}`);
      expect(trialInMemory(misbehaviour), misbehaviour.name).toEqual({ verdict: 'as expected', lives: true });
    }
  };
}

/** A misbehaviour of its own. */
function one(
  name: string,
  at: Misbehaviour['at'],
  expects: Misbehaviour['expects'],
  ...deeds: readonly Deed[]
): Misbehaviour {
  return { name, clause: 'RFC 2409 §5', title: name, key: 'right', at, deeds, expects };
}

const QUICK = { exchange: 'quick', message: 1 } as const;
const LAST = { exchange: 'quick', message: 3 } as const;

function change(payloads: Extract<Mutation, { where: 'payloads' }>['payloads']): Deed {
  return { does: 'change', mutation: { where: 'payloads', payloads, hash: 'right' } };
}

/** What comes of one datagram that nobody has sent, at each step of a session: refused, and nothing changes. */
function refusedAtEachStep(
  octetsOf: (cookies: Uint8Array) => readonly Uint8Array[],
  specification: SessionSpecification = PLAIN_SESSION,
): void {
  for (let step = 0; step < 9; step++) {
    const stopped = playTo(specification, step);
    if (stopped === undefined) throw new Error(`there is no datagram ${step}`);
    const { session, flight } = stopped;
    for (const octets of octetsOf(flight.octets.slice(0, 16))) {
      const children = JSON.stringify(session.ends.right.endpoint.children());
      expect(session.inject(flight, octets).ok, toHex(octets)).toBe(false);
      expect(JSON.stringify(session.ends.right.endpoint.children())).toBe(children);
    }
    expect(session.deliver(flight).ok).toBe(true);
  }
}

function message(cookies: Uint8Array, exchange: number, nextPayload: number, body: Uint8Array, flags = 0): Uint8Array {
  const fields = { initiatorCookie: cookies.subarray(0, 8), responderCookie: cookies.subarray(8), messageId: 0x4242 };
  return concat(encodeHeader({ ...fields, exchange, flags }, nextPayload, body.length), body);
}

/** A payload of Cisco's fragmentation whose header says that it is so long. */
function fragment(cookies: Uint8Array, length: number, number: number): Uint8Array {
  const body = fromHex(`00000000${'0001'}${number.toString(16).padStart(2, '0')}01`);
  writeU16(body, 2, length);
  return message(cookies, EXCHANGE.main, PAYLOAD.fragment, body);
}

/** What a private key makes of any octets as long as its modulus, without looking at them. */
function rawSignature({ modulus, privateExponent }: RsaPrivateKey, block: Uint8Array): Uint8Array {
  const toInteger = (octets: Uint8Array): bigint => BigInt(`0x${toHex(octets)}`);
  const n = toInteger(modulus);
  let [result, square] = [1n, toInteger(block) % n];
  for (let e = toInteger(privateExponent); e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % n;
    square = (square * square) % n;
  }
  return fromHex(result.toString(16).padStart(2 * modulus.length, '0'));
}

const DIGEST = new Uint8Array(20).fill(0x5a);

/** A block of PKCS #1 type 1 with so much padding, and what stands behind it. */
function block(padding: number, behind: Uint8Array): Uint8Array {
  const octets = new Uint8Array(256);
  octets.set(concat(Uint8Array.of(0, 1), new Uint8Array(padding).fill(0xff), Uint8Array.of(0), behind));
  return octets;
}

function verifies(signature: Uint8Array, hash: Uint8Array = DIGEST): boolean {
  return verifyRsaPkcs1Bare(rsaPublicKey('one'), hash, signature);
}

const ROWS: readonly Row[] = [
  {
    id: 'CVE-2016-1287',
    where: 'Cisco ASA',
    law: 'a fragment whose length is less than its header’s is refused, at every step of a session',
    holds: () =>
      refusedAtEachStep((cookies) => [0, 1, 3, 4, 7, 8, 9, 0xffff].map((length) => fragment(cookies, length, 1))),
  },
  {
    id: 'CVE-2016-10396',
    where: 'racoon',
    law: 'fragments in any order, and without end, are refused one by one',
    holds: () => refusedAtEachStep((cookies) => Array.from({ length: 255 }, (_, i) => fragment(cookies, 8, 255 - i))),
  },
  {
    id: 'CVE-2016-5361',
    where: 'libreswan and others',
    law: 'a responder answers a first message once, and repeats its answer only when it is asked again',
    holds: () => {
      const stopped = playTo(PLAIN_SESSION, 0);
      if (stopped === undefined) throw new Error('there is a first message');
      const { session, flight } = stopped;
      session.deliver(flight);
      const answers = [];
      // The initiator, which hears nothing, repeats its message: no more answers come than that.
      for (let next = session.next(); next !== undefined; next = session.next()) {
        if (next.from === 'right') answers.push(next);
      }
      expect(answers).toHaveLength(1);
    },
  },
  {
    id: 'CVE-2016-6415',
    where: 'Cisco IOS',
    law: 'an SA that says that it is longer than it is gets no answer that is longer than what was sent',
    holds: () => {
      bears('attribute-cut-off', 'payload-length-too-long', 'transforms-miscounted')();
      for (const by of [1, 8, 64, 0x4000]) {
        const changed = { where: 'payloads', payloads: { change: 'length', at: 0, by }, hash: 'stale' } as const;
        const { mutant, session } = play(PLAIN_SESSION, { step: 0, mutation: changed });
        const answer = session.delivered.find(({ from }) => from === 'right');
        expect(mutant?.result.ok).toBe(false);
        expect(answer?.octets.length ?? 0).toBeLessThanOrEqual(mutant?.delivered.length ?? 0);
      }
    },
  },
  {
    id: 'CVE-2017-11185',
    where: 'strongSwan, gmp',
    law: 'a signature of 0, of 1, of the modulus, above it, or of no octets does not verify',
    holds: () => {
      const { modulus } = rsaKey('one');
      const last = (octet: number): Uint8Array => concat(new Uint8Array(255), Uint8Array.of(octet));
      const all = [new Uint8Array(0), new Uint8Array(256), last(1), modulus, new Uint8Array(256).fill(0xff)];
      for (const signature of all) expect(verifies(signature)).toBe(false);
    },
  },
  {
    id: 'CVE-2018-16152',
    where: 'strongSwan, gmp (and CVE-2018-16151, CVE-2018-17540)',
    law: 'what is signed is compared whole: nothing may stand behind the hash, and no padding may be short',
    holds: () => {
      const key = rsaKey('one');
      expect(verifies(rawSignature(key, block(256 - 3 - 20, DIGEST)))).toBe(true);
      for (const forged of [
        block(8, DIGEST),
        block(8, concat(DIGEST, new Uint8Array(200).fill(0x41))),
        block(256 - 3 - 21, concat(Uint8Array.of(0), DIGEST)),
        block(0, concat(new Uint8Array(233).fill(0xff), DIGEST)).fill(2, 1, 2),
      ]) {
        expect(verifies(rawSignature(key, forged))).toBe(false);
      }
    },
  },
  {
    id: 'CVE-2026-50721',
    where: 'libreswan',
    law: 'a signed hash that is longer or shorter than the prf’s does not verify, and no key with a small exponent is used',
    holds: () => {
      for (const octets of [0, 1, 16, 19, 21, 32]) {
        const signature = signRsaPkcs1Bare(
          rsaKey('one'),
          DIGEST.length >= octets ? DIGEST.subarray(0, octets) : concat(DIGEST, new Uint8Array(octets - 20)),
        );
        if (signature !== undefined) expect(verifies(signature), `${octets} octets`).toBe(false);
      }
      for (const exponent of [1, 3, 17]) {
        expect(publicKeyFault({ ...rsaPublicKey('one'), exponent: Uint8Array.of(exponent) })).toBeDefined();
      }
    },
  },
  {
    id: 'CVE-2018-5389',
    where: 'the protocol',
    law: 'who guesses at a key is refused; Aggressive Mode, which gives the guesses away to anybody, is not spoken unless it is configured',
    holds: () => {
      bears('wrong-key-main', 'wrong-key-aggressive')();
      const stopped = playTo({ ...PLAIN_SESSION, mode: 'aggressive' }, 0);
      const main = playTo(PLAIN_SESSION, 0);
      if (stopped === undefined || main === undefined) throw new Error('there is a first message');
      const result = main.session.inject(main.flight, stopped.flight.octets);
      expect(result).toMatchObject({ ok: false });
    },
  },
  {
    id: 'CVE-2018-0131',
    where: 'Cisco IOS; and CVE-2017-17305 of Huawei, CVE-2018-8753 of Clavister, CVE-2018-9129 of ZyXEL',
    law: 'public-key encryption, whose faults tell its key away, is not agreed on unless it is configured',
    holds: bears(
      ...['80030004', '80030005'].map((octets) => {
        const inner = { change: 'body', at: 4, octets: { change: 'replace', octets } } as const;
        const transform = { change: 'within', at: 0, inner } as const;
        const offer = change({ change: 'within', at: 0, inner: { change: 'within', at: 0, inner: transform } });
        return one(`method ${octets}`, { exchange: 'phase-1', message: 1 }, 'refuse', offer);
      }),
    ),
  },
  {
    id: 'CVE-2019-10155',
    where: 'libreswan, strongSwan, Openswan',
    law: 'an Informational exchange whose HASH is wrong, or not there, changes nothing',
    holds: bears(
      'v1-hash-exchange-delete',
      'v1-hash-exchange-delete-child',
      'v1-hash-exchange-notification',
      'delete-without-hash',
      'delete-before-hash',
    ),
  },
  {
    id: 'CVE-2020-1763',
    where: 'libreswan',
    law: 'an encrypted Informational exchange before there are keys is refused',
    holds: () =>
      refusedAtEachStep((cookies) =>
        [16, 64, 256].map((octets) =>
          message(cookies, EXCHANGE.informational, PAYLOAD.hash, new Uint8Array(octets).fill(0x33), FLAG.encryption),
        ),
      ),
  },
  {
    id: 'CVE-2022-23094',
    where: 'libreswan',
    law: 'messages of every exchange and of no SA are refused',
    holds: () => {
      const nobodys = new Uint8Array(16).fill(0x77);
      refusedAtEachStep(() =>
        [1, 2, 3, 4, 6, 32, 33, 34, 99].flatMap((exchange) =>
          [0, FLAG.encryption].map((flags) => message(nobodys, exchange, PAYLOAD.sa, new Uint8Array(32), flags)),
        ),
      );
    },
  },
  {
    id: 'CVE-2023-30570',
    where: 'libreswan',
    law: 'a first message of Aggressive Mode with anything missing is refused, and the next is served',
    holds: bears(
      'aggressive-ke-omit',
      'aggressive-nonce-omit',
      'aggressive-id-omit',
      'aggressive-id-empty',
      'aggressive-sa-last',
      'ike-responder-spi-set',
    ),
  },
  {
    id: 'CVE-2023-38711',
    where: 'libreswan',
    law: 'an identity of Quick Mode of another type than the policy’s is refused',
    holds: bears(
      ...['02000000616263', '0200000000', '010000', '0b000000aabb'].map((octets) =>
        one(
          `IDcr ${octets}`,
          QUICK,
          'refuse',
          change({ change: 'body', at: 4, octets: { change: 'replace', octets } }),
        ),
      ),
    ),
  },
  {
    id: 'CVE-2023-38712',
    where: 'libreswan',
    law: 'an IKE SA that is deleted twice in one message, with a Notification behind, is deleted once',
    holds: () => {
      const hash = { type: PAYLOAD.hash, body: '00'.repeat(20) };
      const deletion = { type: PAYLOAD.delete, body: '0000000101100001{cookies}' };
      const notification = { type: PAYLOAD.notification, body: '0000000101106002{cookies}' };
      const payloads = [hash, deletion, deletion, notification, deletion];
      bears(one('deleted twice', LAST, 'live', { does: 'tell', hash: 'right', payloads }))();
    },
  },
  {
    id: 'CVE-2024-3652',
    where: 'libreswan',
    law: 'a transform of Quick Mode that nobody has agreed on is refused: AES-GMAC, NULL, and what is nobody’s',
    holds: bears(
      ...[11, 23, 77, 255].map((id) => {
        // The transform's own number is in its second octet: that of the proposal is before it.
        const octets = { change: 'set', at: 1, value: id } as const;
        const inner = { change: 'within', at: 0, inner: { change: 'body', at: 0, octets } } as const;
        return one(`transform ${id}`, QUICK, 'refuse', change({ change: 'within', at: 1, inner }));
      }),
    ),
  },
  {
    id: 'CVE-2026-12413',
    where: 'libreswan (of IKEv2: here its like)',
    law: 'a message of more payloads than anybody needs is refused as a whole',
    holds: bears(
      one(
        '300 payloads',
        QUICK,
        'refuse',
        change({ change: 'insert', at: 5, type: PAYLOAD.vendorId, octets: '00', times: 300 }),
      ),
      'vendor-ids-many',
    ),
  },
  {
    id: 'CVE-2026-14957',
    where: 'libreswan in FIPS mode',
    law: 'a certificate that is none, in either mode, throws nothing, and proves nothing',
    holds: () => {
      for (const mode of ['main', 'aggressive'] as const) {
        const specification = { ...PLAIN_SESSION, mode, authentication: 'rsa-signature' } as const;
        for (const octets of ['', '04', '0430', '0430820000', `04${'30'.repeat(400)}`, 'ff00']) {
          const at = mode === 'main' ? 5 : 3;
          const body = { change: 'body', at: 1, octets: { change: 'replace', octets } } as const;
          const mutation: Mutation = {
            where: 'payloads',
            payloads: mode === 'main' ? body : { ...body, at: 0 },
            hash: 'right',
          };
          const step = { exchange: 'phase-1', message: at } as const;
          expect(() => play(specification, { step, mutation })).not.toThrow();
          const stranger = play({ ...specification, isStranger: true }, { step, mutation });
          expect(stranger.session.events.right.map(({ kind }) => kind)).not.toContain('ike-established');
        }
      }
    },
  },
];

allHold(ROWS);

it('the key that forgeries are made with is a real one', () => {
  const key: PrivateKey = rsaKey('one');
  const signature = nobleEngine().signatures.sign(key, DIGEST);
  expect(signature !== undefined && verifies(signature)).toBe(true);
});
