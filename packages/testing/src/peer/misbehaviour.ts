import { requireObject } from '@espalier/wire';
import { oneOf, requireArray, within } from '../arguments.ts';
import type { Door, Mutation, SessionSpecification } from '../sessions/index.ts';
import { requireMutation } from '../sessions/mutation/check.ts';
import { requireDoor } from '../sessions/play.ts';

export const EXPECTATIONS = ['refuse', 'take', 'ignore', 'live'] as const;

/**
 * What becomes of it with a correct peer. 'refuse': no child comes of the session. 'take': the child does, all the same.
 * 'ignore': nothing changes, so that another Quick Mode under the same IKE SA comes to its child. 'live': whatever it does, it
 * serves the next who calls, as it must after all of these.
 */
export type Expectation = (typeof EXPECTATIONS)[number];

/** A payload of a message that is made up. In the body `{cookies}` stands for both cookies, `{spi}` for the SPI of our child. */
export interface MadeUpPayload {
  readonly type: number;
  /** In hexadecimal. */
  readonly body: string;
}

/** One thing that is done at one message. */
export type Deed =
  | { readonly does: 'change'; readonly mutation: Mutation }
  /** It is not sent. */
  | { readonly does: 'drop' }
  /** It is sent so many times more. */
  | { readonly does: 'repeat'; readonly times: number }
  /** Behind it everything goes once more that was sent before. */
  | { readonly does: 'replay'; readonly order: 'forward' | 'backward' }
  /** Behind it goes a message of its own: an Informational exchange, unless it says otherwise, under the same cookies. */
  | {
      readonly does: 'tell';
      readonly payloads: readonly MadeUpPayload[];
      /** 'right': encrypted, behind the HASH that is right; 'wrong': behind another; 'none': in clear. */
      readonly hash: 'right' | 'wrong' | 'none';
      readonly exchange?: number;
    };

/** A peer that does one thing otherwise, as data: an initiator, or a responder, as its messages have it. */
export interface Misbehaviour {
  /** Names it in tables and on command lines. */
  readonly name: string;
  /** What it goes against, or what asks its peer to bear it. */
  readonly clause: string;
  /** What it does, for people. */
  readonly title: string;
  /** Whether it needs the key of the session: 'wrong': it has another one. */
  readonly key: 'right' | 'wrong' | 'none';
  /** What the session must be, beside what is configured. */
  readonly session?: Partial<Pick<SessionSpecification, 'mode' | 'natTraversal' | 'pfsGroup'>>;
  /** At which of its own messages; every one of that kind. */
  readonly at: Door;
  readonly deeds: readonly Deed[];
  readonly expects: Expectation;
}

/** @throws TypeError or RangeError that names what of it is bad. */
export function requireMisbehaviour(misbehaviour: Misbehaviour): void {
  requireObject('misbehaviour', misbehaviour);
  const { name, at, deeds, expects } = misbehaviour;
  if (typeof name !== 'string') throw new TypeError('misbehaviour.name must be a string');
  oneOf('misbehaviour.expects', expects, EXPECTATIONS);
  requireDoor('misbehaviour.at', at);
  requireArray('misbehaviour.deeds', deeds);
  for (const [i, deed] of deeds.entries()) requireDeed(`misbehaviour.deeds[${i}]`, deed);
}

function requireDeed(argument: string, deed: Deed): void {
  requireObject(argument, deed);
  oneOf(`${argument}.does`, deed.does, ['change', 'drop', 'repeat', 'replay', 'tell']);
  if (deed.does === 'change') requireMutation(`${argument}.mutation`, deed.mutation);
  if (deed.does === 'repeat') within(`${argument}.times`, deed.times, 0);
  if (deed.does === 'replay') oneOf(`${argument}.order`, deed.order, ['forward', 'backward']);
  if (deed.does !== 'tell') return;
  requireArray(`${argument}.payloads`, deed.payloads);
  oneOf(`${argument}.hash`, deed.hash, ['right', 'wrong', 'none']);
}
