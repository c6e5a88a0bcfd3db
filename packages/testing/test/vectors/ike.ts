import { nodeEngine } from '@espalier/crypto/node';
import type { Endpoint, HandleResult, IkeEndpoint } from '@espalier/ike';
import { MISBEHAVIOURS, MisbehavingPeer, type Misbehaviour } from '@espalier/testing/peer';
import {
  KeyBook,
  PLAIN_SESSION,
  type SessionEnd,
  type SessionSpecification,
  sessionEnds,
  View,
} from '@espalier/testing/sessions';
import { after, EXCHANGE, FLAG, fromHex, type Instant, instant, milliseconds, toHex } from '@espalier/wire';
import { type Answers, type Expected, fileOf, type IkeVector, type Passed, type VectorFile } from './format.ts';
import { answered, asking } from './ike-answers.ts';

/** Diffie-Hellman as everybody does it, and as quick as OpenSSL. */
const ENGINE = nodeEngine();
const START = instant(1_000_000);
const LATENCY = milliseconds(5);
const SECONDS = 3;
const SEED = 5;
const PLAIN: SessionSpecification = { ...PLAIN_SESSION, seed: SEED, group: 2 };
/** An endpoint has had enough before. */
const WAYS_MOST = 8;
/** Of the non-ESP marker, in hexadecimal. */
const MARKER_DIGITS = 8;
const STRANGER: Endpoint = { address: '203.0.113.9', port: 500 };

/** Misbehaviours whose message is refused for each reason, beginning with the one that shows it best. */
const BY_REASON: Readonly<Record<string, readonly string[]>> = {
  malformed: ['major-version-bump', 'length-too-long', 'payload-length-zero', 'doi-unknown'],
  'zero-cookie': ['ike-initiator-spi-zero'],
  'unknown-cookies': ['corrupt-cookies', 'ike-responder-spi-set'],
  'unexpected-payload': ['sa-twice', 'quick-nonce-twice', 'payload-type-unknown'],
  'unsupported-exchange': ['unknown-exchange', 'transaction-unasked'],
  'invalid-message-id': ['message-id-in-phase-1', 'quick-without-message-id'],
  encrypted: ['third-encrypted'],
  'not-encrypted': ['fifth-in-clear', 'clear-delete-ike-sa', 'clear-invalid-spi'],
  undecipherable: ['corrupt-encrypted', 'wrong-key-main', 'quick-chain-cut-off'],
  'message-id-reused': ['replay-encrypted'],
  'bad-fragment': ['clear-fragment'],
  'missing-payload': ['sa-omitted', 'nonce-omit', 'quick-nonce-omit', 'quick-one-id'],
  'payload-order': ['sa-not-first', 'hash-not-first', 'quick-sa-behind-nonce'],
  'no-proposal-chosen': ['group-unknown', 'quick-protocol-unknown', 'quick-attribute-unknown'],
  'invalid-key-exchange': ['ke-payload-zero', 'ke-payload-short', 'ke-payload-ones'],
  'invalid-nonce': ['nonce-short', 'nonce-long', 'quick-nonce-short'],
  'authentication-failed': ['v1-hash-payload-zero-main', 'id-of-another-stale'],
  'invalid-identity': ['id-of-another', 'quick-id-of-another'],
  'hash-mismatch': ['v1-hash-payload-zero', 'v1-hash-exchange-delete'],
};

const OTHERS = [
  'first-from-a-stranger',
  'fifth-from-elsewhere',
  'quick-before-phase-1',
  'main-mode-after-phase-1',
  'without-a-marker',
  'to-the-port-of-old',
  'proposal-changed',
  'fifth-in-many-ways',
  'no-shared-key',
  'no-signature',
  'certificates-not-believed',
  'key-of-an-even-modulus',
  'key-of-exponent-1',
];

/** What each vector is called. */
export const IKE_VECTOR_NAMES: readonly string[] = [...Object.values(BY_REASON).flat(), ...OTHERS];

/** What is asked of the endpoint that a vector is about. */
interface Passage {
  readonly passed: readonly Passed[];
  readonly results: readonly (HandleResult | undefined)[];
  readonly end: SessionEnd;
}

/** Each reason for which an endpoint refuses a datagram, in whole sessions with their keys. */
export function ikeVectors(): VectorFile<IkeVector> {
  const misbehaved = Object.entries(BY_REASON).flatMap(([reason, names]) =>
    names.map((name) => ofMisbehaviour(reason, misbehaviourOf(name))),
  );
  return fileOf(
    'One datagram each to an endpoint that was given those before it; where that has `keys`, they are those of the IKE SA then.',
    [...misbehaved, ...ofStrangers(), ...ofNat(), ofChangedProposal(), ofManyWays(), ...ofAnswers()],
  );
}

