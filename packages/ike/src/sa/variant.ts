import { equalOctets } from '@espalier/wire';
import type { ReceivedMessage } from '../exchange/message.ts';
import type { NatFindings } from '../nat/discovery.ts';
import type { Path } from '../path.ts';
import { Refusal } from '../refusals.ts';
import type { Environment } from '../runtime/environment.ts';
import type { PeerTolerance, Tolerance } from '../tolerances.ts';
import type { Cookies } from '../v1/cookies.ts';
import type { Lifetimes } from '../v1/informational/responder-lifetime.ts';
import type { Established } from '../v1/phase1/phase1.ts';
import { Phase2Exchanges } from '../v1/phase2/exchanges.ts';
import type { Phase2Host } from '../v1/phase2/host.ts';
import type { IkeSaEffect } from './effect.ts';
import type { Stages } from './stages.ts';

/** The IKE SA that may be this. */
export interface VariedHost extends Phase2Host {
  send(octets: Uint8Array, path?: Path): void;
}

/** What it is taken to be. */
export interface Varied {
  readonly sa: Established;
  /** It is this, and nothing else. */
  choose(variant: Variant): void;
}

/**
 * What an IKE SA is if a message of phase 1 came altered, and another copy of it as it was sent. It does what the IKE SA
 * does, beside it and unheard, until the first message that is authentic as this has it.
 */
export class Variant implements Phase2Host {
  readonly environment: Environment;
  readonly phase2: Phase2Exchanges;
  #sa: Established;
  #stages: Stages | undefined;
  readonly #ikeSa: VariedHost;
  readonly #of: Varied;
  readonly #path: Path;

  constructor(ikeSa: VariedHost, of: Varied, sa: Established, path: Path) {
    this.environment = ikeSa.environment;
    this.#ikeSa = ikeSa;
    this.#of = of;
    this.#sa = sa;
    this.#path = path;
    this.phase2 = new Phase2Exchanges(this, sa);
  }

  get sa(): Established {
    return this.#sa;
  }

  get cookies(): Cookies {
    return this.#sa.cookies;
  }

  get stages(): Stages | undefined {
    return this.#stages;
  }

  get path(): Path {
    return this.#isChosen ? this.#ikeSa.path : this.#path;
  }

  /** Goes where the IKE SA is, of which it may be another reading. */
  begin(
    other: { readonly phase2: Phase2Exchanges; readonly stages: Stages | undefined },
    stages: Stages | undefined,
    renewed: { readonly user: string | undefined } | undefined,
  ): void {
    this.#stages = stages;
    if (stages !== undefined) stages.beginAs(other.stages, renewed);
    this.phase2.beginAs(other.phase2);
  }

  /** NATs are others. */
  mend(nat: NatFindings | undefined): void {
    this.#sa = { ...this.#sa, nat };
    this.phase2.mend(this.#sa);
  }

  /** Whether a message is authentic as this has it. @throws Refusal where it is, and is refused for something else. */
  takes(message: ReceivedMessage): boolean {
    try {
      this.phase2.receive(message);
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!error.isAuthentic) return false;
      this.#of.choose(this);
      throw error;
    }
  }

  send(octets: Uint8Array): void {
    this.#ikeSa.send(octets, this.path);
  }

  repeat(message: ReceivedMessage, answer: Uint8Array): void {
    this.#ikeSa.repeat(message, answer);
  }

  verified(message: ReceivedMessage): void {
    this.#of.choose(this);
    this.#ikeSa.verified(message);
  }

  report(effect: IkeSaEffect): void {
    if (this.#isChosen) this.#ikeSa.report(effect);
  }

  tolerate(tolerated: readonly Tolerance[]): void {
    if (this.#isChosen) this.#ikeSa.tolerate(tolerated);
  }

  forgives(tolerance: PeerTolerance): boolean {
    if (!this.#sa.terms.leniency.has(tolerance)) return false;
    this.tolerate([tolerance]);
    return true;
  }

  shorten(lifetimes: Lifetimes): void {
    if (this.#isChosen) this.#ikeSa.shorten(lifetimes);
  }

  get #isChosen(): boolean {
    return this.#of.sa === this.#sa;
  }
}

/** Whether whatever is authentic under the one is so under the other. */
export function isTakenAlike(one: Established, other: Established): boolean {
  return one.proposal === other.proposal && equalOctets(one.lastBlock, other.lastBlock);
}
