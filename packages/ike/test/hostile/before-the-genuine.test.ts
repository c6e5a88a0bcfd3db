import type { Answer, Question } from '@espalier/ike';
import { after, EXCHANGE, equalOctets, fromAscii, ISAKMP_HEADER_OCTETS, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { cheapEngine } from '../support/cheap-engine.ts';
import { flipped } from '../support/forger.ts';
import { Pair, type PeerChanges, type Side } from '../support/pair.ts';
import { ASKING, answerTo, certificateOf, signing } from '../support/signing.ts';

const SIDES: readonly Side[] = ['R2', 'R3'];
const KEY = fromAscii('juniper');
const engine = cheapEngine();

/** How both sides authenticate, and what they ask their callers for. */
interface Way {
  readonly name: string;
  readonly of: (side: Side) => PeerChanges;
}

const WAYS: readonly Way[] = (['main', 'aggressive'] as const).flatMap((mode) => [
  ...([[], ['R2'], ['R3'], SIDES] as const).map((asking) => ({
    name: `${mode} mode, a shared key${asking.length === 0 ? '' : ` that ${asking.join(' and ')} asks for`}`,
    of: (side: Side): PeerChanges => ({
      mode,
      natTraversal: 'auto',
      ...(asking.some((one) => one === side) ? { preSharedKey: 'ask' } : {}),
    }),
  })),
  ...ASKING.map((asks) => ({
    name: `${mode} mode, signatures${asks.sign ? ', asking to sign' : ''}${asks.verify ? ', asking whose a key is' : ''}`,
    of: (side: Side): PeerChanges => signing(side, { mode, method: 'ecdsa-256', asks }),
  })),
]);

/** A caller that believes in no certificate but the peer's own. */
function answer(side: Side, question: Question): Answer {
  if (question.kind === 'shared-key') return { kind: 'shared-key', key: KEY };
  const other = certificateOf(side === 'R2' ? 'R3' : 'R2');
  const isAltered = (data: Uint8Array): boolean => !equalOctets(data, other.data);
  return question.kind === 'verify-chain' && question.certificates.some(({ data }) => isAltered(data))
    ? { kind: 'verify-chain', reason: 'no certificate' }
    : answerTo(side, question);
}

type Meddle = (octets: Uint8Array, index: number) => Uint8Array | undefined;

/** A whole session; `meddle` says what somebody sends beside each datagram of phase 1, before or after it. */
function play({ of }: Way, meddle: Meddle, isBefore = true): Pair {
  const pair = new Pair({ engine, R2: of('R2'), R3: of('R3') });
  let index = 0;
  let late: { readonly side: Side; readonly octets: Uint8Array } | undefined;
  pair.arriving = ({ from, transmit: { octets } }) => {
    const isPhase1 = octets[18] === EXCHANGE.main || octets[18] === EXCHANGE.aggressive;
    const other = isPhase1 ? meddle(octets, index++) : undefined;
    const side = from === 'R2' ? 'R3' : 'R2';
    if (other !== undefined && isBefore) pair.inject(side, other);
    if (other !== undefined && !isBefore) late = { side, octets: other };
  };
  pair.initiate();
  const end = after(pair.now, seconds(15));
  do {
    if (late !== undefined) pair.inject(late.side, late.octets);
    late = undefined;
    for (const side of SIDES) answerAll(pair, side);
  } while (pair.step(end));
  return pair;
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
  return one === other && isOneChild && isQuiet ? one : undefined;
}

describe.each(WAYS)('one datagram that comes beside the genuine one: $name', (way) => {
  const genuine: Uint8Array[] = [];
  const undisturbed = play(way, (octets) => void genuine.push(octets));
  const failing = (places: (octets: Uint8Array, index: number) => readonly number[], isBefore: boolean) =>
    genuine.flatMap((octets, index) =>
      places(octets, index).filter((at) => {
        const alter: Meddle = (original, now) => (now === index ? flipped(original, at) : undefined);
        return agreed(play(way, alter, isBefore)) === undefined;
      }),
    );

  it('ends nothing and changes nothing where it comes first, whichever it is and whatever is altered in it', () => {
    expect(agreed(undisturbed)).toBeDefined();
    expect(failing(placesIn, true)).toEqual([]);
  });

  it('nor where it comes second', () => {
    expect(failing((octets, index) => placesIn(octets, index).slice(-2), false)).toEqual([]);
  });
});

/** Two payloads NAT-D at the end, which HASH_R does not cover (RFC 3947 §3.2). */
const NAT_D_OCTETS = 48;

/** Some octets of each part of the body, its last among them. */
function placesIn(octets: Uint8Array, index: number): readonly number[] {
  const end = octets.length - (octets[18] === EXCHANGE.aggressive && index === 1 ? NAT_D_OCTETS : 0);
  const step = Math.ceil((end - ISAKMP_HEADER_OCTETS) / 5);
  const places = Array.from({ length: 5 }, (_, i) => ISAKMP_HEADER_OCTETS + i * step);
  return [...places, end - 1].filter((at) => at < end);
}
