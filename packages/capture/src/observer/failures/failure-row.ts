import {
  type FailureDetail,
  formatFailure,
  type OwnSide,
  type PeerError,
  type Role,
  type TransformText,
} from '@espalier/ike';
import {
  type Attribute,
  AUTH_ALGORITHM,
  ENCAPSULATION_MODE,
  ESP_TRANSFORM,
  IPSEC_ATTRIBUTE,
  NOTIFY,
  notifyName,
  PROTOCOL_ID,
  type SaPayload,
} from '@espalier/wire';
import type { FailureRow } from '../../report/report.ts';
import { wordIn } from '../../text/names.ts';
import { numbersOf, phase1Row } from '../ike/reading/agreement.ts';

/** Notify types from here on tell a status, below an error (RFC 2408 §3.14.1). */
const STATUS = 16_384;

/** The RFC's name of an error; undefined for a status. */
export function errorName(notifyType: number): PeerError | undefined {
  if (notifyType >= STATUS) return undefined;
  const name = notifyName(notifyType);
  return isPeerError(name) ? name : 'UNKNOWN-ERROR';
}

function isPeerError(name: string): name is PeerError {
  return Object.hasOwn(NOTIFY, name);
}

/** A negotiation that came to nothing, as one end of it would tell. */
export interface SeenFailure {
  readonly ikeSa: number;
  readonly exchange: number;
  readonly frame: number;
  readonly time: number;
  readonly phase: 1 | 2;
  readonly mode: 'main' | 'aggressive' | 'quick';
  /** Whose end: that was told an error, or waits in vain. */
  readonly role: Role;
  readonly here: string;
  readonly peer: string;
  /** Undefined where nothing came. */
  readonly error: PeerError | undefined;
  readonly isAuthenticated: boolean;
  /** The last message of the exchange that this end has sent, from 1. */
  readonly sent: number;
  readonly inUdp: boolean;
  readonly isSigned: boolean;
  /** What the initiator has offered. */
  readonly offer: SaPayload | undefined;
}

const SHOWN_MOST = 8;

export function failureRow(failure: SeenFailure): FailureRow {
  const { ikeSa, exchange, frame, time, phase, mode, role, error } = failure;
  const standstill = { exchange: mode, sent: failure.sent, inUdp: failure.inUdp, isSigned: failure.isSigned };
  const ours = role === 'initiator' && failure.offer !== undefined ? offerOf(phase, failure.offer) : undefined;
  const detail: FailureDetail =
    error === undefined
      ? { kind: 'silence', ...standstill }
      : {
          kind: 'told',
          ...standstill,
          error,
          authenticated: failure.isAuthenticated,
          ...(ours === undefined ? {} : { ours }),
        };
  const reason = error ?? 'no-answer';
  const explanation =
    phase === 1
      ? formatFailure({
          kind: 'ike-failed',
          peer: failure.peer,
          role,
          local: { address: failure.here, port: 500 },
          remote: { address: failure.peer, port: 500 },
          reason,
          detail,
          suppressed: 0,
        })
      : formatFailure({ kind: 'child-failed', peer: failure.peer, policy: 'a Quick Mode', phase: 2, reason, detail });
  const [what = ''] = explanation.split('\n');
  return {
    ikeSa,
    exchange,
    frame,
    time,
    what,
    explanation: `Seen from ${failure.here} (${role}), which is "here":\n${explanation}`,
  };
}

function offerOf(phase: 1 | 2, sa: SaPayload): OwnSide {
  const offered = sa.proposals.flatMap(({ protocol, transforms }) =>
    transforms.map(({ id, attributes }): TransformText => {
      if (phase === 2) return phase2Text(protocol, id, attributes);
      const { encryption, keyBits, hash, group, authentication } = phase1Row(attributes);
      const bits = keyBits === undefined || encryption.startsWith('3des') ? {} : { 'key-length': String(keyBits) };
      return { encryption, ...bits, hash, group, authentication };
    }),
  );
  return { kind: 'offer', phase, offered: offered.slice(0, SHOWN_MOST), offeredCount: offered.length };
}

function phase2Text(protocol: number, id: number, attributes: readonly Attribute[]): TransformText {
  const numbers = numbersOf(attributes);
  const named = (type: number, registry: Readonly<Record<string, number>>): string | undefined => {
    const value = numbers.get(type);
    return value === undefined ? undefined : wordIn(registry, value);
  };
  const text = {
    protocol: wordIn(PROTOCOL_ID, protocol),
    encryption: protocol === PROTOCOL_ID.esp ? wordIn(ESP_TRANSFORM, id) : undefined,
    'key-length': numbers.get(IPSEC_ATTRIBUTE.keyLength)?.toString(),
    authentication: named(IPSEC_ATTRIBUTE.authenticationAlgorithm, AUTH_ALGORITHM),
    encapsulation: named(IPSEC_ATTRIBUTE.encapsulationMode, ENCAPSULATION_MODE),
    group: numbers.get(IPSEC_ATTRIBUTE.groupDescription)?.toString(),
  };
  return Object.fromEntries(Object.entries(text).filter(([, value]) => value !== undefined));
}
