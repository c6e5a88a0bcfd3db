import { DH_GROUPS } from '@espalier/crypto';
import type { PeerConfig } from '@espalier/ike';
import {
  type OurEnd,
  PLAIN_SESSION,
  type SessionSpecification,
  type Side,
  sessionEnds,
} from '@espalier/testing/sessions';
import { fromHex } from '@espalier/wire';
import type { Command, Scenario } from './conversation.ts';

/** What is learned of a machine of docs/reference/states.md. */
export interface Lesson {
  /** Under which title it is drawn. */
  readonly title: string;
  readonly what: string;
  /** Whether each state that is drawn is one state; else the IKE SA around the exchange has more. */
  readonly isWhole: boolean;
  /** On the page of what was learned. */
  readonly isDrawn: boolean;
  readonly scenario: Scenario;
}

const INITIATE: Command = {
  by: 'left',
  name: 'initiate',
  act: ({ endpoint, peerName }, now) => endpoint.initiate(now, peerName),
};

const REKEY: Command = {
  by: 'left',
  name: 'rekey',
  act: ({ endpoint }, now) => {
    const child = endpoint.children().at(-1);
    if (child !== undefined) endpoint.rekeyChild(now, child.inbound);
  },
};

/** As an ESP packet does that verifies. */
const CONFIRM: Command = {
  by: 'right',
  name: 'an ESP packet',
  act: ({ endpoint }, now) => {
    const child = endpoint.children().at(-1);
    if (child !== undefined) endpoint.confirmChild(now, child.inbound);
  },
};

/** Of group 2, with another generator. */
const GROUP = { prime: fromHex(DH_GROUPS[2].prime.toString(16)), generator: Uint8Array.of(3) };
const NEW_GROUP: Command = {
  by: 'left',
  name: 'newGroup',
  act: ({ endpoint, peerName }, now) => endpoint.newGroup(now, peerName, 0x8001, GROUP),
};

const ROLES = [
  { role: 'responder', side: 'right' },
  { role: 'initiator', side: 'left' },
] as const;
const MODES = [
  { name: 'Main Mode', mode: 'main' },
  { name: 'Aggressive Mode', mode: 'aggressive' },
] as const;

/** What is at hand, and what is asked for. */
const PROOFS = [
  { what: 'a key at hand', authentication: 'pre-shared-key', asked: [] },
  { what: 'a key that is asked for', authentication: 'pre-shared-key', asked: ['preSharedKey'] },
  { what: 'signatures at hand', authentication: 'ecdsa-256', asked: [] },
  { what: 'a signature that is asked for', authentication: 'ecdsa-256', asked: ['privateKey'] },
  { what: 'a verdict that is asked for', authentication: 'ecdsa-256', asked: ['remoteKey'] },
  { what: 'all of it asked for', authentication: 'ecdsa-256', asked: ['privateKey', 'remoteKey'] },
] as const;

/** `side` asks for these, in the place of what it has. */
function asking(side: Side, asked: readonly string[]) {
  return (one: Side, peer: PeerConfig): PeerConfig => {
    if (one !== side) return peer;
    const { credentials } = peer;
    const signs = credentials !== undefined && {
      credentials: {
        ...credentials,
        ...(asked.includes('privateKey') ? { privateKey: 'ask' as const } : {}),
        ...(asked.includes('remoteKey') ? { remoteKey: 'ask' as const } : {}),
      },
    };
    return { ...peer, ...(asked.includes('preSharedKey') ? { preSharedKey: 'ask' as const } : {}), ...signs };
  };
}

function phase1(): readonly Lesson[] {
  return MODES.flatMap(({ name, mode }) =>
    ROLES.flatMap(({ role, side }) =>
      PROOFS.map(({ what, authentication, asked }): Lesson => {
        const specification = { ...PLAIN_SESSION, mode, authentication };
        const ends = () => sessionEnds(specification, { configured: asking(side, asked) });
        return {
          ...{ title: `${name}, ${role}`, what, isWhole: true, isDrawn: asked.length !== 1 },
          scenario: {
            side,
            ends,
            commands: [INITIATE],
            exchanges: [mode],
            isAltered: authentication === 'pre-shared-key' && asked.length === 0,
          },
        };
      }),
    ),
  );
}

function quick(): readonly Lesson[] {
  return ROLES.flatMap(({ role, side }) =>
    [false, true].map((commitBit): Lesson => {
      const configured = (one: Side, peer: PeerConfig): PeerConfig => (one === 'right' ? { ...peer, commitBit } : peer);
      const ends = () => sessionEnds(PLAIN_SESSION, { configured });
      const what = commitBit ? 'with the commit bit' : 'without the commit bit';
      const exchanges = ['quick', 'informational'];
      return {
        ...{ title: `Quick Mode, ${role}`, what, isWhole: true, isDrawn: true },
        scenario: { side, ends, commands: [INITIATE, REKEY, CONFIRM], from: 'rekey', exchanges, isAltered: !commitBit },
      };
    }),
  );
}

function newGroup(): readonly Lesson[] {
  const configured = (one: Side, peer: PeerConfig): PeerConfig =>
    one === 'right' ? { ...peer, acceptedGroups: [GROUP] } : peer;
  return ROLES.map(
    ({ role, side }): Lesson => ({
      ...{ title: `New Group Mode, ${role}`, what: 'a group that both know', isWhole: true, isDrawn: true },
      scenario: {
        ...{ side, commands: [INITIATE, NEW_GROUP], from: 'newGroup', exchanges: ['newGroup'], isAltered: true },
        ends: () => sessionEnds(PLAIN_SESSION, { configured }),
      },
    }),
  );
}

const USERS = [
  { what: 'XAuth alone', method: undefined },
  { what: 'XAuth, and an address that is set', method: 'push' },
  { what: 'XAuth, and an address that there is none of', method: 'push', lacksLease: true },
  { what: 'XAuth of a user who is asked', method: undefined, asks: true },
] as const;

/** With an address that is asked for, either end would be of both machines at once. */
function transaction(): readonly Lesson[] {
  return USERS.flatMap(({ what, method, ...others }) =>
    (['right', 'left'] as const).map((side): Lesson => {
      const specification: SessionSpecification = {
        ...PLAIN_SESSION,
        authentication: 'xauth-initiator-pre-shared-key',
        modeConfig: method !== undefined,
      };
      const configured = (_: Side, peer: PeerConfig): PeerConfig => ({
        ...peer,
        ...(peer.modeConfig === undefined || method === undefined
          ? {}
          : { modeConfig: { ...peer.modeConfig, method } }),
        ...('asks' in others && peer.xauth?.side === 'user' ? { xauth: { side: 'user' } } : {}),
      });
      const ends = () => {
        const both = sessionEnds(specification, { configured });
        return 'lacksLease' in others ? { ...both, right: withoutLease(both.right) } : both;
      };
      const title = `XAuth and Mode Config, the side that ${side === 'right' ? 'asks or sets' : 'answers'}`;
      const from = side === 'right' ? 'main 5' : 'main 6';
      return {
        ...{ title, what, isWhole: false, isDrawn: method !== undefined },
        scenario: { ...{ side, ends, from, exchanges: ['transaction'] }, commands: [INITIATE], isAltered: false },
      };
    }),
  );
}

function withoutLease(end: OurEnd): OurEnd {
  return {
    ...end,
    answer: (question) => (question.kind === 'lease' ? { kind: 'lease', lease: undefined } : end.answer?.(question)),
  };
}

/** Everything that is drawn. */
export const LESSONS: readonly Lesson[] = [...phase1(), ...quick(), ...newGroup(), ...transaction()];
