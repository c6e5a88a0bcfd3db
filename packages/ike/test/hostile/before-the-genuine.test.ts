import type { Answer, Question } from '@espalier/ike';
import {
  after,
  EXCHANGE,
  equalOctets,
  FLAG,
  fromAscii,
  type Instant,
  ISAKMP_HEADER_OCTETS,
  milliseconds,
  PAYLOAD,
  seconds,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { isThorough } from '../../../../test/support/thorough.ts';
import { signedRoad } from '../authentication/signed-road.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { flipped } from '../support/forger.ts';
import { Pair, type PeerChanges, type Side } from '../support/pair.ts';
import { ASKING, answerTo, certificateOf, signing } from '../support/signing.ts';
import { Road } from '../transaction/road.ts';

const SIDES: readonly Side[] = ['R2', 'R3'];
const MODES = ['main', 'aggressive'] as const;
const KEY = fromAscii('juniper');
/** How long a person takes to write who they are. */
const SLOWLY = seconds(20);
const ALICE: Answer = { kind: 'credentials', userName: 'alice', password: fromAscii('wonderland') };
const engine = cheapEngine();

/** How both sides authenticate, and what they ask their callers for. */
interface Way {
  readonly name: string;
  open(): Pair;
  /** In how many places of each message one octet is altered. */
  readonly places?: number;
  /** Whether the user takes a while to say who they are. */
  readonly isSlow?: boolean;
}

const WAYS: readonly Way[] = MODES.flatMap((mode) => [
  ...(isThorough ? [[], ['R2'], ['R3'], SIDES] : ([[], SIDES] as const)).map((asking) => ({
    name: `${mode} mode, a shared key${asking.length === 0 ? '' : ` that ${asking.join(' and ')} asks for`}`,
    open: () =>
      paired((side) => ({
        mode,
        natTraversal: 'auto',
        ...(asking.some((one) => one === side) ? { preSharedKey: 'ask' } : {}),
      })),
  })),
  ...ASKING.map((asks) => ({
    name: `${mode} mode, signatures${asks.sign ? ', asking to sign' : ''}${asks.verify ? ', asking whose a key is' : ''}`,
    open: () => paired((side) => signing(side, { mode, method: 'ecdsa-256', asks })),
  })),
  {
    name: `${mode} mode, certificates of RSA`,
    open: () => paired((side) => signing(side, { mode, method: 'rsa-signature', asks: { sign: false, verify: true } })),
    places: 1,
  },
  ...(['pull', 'push', 'none'] as const).map((method) => ({
    name: `${mode} mode, XAuth, a lease by ${method}`,
    open: () => new Road({ engine, mode, method }),
  })),
  {
    name: `${mode} mode, XAuth of somebody who takes a while`,
    open: () => new Road({ engine, mode, R2: { xauth: { side: 'user' } } }),
    isSlow: true,
  },
  ...(['xauth-initiator-rsa-signature', 'hybrid-initiator-rsa-signature'] as const).map((authentication) => ({
    name: `${mode} mode, ${authentication}`,
    open: () => {
      const asking: PeerChanges = { credentials: { privateKey: 'ask', remoteKey: 'ask' } };
      const road = signedRoad({ mode, authentication }, { R2: asking, R3: asking }, { engine });
      road.answering = (question, side) => (isOfRoad(question) ? undefined : answer(side, question));
      return road;
    },
    places: 1,
  })),
]);

function paired(of: (side: Side) => PeerChanges): Pair {
  return new Pair({ engine, R2: of('R2'), R3: of('R3') });
}

/** A caller that believes in no certificate but the peer's own. */
function answer(side: Side, question: Question): Answer {
  if (question.kind === 'shared-key') return { kind: 'shared-key', key: KEY };
  const other = certificateOf(side === 'R2' ? 'R3' : 'R2');
  const isAltered = (data: Uint8Array): boolean => !equalOctets(data, other.data);
  return question.kind === 'verify-chain' && question.certificates.some(({ data }) => isAltered(data))
    ? { kind: 'verify-chain', reason: 'no certificate' }
    : answerTo(side, question);
}

function isOfRoad({ kind }: Question): boolean {
  return kind !== 'sign' && kind !== 'verify-chain' && kind !== 'shared-key';
}

/** What a caller says later, and when. */
interface Late {
  readonly at: Instant;
  readonly side: Side;
  readonly id: number;
}

type Meddle = (octets: Uint8Array, index: number) => Uint8Array | undefined;

/** A whole session; `meddle` says what somebody sends beside each datagram of phase 1, before or after it. */
function play({ open, isSlow = false }: Way, meddle: Meddle, isBefore = true): Pair {
  const pair = open();
  let index = 0;
  let late: { readonly side: Side; readonly octets: Uint8Array } | undefined;
  const thinking: Late[] = [];
  pair.arriving = ({ from, transmit: { octets } }) => {
    const isPhase1 = octets[18] === EXCHANGE.main || octets[18] === EXCHANGE.aggressive;
    const other = isPhase1 ? meddle(octets, index++) : undefined;
    const side = from === 'R2' ? 'R3' : 'R2';
    if (other !== undefined && isBefore) pair.inject(side, other);
    if (other !== undefined && !isBefore) late = { side, octets: other };
  };
  if (pair instanceof Road && isSlow) {
    pair.answering = ({ kind, id }, side) => {
      if (kind !== 'credentials') return undefined;
      thinking.push({ at: after(pair.now, SLOWLY), side, id });
      return 'later';
    };
  }
  pair.initiate();
  const end = after(pair.now, seconds(isSlow ? 40 : 15));
  do {
    if (late !== undefined) pair.inject(late.side, late.octets);
    late = undefined;
    if (!(pair instanceof Road)) for (const side of SIDES) answerAll(pair, side);
    for (const { side, id } of thinking.filter(({ at }) => at <= pair.now)) {
      pair.on(side, (to, now) => to.answer(now, id, ALICE));
    }
    thinking.splice(0, thinking.length, ...thinking.filter(({ at }) => at > pair.now));
  } while (pair.step(thinking[0]?.at ?? end) || waited(pair, thinking));
  return pair;
}

/** Nothing happens until somebody has thought: whether anybody thinks. */
function waited(pair: Pair, [first]: readonly Late[]): boolean {
  if (first !== undefined) pair.now = after(first.at, milliseconds(0));
  return first !== undefined;
}

function answerAll(pair: Pair, side: Side): void {
  const { endpoint } = pair[side];
  for (let asked = endpoint.pollQuestion(); asked !== undefined; asked = endpoint.pollQuestion()) {
    const [{ id }, given] = [asked, answer(side, asked)];
    pair.on(side, (to, now) => to.answer(now, id, given));
  }
}

/** What both ends agree on: undefined where they do not. */
function agreed(pair: Pair): string | undefined {
  const [one, other] = pair.nodes.map(({ endpoint }) => {
    // A responder forgets in time what was begun and not gone on with.
    const authenticated = endpoint.ikeSas().filter(({ establishedAt }) => establishedAt !== undefined);
    const sas = authenticated.map((sa) => [sa.initiatorCookie, sa.responderCookie, sa.state]);
    return JSON.stringify([sas, endpoint.children().length]);
  });
  const [[child], [half]] = [pair.R2.endpoint.children(), pair.R3.endpoint.children()];
  const isOneChild = child !== undefined && child.inbound === half?.outbound && child.outbound === half.inbound;
  const isQuiet = pair.nodes.every((node) => node.of('ike-failed').length + node.of('child-failed').length === 0);
  return one === other && isOneChild && isQuiet && !isInUdp(pair) ? one : undefined;
}

function isInUdp(pair: Pair): boolean {
  return pair.nodes.some((node) => node.of('child-established').some(({ child: { inUdp } }) => inUdp));
}

describe.each(WAYS)('one datagram that comes beside the genuine one: $name', (way) => {
  const genuine: Uint8Array[] = [];
  const undisturbed = play(way, (octets) => void genuine.push(octets));
  const failing = (places: (octets: Uint8Array) => readonly number[], isBefore: boolean) =>
    genuine.flatMap((octets, index) =>
      places(octets).flatMap((at) => {
        const alter: Meddle = (original, now) => (now === index ? flipped(original, at) : undefined);
        return agreed(play(way, alter, isBefore)) === undefined ? [[index, at]] : [];
      }),
    );

  it('ends nothing and changes nothing where it comes first, whichever it is and whatever is altered in it', () => {
    expect(agreed(undisturbed)).toBeDefined();
    expect(failing((octets) => placesIn(octets, way.places), true)).toEqual([]);
  });

  it('nor where it comes second', () => {
    expect(failing((octets) => placesIn(octets, way.places).slice(-2), false)).toEqual([]);
  });
});

describe('the proof of the peer, once more', () => {
  const FIRST_TYPE_AT = 16;
  const OTHER_TYPES = [PAYLOAD.signature, PAYLOAD.nonce, PAYLOAD.ke, PAYLOAD.cert];

  const ways = WAYS.filter(({ name }) => isThorough || /hybrid|a shared key$|RSA$/.test(name));

  it.each(ways)('is none where the header calls it by another type: $name', ({ open }) => {
    const pair = open();
    let proof: Uint8Array | undefined;
    const results: boolean[] = [];
    pair.arriving = ({ from, transmit: { octets } }) => {
      const isPhase1 = octets[18] === EXCHANGE.main || octets[18] === EXCHANGE.aggressive;
      if (isPhase1 && from === 'R2') proof = octets.slice();
      else if (!isPhase1 && results.length === 0) {
        results.push(...OTHER_TYPES.map((type) => pair.inject('R3', altered(proof, type)).ok));
      }
    };
    pair.initiate();
    const end = after(pair.now, seconds(15));
    do if (!(pair instanceof Road)) for (const side of SIDES) answerAll(pair, side);
    while (pair.step(end));
    expect(results).toEqual(OTHER_TYPES.map(() => false));
    expect(agreed(pair)).toBeDefined();
  });

  function altered(octets: Uint8Array | undefined, type: number): Uint8Array {
    expect(octets?.[19]).toBe(FLAG.encryption);
    return octets?.with(FIRST_TYPE_AT, type) ?? new Uint8Array(0);
  }
});

/** Some octets of each part of the body, its last among them. */
function placesIn(octets: Uint8Array, most = isThorough ? 5 : 2): readonly number[] {
  const step = Math.ceil((octets.length - ISAKMP_HEADER_OCTETS) / most);
  const places = Array.from({ length: most }, (_, i) => ISAKMP_HEADER_OCTETS + i * step);
  return [...places, octets.length - 1].filter((at) => at < octets.length);
}
