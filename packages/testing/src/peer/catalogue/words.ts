import type { Mutation, OctetChange, PayloadChange, Sealing } from '../../sessions/index.ts';
import type { Deed, MadeUpPayload, Misbehaviour } from '../misbehaviour.ts';

/** What a row of the catalogue is written with. */
export type Row = readonly [name: string, title: string, deeds: Deed | readonly Deed[], more?: Partial<Misbehaviour>];

/** Rows that have most things in common. */
export function rows(
  common: Omit<Misbehaviour, 'name' | 'title' | 'deeds'>,
  all: readonly Row[],
): readonly Misbehaviour[] {
  return all.map(([name, title, deeds, more = {}]) => ({
    ...common,
    name,
    title,
    deeds: 'does' in deeds ? [deeds] : deeds,
    ...more,
  }));
}

/** The message changed as anybody on the way can. */
export function on(mutation: Mutation): Deed {
  return { does: 'change', mutation };
}

/** A field of the header. */
export function header(field: Extract<Mutation, { where: 'header' }>['field'], value: number): Deed {
  return on({ where: 'header', field, value });
}

/** The octets of the whole datagram. */
export function datagram(octets: OctetChange): Deed {
  return on({ where: 'datagram', octets });
}

/** Payloads, sealed again: with the right HASH unless it says otherwise. */
export function payloads(change: PayloadChange, hash: Sealing['hash'] = 'right'): Deed {
  return on({ where: 'payloads', payloads: change, hash });
}

/** The body of the payload at a place. */
export function body(at: number, octets: OctetChange, hash: Sealing['hash'] = 'right'): Deed {
  return payloads({ change: 'body', at, octets }, hash);
}

/** An attribute of the first transform of the first proposal of the SA at a place. */
export function attribute(sa: number, inner: PayloadChange): Deed {
  const transform: PayloadChange = { change: 'within', at: 0, inner };
  return payloads({ change: 'within', at: sa, inner: { change: 'within', at: 0, inner: transform } });
}

/** An Informational exchange of its own. */
export function tell(
  hash: Extract<Deed, { does: 'tell' }>['hash'],
  ...made: readonly MadeUpPayload[]
): Extract<Deed, { does: 'tell' }> {
  const all = hash === 'none' ? made : [{ type: HASH, body: '00'.repeat(20) }, ...made];
  return { does: 'tell', hash, payloads: all };
}

/** RFC 2408 §3.1. */
export const KE = 4;
export const ID = 5;
export const HASH = 8;
export const NONCE = 10;
export const NOTIFICATION = 11;
export const DELETE = 12;
export const VENDOR_ID = 13;

/** A Notification of the IPsec DOI about the IKE SA, by its type in hexadecimal. */
export function notification(type: string, data = ''): MadeUpPayload {
  return { type: NOTIFICATION, body: `000000010110${type}{cookies}${data}` };
}

/** Of an IKE SA: by its cookies. */
export const DELETE_IKE_SA: MadeUpPayload = { type: DELETE, body: '0000000101100001{cookies}' };

/** Of our child. */
export const DELETE_CHILD: MadeUpPayload = { type: DELETE, body: '0000000103040001{spi}' };
