import type { Spi } from '@espalier/wire';
import type { ChildFailedEvent } from '../../events.ts';
import { AH_BEHIND_NAT, type ChildClue } from '../../failures.ts';
import { CHILDREN_PER_PEER, CPIS_IN_ALL } from '../../limits.ts';
import { refuse } from '../../refusals.ts';
import { randomCpi, randomSpi } from '../../runtime/random.ts';
import type { IkeSa } from '../../sa/ike-sa.ts';
import type { ProtectionSpis } from '../../sa/protections.ts';
import { canBegin, mayBegin, purposeOf } from '../../sa/purpose.ts';
import type { ChildPolicy } from '../../types.ts';
import { isOne } from '../../v1/identities.ts';
import { mayBeOffered, mayCompress } from '../../v1/proposals/bundles.ts';
import type { OwnSpis } from '../../v1/proposals/spis.ts';
import { asAnswered, asBegun } from '../assignment.ts';
import type { Directory } from '../directory.ts';
import { withOwnPhase2 } from '../ours.ts';
import type { Answerer } from '../responder.ts';
import type { Living } from './living.ts';

/** Children to negotiate in one Quick Mode: one, unless they were asked for together. */
type Wanted = readonly ChildPolicy[];

const LIMIT: ChildClue = { reason: 'limit', detail: undefined };
const NOTHING_ASSIGNED: ChildClue = { reason: 'no-lease', detail: undefined };
const GROUP_NOT_AGREED: ChildClue = { reason: 'group-not-agreed', detail: undefined };

const NONE: readonly Wanted[] = [];

/** Of whom children are wanted. */
export interface Negotiating extends Living {
  readonly directory: Directory<unknown>;
  readonly calls: { connect(): void };
  readonly endings: { tellDeleted(protections: readonly ProtectionSpis[]): void };
}

/** Which children a peer is wanted to have, and what becomes of it. */
export class Negotiations implements Answerer {
  readonly #of: Negotiating;
  /** Children to negotiate as soon as there is an IKE SA, and their group is agreed on under it. */
  #wanted: readonly Wanted[] = NONE;

  constructor(of: Negotiating) {
    this.#of = of;
  }

  /** Whether anything waits for an IKE SA. */
  get isIdle(): boolean {
    return this.#wanted.length === 0;
  }

  /** The policies as they are answered. */
  get answered(): readonly ChildPolicy[] {
    const { entry, configuration } = this.#of;
    return entry.config.children.map((policy) => asAnswered(policy, configuration));
  }

  /** Negotiates a child now, or as soon as there is an IKE SA to do it with. */
  want(policy: ChildPolicy): void {
    this.wantTogether([policy]);
  }

