import type { IsakmpObservation } from '../observation.ts';
import { type SeenAt, whereOf } from '../where.ts';
import type { SeenMessage } from './reading/header.ts';

/** An observation of a message of which nothing is known yet. */
export function nothing(at: SeenAt, notes: readonly string[]): Omit<IsakmpObservation, 'version' | 'header' | 'name'> {
  return {
    kind: 'isakmp',
    ...whereOf(at, notes),
    sender: undefined,
    ikeSa: -1,
    exchange: -1,
    repeats: undefined,
    encrypted: false,
    decrypted: false,
    hash: 'none',
    octets: at.carried.octets,
    plain: undefined,
    payloads: [],
  };
}

export function notIsakmp(at: SeenAt, version: number | undefined, why: string): IsakmpObservation {
  return { ...nothing(at, [why]), version, header: undefined, name: 'no message of ISAKMP' };
}

/** Where one of several messages in a datagram is. */
export function moved(at: SeenAt, offset: number, { octets, missing }: SeenMessage): SeenAt {
  const { carried } = at;
  return {
    ...at,
    carried: { ...carried, octets, missing, at: carried.at === undefined ? undefined : carried.at + offset },
  };
}
