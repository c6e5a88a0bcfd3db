import { checkIdentification, type Identification, PROTOCOL_ID, type SaPayload } from '@espalier/wire';
import { type SelectorsDetail, SHOWN_MOST } from '../../explain/detail.ts';
import { nameClient, nameIdentity } from '../../explain/identity.ts';
import { POLICIES_ASKED_TOGETHER } from '../../limits.ts';
import { refuse } from '../../refusals.ts';
import { canBegin } from '../../sa/purpose.ts';
import { areAllowed, type Tolerance } from '../../tolerances.ts';
import type { ChildPolicy } from '../../types.ts';
import { keepIdentification, matchClient } from '../identities.ts';
import type { QuickContext } from '../phase2/phase2.ts';
import { choosePhase2, explainOffer, type Phase2Answer } from '../proposals/phase2.ts';
import type { ChildAgreement } from './quick.ts';
import { type Gateways, seenIdentity } from './transport.ts';

/** SA payloads of message 1, one for each child. */
export type Offers = readonly [SaPayload, ...SaPayload[]];

/** What an SA payload is taken for, and how it is answered. */
export interface TakenChild {
  readonly policy: ChildPolicy;
  /** Whether the policy is for any identities, or for more than the peer named: the child at hand is for those. */
  readonly isPart: boolean;
  readonly answer: Phase2Answer;
  readonly tolerated: readonly Tolerance[];
}

/** Of an offer of nothing that has an SPI of 4 octets. */
const NO_PROPOSAL = { protocol: PROTOCOL_ID.esp, spi: new Uint8Array(0) };

/**
 * As responder: a policy for each SA payload, of those that IDci and IDcr mean. One that cannot be had refuses all: one
 * HASH(2) answers them, with one KE and one nonce of each side (RFC 2409 §5.5).
 * @throws Refusal
 */
export function chooseChildren(
  offers: Offers,
  policies: readonly ChildPolicy[],
  idci: Identification,
  idcr: Identification,
  context: QuickContext,
): readonly TakenChild[] {
  const unknown = {
    notify: 'INVALID-ID-INFORMATION',
    ...named(offers[0]),
    explain: (): SelectorsDetail => explainSelectors(idci, idcr, policies),
  } as const;
  if (checkIdentification(idci) !== undefined || checkIdentification(idcr) !== undefined) {
    return refuse('invalid-identity', unknown);
  }
  const { nat, terms } = context;
  const meant = policies.flatMap((policy) => {
    const tolerated = meaning(policy, idci, idcr, context);
    return tolerated === undefined || !areAllowed(tolerated, terms) ? [] : [{ policy, tolerated }];
  });
  meant.sort((a, b) => a.tolerated.length - b.tolerated.length);
  if (meant.length === 0) refuse('invalid-identity', unknown);
  const taking = function* (offer: SaPayload): Generator<TakenChild> {
    for (const { policy, tolerated } of meant) {
      const answer = choosePhase2(offer, policy, nat, terms);
      if (answer === undefined) continue;
      const { pfsGroup } = answer;
      const isPart = !canBegin(policy) || tolerated.includes('identities-narrowed');
      const chosen = isPart ? { ...policy, ...keptIdentities(idcr, idci) } : policy;
      const own = pfsGroup === undefined ? chosen : { ...chosen, pfsGroup };
      yield { policy: own, isPart, answer, tolerated: [...tolerated, ...answer.tolerated] };
    }
  };
  const taken = offers.length === 1 ? firstOf(taking(offers[0]), 1) : together(offers, taking);
  if (taken.length > 0) return taken;
  const offer = offers.find((one) => firstOf(taking(one), 1).length === 0) ?? offers[0];
  return refuse('no-proposal-chosen', {
    notify: 'NO-PROPOSAL-CHOSEN',
    ...named(offer),
    explain: () =>
      explainOffer(
        offer,
        meant.map(({ policy }) => policy),
        nat,
      ),
  });
}

/** No more are looked for than so many. */
function firstOf(taking: Iterable<TakenChild>, most: number): readonly TakenChild[] {
  const found: TakenChild[] = [];
  for (const taken of taking) if (found.push(taken) === most) break;
  return found;
}

/** Another policy for each, all of one group, for there is one KE. */
function together(offers: Offers, taking: (offer: SaPayload) => Iterable<TakenChild>): readonly TakenChild[] {
  const fitting = offers.map((offer) => firstOf(taking(offer), POLICIES_ASKED_TOGETHER));
  const groups = new Set(fitting[0]?.map(({ answer }) => answer.pfsGroup));
  for (const group of groups) {
    const found = assign(fitting.map((some) => some.filter(({ answer }) => answer.pfsGroup === group)));
    if (found.length > 0) return found;
  }
  return [];
}

/** One policy for each offer, none twice: who has one that another needs looks for another. None, where that cannot be. */
function assign(fitting: readonly (readonly TakenChild[])[]): readonly TakenChild[] {
  const holders = new Map<string, number>();
  const taken: TakenChild[] = [];
  const place = (at: number, asked: Set<string>): boolean =>
    (fitting[at] ?? []).some((one) => {
      const { name } = one.policy;
      if (asked.has(name)) return false;
      asked.add(name);
      const holder = holders.get(name);
      if (holder !== undefined && !place(holder, asked)) return false;
      holders.set(name, at);
      taken[at] = one;
      return true;
    });
  return fitting.every((_, at) => place(at, new Set())) ? taken : [];
}

/** What a refusal of an offer names. */
function named({ proposals }: SaPayload): { readonly protocol: number; readonly spi: Uint8Array } {
  const { protocol, spi } = proposals.find((one) => one.protocol !== PROTOCOL_ID.ipcomp) ?? NO_PROPOSAL;
  return { protocol, spi: spi.slice() };
}

export function keptIdentities(
  idcr: Identification,
  idci: Identification,
): Pick<ChildAgreement, 'localIdentity' | 'remoteIdentity'> {
  return { localIdentity: keepIdentification(idcr), remoteIdentity: keepIdentification(idci) };
}

/**
 * What it takes to mean a policy by these identities; undefined where another is meant. They count as they came, or as the
 * gateways that speak for themselves are seen from here.
 */
function meaning(
  policy: ChildPolicy,
  idci: Identification,
  idcr: Identification,
  gateways: Gateways,
): readonly Tolerance[] | undefined {
  const ends = [
    { end: 'local', id: idcr, expected: policy.localIdentity },
    { end: 'remote', id: idci, expected: policy.remoteIdentity },
  ] as const;
  const tolerated: Tolerance[] = [];
  for (const { end, id, expected } of ends) {
    const seen = seenIdentity(id, end, gateways, policy);
    if (seen === undefined) return undefined;
    const matches = [id, seen.identity].flatMap((one) => {
      const match = matchClient(one, expected);
      return match === undefined ? [] : [match];
    });
    const [best] = matches.sort((a, b) => a.length - b.length);
    if (best === undefined) return undefined;
    tolerated.push(...best, ...seen.tolerated);
  }
  return [...new Set(tolerated)];
}

function explainSelectors(
  idci: Identification,
  idcr: Identification,
  policies: readonly ChildPolicy[],
): SelectorsDetail {
  return {
    kind: 'selectors',
    idci: nameIdentity(idci),
    idcr: nameIdentity(idcr),
    configured: policies.slice(0, SHOWN_MOST).map(({ name, mode = 'tunnel', localIdentity, remoteIdentity }) => ({
      policy: name,
      mode,
      idci: nameClient(remoteIdentity),
      idcr: nameClient(localIdentity),
    })),
    configuredCount: policies.length,
  };
}