  /** Likewise several, in one Quick Mode; each by itself where one of them is under way already. */
  wantTogether(policies: Wanted): void {
    const { ikeSas, children, calls } = this.#of;
    const ikeSa = ikeSas.current();
    if (ikeSa === undefined) {
      this.#await(policies);
      calls.connect();
      return;
    }
    const wanted = policies.filter((policy) => this.#mayNegotiate(policy, ikeSa));
    if (wanted.length < policies.length && wanted.length > 1) {
      for (const policy of wanted) this.want(policy);
      return;
    }
    if (!this.#hasRoomFor(wanted.map(mayCompress))) {
      for (const policy of wanted) this.tellFailed(policy, 2, LIMIT);
      return;
    }
    const owns = this.#draw(wanted.map(mayCompress));
    const [first, ...others] = owns.flatMap((own, i) => wanted.slice(i, i + 1).map((policy) => ({ policy, own })));
    if (first === undefined) return;
    const offered = [first, ...others] as const;
    for (const { own, policy } of offered) children.offered(own, policy);
    if (ikeSa.startQuickMode(offered)) return;
    for (const { own, policy } of offered) this.failed(ikeSa, policy, own.spi, LIMIT);
  }

  /** Negotiates a child in the place of another of this policy, as it is configured now. */
  renew(policy: ChildPolicy | undefined, inbound: Spi): void {
    const { entry, configuration, children } = this.#of;
    const configured = entry.config.children.find(({ name }) => name === policy?.name);
    if (policy === undefined || configured === undefined || entry.isRemoved) return;
    const begun = asBegun(configured, configuration);
    const isOfPolicy = canBegin(begun) && !children.isPart(inbound);
    const { localIdentity, remoteIdentity } = isOfPolicy ? begun : policy;
    this.want({ ...configured, localIdentity, remoteIdentity });
  }

  /** There is an IKE SA, or what it lacked: all that has waited for that is negotiated. */
  go(): void {
    for (const wanted of this.take())
      this.wantTogether(wanted.map((policy) => asBegun(policy, this.#of.configuration)));
  }

  /** There is none, and will be none soon: what has waited for it has failed, unless another is there. */
  fail(clue: ChildClue): void {
    const isOther = this.#of.ikeSas.current() !== undefined;
    for (const wanted of this.take()) {
      if (isOther) this.wantTogether(wanted);
      else for (const policy of wanted) this.tellFailed(policy, 1, clue);
    }
  }

  /** A Quick Mode for it came to nothing. */
  failed(ikeSa: IkeSa, policy: ChildPolicy, inbound: Spi, { reason, detail }: ChildClue): void {
    const { children, endings } = this.#of;
    // The next attempt begins with a new IKE SA.
    if (reason === 'no-answer') ikeSa.isSilent = true;
    const protections = children.protectionsOf(inbound);
    const wasNegotiated = children.failed(inbound);
    if (wasNegotiated) endings.tellDeleted(protections);
    if (!wasNegotiated) this.tellFailed(policy, 2, { reason, detail: withOwnPhase2(detail, policy) });
    else if (this.unwant(policy)) this.want(policy);
    else children.retry(policy);
  }

  tellFailed(policy: ChildPolicy, phase: 1 | 2, { reason, detail }: ChildClue): void {
    const { environment, name: peer, children } = this.#of;
    const identities = this.#openEnds(policy);
    environment.outbox.emit({ kind: 'child-failed', peer, policy: policy.name, phase, reason, detail, ...identities });
    children.retry(policy);
  }

  /** Whether it was wanted. */
  unwant(policy: ChildPolicy): boolean {
    const purpose = purposeOf(policy);
    return this.unwantAll((wanted) => purposeOf(wanted) === purpose);
  }

  /** Whether any was wanted. */
  unwantAll(isMeant: (policy: ChildPolicy) => boolean): boolean {
    const before = this.#wanted.flat().length;
    if (before === 0) return false;
    const left = this.#wanted.map((wanted) => wanted.filter((policy) => !isMeant(policy)));
    this.#wanted = left.filter((wanted) => wanted.length > 0);
    return left.flat().length < before;
  }

  /** What has waited does not any more. */
  take(): readonly Wanted[] {
    const wanted = this.#wanted;
    this.#wanted = NONE;
    return wanted;
  }

  /** @throws Refusal where the peer has as many children as it may, or there are as many CPIs as there may be. */
  drawSpis(compresses: readonly boolean[]): readonly OwnSpis[] {
    if (!this.#hasRoomFor(compresses)) refuse('limit');
    return this.#draw(compresses);
  }

  /** Whether a Quick Mode for it may begin: else one is under way, or it is told why not. */
  #mayNegotiate(policy: ChildPolicy, ikeSa: IkeSa): boolean {
    const { children } = this.#of;
    if (!canBegin(policy)) {
      this.tellFailed(policy, 2, NOTHING_ASSIGNED);
      return false;
    }
    const isAwaited = children.isAwaited(policy);
    if (isAwaited) this.#await([policy]);
    if (isAwaited || children.isOffered(policy)) return false;
    if (!mayBeOffered(policy, ikeSa.nat)) this.tellFailed(policy, 2, AH_BEHIND_NAT);
    else if (ikeSa.knowsGroup(policy.pfsGroup)) return true;
    else if (ikeSa.asksForGroup(policy.pfsGroup)) this.#await([policy]);
    else this.tellFailed(policy, 2, GROUP_NOT_AGREED);
    return false;
  }

  /** Children are to be negotiated when they can be. */
  #await(policies: Wanted): void {
    for (const policy of policies) this.unwant(policy);
    this.#wanted = [...this.#wanted, policies];
  }

  /** What a child is for, where its policy leaves that open. */
  #openEnds({ name, localIdentity, remoteIdentity }: ChildPolicy): Pick<ChildFailedEvent, 'identities'> {
    const configured = this.#of.entry.config.children.find((child) => child.name === name);
    const isOpen = configured !== undefined && !mayBegin(configured) && isOne(localIdentity) && isOne(remoteIdentity);
    return isOpen ? { identities: { localIdentity, remoteIdentity } } : {};
  }

  #hasRoomFor(compresses: readonly boolean[]): boolean {
    const { children, directory } = this.#of;
    const cpis = compresses.filter(Boolean).length;
    return (
      children.size + compresses.length <= CHILDREN_PER_PEER && (cpis === 0 || directory.cpiCount + cpis <= CPIS_IN_ALL)
    );
  }

  #draw(compresses: readonly boolean[]): readonly OwnSpis[] {
    const { environment, directory } = this.#of;
    const { rng } = environment;
    const drawn: OwnSpis[] = [];
    for (const needsCpi of compresses) {
      const spi = randomSpi(rng, (value) => directory.isTaken(value) || drawn.some((own) => own.spi === value));
      const isCpiTaken = (value: number): boolean =>
        directory.isCpiTaken(value) || drawn.some(({ cpi }) => cpi === value);
      drawn.push({ spi, cpi: needsCpi ? randomCpi(rng, isCpiTaken) : undefined });
    }
    return drawn;
  }
}