/** What the endpoint of a vector makes of its datagram, having been given what came before. */
export function handled({ role, configuration, seed, before, datagram, answers = {} }: IkeVector): Expected {
  const ends = sessionEnds(
    { ...PLAIN, ...configuration, seed },
    { engine: ENGINE, configured: (side, peer) => (side === 'right' ? asking(peer, answers) : peer) },
  );
  const { endpoint, peerName } = role === 'responder' ? ends.right : ends.left;
  if (role === 'initiator') endpoint.initiate(START, peerName);
  drain(endpoint);
  for (const one of before) {
    if (one.taken === undefined) continue;
    const result = give(endpoint, one);
    drain(endpoint);
    if (result.ok !== one.taken) throw new Error(`one before it is ${result.ok ? 'taken' : 'not taken'}`);
  }
  const result = give(endpoint, datagram);
  return result.ok ? answered(endpoint, instant(datagram.at), answers) : { verdict: 'refuse', reason: result.reason };
}

function give(endpoint: IkeEndpoint, { at, from, to, octets }: Passed): HandleResult {
  return endpoint.handleDatagram(instant(at), placeOf(from), placeOf(to), fromHex(octets));
}

function drain(endpoint: IkeEndpoint): void {
  while (endpoint.pollEvent() !== undefined);
  while (endpoint.pollTransmit() !== undefined);
}

function misbehaviourOf(name: string): Misbehaviour {
  const found = MISBEHAVIOURS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no misbehaviour is called ${name}`);
  return found;
}

function ofMisbehaviour(reason: string, misbehaviour: Misbehaviour): IkeVector {
  const specification = { ...PLAIN, ...misbehaviour.session, isStranger: misbehaviour.key === 'wrong' };
  const passage = passageOf(specification, misbehaviour);
  const at = passage.results.findIndex((result) => result?.ok === false && result.reason === reason);
  if (at < 0) throw new Error(`${misbehaviour.name} is not refused for ${reason}`);
  const { name, clause, title } = misbehaviour;
  return vectorOf(name, clause, title, specification, passage, at, reason);
}

/** What one does who was never spoken with, or speaks from elsewhere, or too early. */
function ofStrangers(): readonly IkeVector[] {
  const passage = passageOf(PLAIN);
  const all = given(passage);
  const [first = 0, third = 0, fifth = 0] = all;
  const elsewhere = (i: number) => changedAt(passage, i, { from: textOf(STRANGER) });
  const cookies = passage.passed[third]?.octets.slice(0, 32) ?? '';
  const header = (exchange: number, messageId: string) =>
    `${cookies}0810${exchange.toString(16).padStart(2, '0')}0${FLAG.encryption}${messageId}0000003c${'5a'.repeat(32)}`;
  const quick = header(EXCHANGE.quick, '00000007');
  const main = header(EXCHANGE.main, '00000000');
  const last = all.at(-1) ?? 0;
  return [
    vectorOf(
      'first-from-a-stranger',
      'RFC 4301 §4.4.3',
      'is nobody whom the peer is configured to speak with',
      PLAIN,
      elsewhere(first),
      first,
      'unknown-peer',
    ),
    vectorOf(
      'fifth-from-elsewhere',
      'RFC 2408 §4.1',
      'sends its fifth message from an address that is not its own',
      PLAIN,
      elsewhere(fifth),
      fifth,
      'wrong-endpoint',
    ),
    vectorOf(
      'quick-before-phase-1',
      'RFC 2409 §5.5',
      'begins Quick Mode before phase 1 is authenticated',
      PLAIN,
      changedAt(passage, third, { octets: quick }),
      third,
      'not-authenticated',
    ),
    vectorOf(
      'main-mode-after-phase-1',
      'RFC 2409 §5.4',
      'goes on with Main Mode when that is over',
      PLAIN,
      changedAt(passage, last, { octets: main }),
      last,
      'unexpected-message',
    ),
  ];
}

/** What a peer does wrong who has gone to port 4500, as behind a NAT. */
function ofNat(): readonly IkeVector[] {
  const specification: SessionSpecification = { ...PLAIN, natTraversal: 'force' };
  const passage = passageOf(specification);
  const at = passage.passed.findLastIndex(({ to, taken }) => taken === true && to.endsWith('[4500]'));
  const octets = passage.passed[at]?.octets.slice(MARKER_DIGITS) ?? '';
  const [from, to] = [passage.passed[0]?.from ?? '', passage.passed[0]?.to ?? ''];
  return [
    vectorOf(
      'without-a-marker',
      'RFC 3948 §2.2',
      'sends IKE to port 4500 without the four zero octets in front',
      specification,
      changedAt(passage, at, { octets }),
      at,
      'no-marker',
    ),
    vectorOf(
      'to-the-port-of-old',
      'RFC 3947 §4',
      'goes back to port 500 when it has gone to port 4500',
      specification,
      changedAt(passage, at, { octets, from, to }),
      at,
      'old-port',
    ),
  ];
}

/** A responder that chooses what was not offered: 192 bits of key where 128 were. */
function ofChangedProposal(): IkeVector {
  const { left, right } = sessionEnds(PLAIN, { engine: ENGINE });
  left.endpoint.initiate(START, left.peerName);
  const offered = left.endpoint.pollTransmit();
  if (offered === undefined) throw new Error('nothing is offered');
  right.endpoint.handleDatagram(START, offered.source, offered.destination, offered.octets);
  const chosen = right.endpoint.pollTransmit();
  if (chosen === undefined) throw new Error('nothing is chosen');
  const octets = toHex(chosen.octets).replace('800e0080', '800e00c0');
  const datagram = { at: START, from: textOf(chosen.source), to: textOf(chosen.destination), octets };
  return {
    name: 'proposal-changed',
    clause: 'RFC 2408 §4.2',
    says: 'chooses a proposal that was not offered',
    role: 'initiator',
    configuration: configurationOf(PLAIN),
    seed: SEED,
    before: [
      { at: START, from: textOf(offered.source), to: textOf(offered.destination), octets: toHex(offered.octets) },
    ],
    datagram,
    expect: { verdict: 'refuse', reason: 'proposal-changed' },
  };
}

/** A message that proves the peer, again and again with more padding: each may be as it was sent. */
function ofManyWays(): IkeVector {
  const passage = passageOf(PLAIN);
  const { passed, end } = passage;
  const [, , fifth = 0] = given(passage);
  const view = new View(end.keys ?? new KeyBook());
  for (const { octets, taken } of passed.slice(0, fifth)) {
    const opened = view.open(fromHex(octets));
    if (opened !== undefined) view.learn(taken === undefined ? 'right' : 'left', fromHex(octets), opened);
  }
  const [sent, opened] = [passed[fifth], view.open(fromHex(passed[fifth]?.octets ?? ''))];
  if (sent === undefined || opened === undefined) throw new Error('there is no fifth message');
  const before = passed.slice(0, fifth + 1);
  for (let blocksBehind = 1; blocksBehind <= WAYS_MOST; blocksBehind++) {
    const octets = view.seal('left', opened, { hash: 'right', blocksBehind });
    if (octets === undefined) break;
    const one = { ...sent, octets: toHex(octets), taken: true };
    const asked = { ...passage, passed: [...before, one] };
    const clause = 'RFC 2409 §5.4';
    const says = 'sends its fifth message in ever other ways, each under the right HASH';
    const vector = vectorOf('fifth-in-many-ways', clause, says, PLAIN, asked, before.length, 'limit');
    if (handled(vector).verdict === 'refuse') return vector;
    before.push(one);
  }
  throw new Error('every way is taken');
}

/** A peer with which nothing is wrong, if one knew a key; and certificates, which whoever runs the endpoint looks at. */
function ofAnswers(): readonly IkeVector[] {
  const shared = passageOf(PLAIN);
  const signing: SessionSpecification = { ...PLAIN, authentication: 'rsa-signature' };
  const signed = passageOf(signing);
  const [third = 0, fifth = 0] = [given(shared)[1], given(signed)[2]];
  const modulus = 'c5'.repeat(256);
  const ofKey = (answers: Answers) => ({ specification: signing, passage: signed, at: fifth, answers });
  const ways = [
    {
      ...{ name: 'no-shared-key', clause: 'RFC 2409 §5.4', says: 'is one with whom no key is shared' },
      ...{ specification: PLAIN, passage: shared, at: third, answers: { sharedKey: 'none' } as const },
      reason: 'no-shared-key',
    },
    {
      ...{ name: 'no-signature', clause: 'RFC 2409 §5.1', says: 'wants a signature where nobody signs' },
      ...{ ...ofKey({ signature: 'none' }), reason: 'no-signature' },
    },
    {
      ...{
        name: 'certificates-not-believed',
        clause: 'RFC 2408 §3.9',
        says: 'sends certificates that are not believed',
      },
      ...{ ...ofKey({ peersKey: 'none' }), reason: 'certificate-refused' },
    },
    {
      ...{
        name: 'key-of-an-even-modulus',
        clause: 'RFC 8017 §3.1',
        says: 'has a key that is no product of odd primes',
      },
      ...{ ...ofKey({ peersKey: { modulus: 'c4'.repeat(256), exponent: '010001' } }), reason: 'unacceptable-key' },
    },
    {
      ...{
        name: 'key-of-exponent-1',
        clause: 'RFC 8017 §3.1',
        says: 'has a key under which a signature is what is signed',
      },
      ...{ ...ofKey({ peersKey: { modulus, exponent: '01' } }), reason: 'unacceptable-key' },
    },
  ];
  return ways.map(({ name, clause, says, specification, passage, at, reason, answers }) => ({
    ...vectorOf(name, clause, says, specification, passage, at, reason),
    answers,
  }));
}

/** Which of what passed the endpoint was given. */
function given({ passed }: Passage): readonly number[] {
  return passed.flatMap((one, i) => (one.taken === undefined ? [] : i));
}

/** All that passes at a responder to whom this is done, or who is spoken with as it should be. */
function passageOf(specification: SessionSpecification, misbehaviour?: Misbehaviour): Passage {
  const { left, right } = sessionEnds(specification, { engine: ENGINE });
  const peer = new MisbehavingPeer(left, misbehaviour);
  const passed: Passed[] = [];
  const results: (HandleResult | undefined)[] = [];
  let now: Instant = START;
  const end = after(START, milliseconds(SECONDS * 1000));
  peer.initiate(now);
  while (now < end) {
    while (right.endpoint.pollEvent() !== undefined);
    const mine = peer.pollTransmit();
    const theirs = mine === undefined ? right.endpoint.pollTransmit() : undefined;
    const sent = mine ?? theirs;
    if (sent === undefined) {
      const at = peer.pollTimeout()?.at;
      if (at === undefined) break;
      now = instant(Math.max(now, at));
      peer.handleTimeout(now);
      continue;
    }
    now = after(now, LATENCY);
    const { source, destination, octets } = sent;
    const one = { at: now, from: textOf(source), to: textOf(destination), octets: toHex(octets) };
    const result = mine === undefined ? undefined : right.endpoint.handleDatagram(now, source, destination, octets);
    if (mine === undefined) peer.handleDatagram(now, source, destination, octets);
    passed.push(result === undefined ? one : { ...one, taken: result.ok });
    results.push(result);
  }
  return { passed, results, end: right };
}

function changedAt(passage: Passage, at: number, change: Partial<Passed>): Passage {
  return { ...passage, passed: passage.passed.map((one, i) => (i === at ? { ...one, ...change } : one)) };
}

function vectorOf(
  name: string,
  clause: string,
  says: string,
  specification: SessionSpecification,
  { passed, end }: Passage,
  at: number,
  reason: string,
): IkeVector {
  const datagram = passed[at];
  if (datagram === undefined) throw new Error(`${name} has no datagram`);
  const { taken: _, ...own } = datagram;
  const keys = keysOf(end, own.octets);
  return {
    name,
    clause,
    says,
    role: 'responder',
    configuration: configurationOf(specification),
    seed: SEED,
    before: passed.slice(0, at),
    datagram: own,
    ...(keys === undefined ? {} : { keys }),
    expect: { verdict: 'refuse', reason },
  };
}

/** Those of the IKE SA that the datagram is under. */
function keysOf({ keys }: SessionEnd, octets: string): IkeVector['keys'] {
  const found = keys?.of(octets.slice(0, 32));
  if (found === undefined) return undefined;
  const { encryption, skeyid, skeyidD, skeyidA } = found;
  return { encryption: toHex(encryption), skeyid: toHex(skeyid), skeyidD: toHex(skeyidD), skeyidA: toHex(skeyidA) };
}

function configurationOf({ seed: _, acts: __, ...specification }: SessionSpecification): IkeVector['configuration'] {
  return specification;
}

/** As in `192.0.2.1[500]`. */
function textOf({ address, port }: Endpoint): string {
  return `${address}[${port}]`;
}

function placeOf(text: string): Endpoint {
  const [, address = '', port = ''] = /^(.*)\[(\d+)\]$/.exec(text) ?? [];
  return { address, port: Number(port) };
}
