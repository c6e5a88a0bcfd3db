import {
  type Attribute,
  attributeNumber,
  concat,
  DecodeError,
  DOI_IPSEC,
  type Duration,
  LIFE_TYPE,
  milliseconds,
  NOTIFY,
  type NotificationPayload,
  Reader,
  seconds,
} from '@espalier/wire';
import { SHORTEST_LIFETIME } from '../../limits.ts';
import { type LifeAttributes, lifeAttributes, readAttributes } from '../proposals/attributes.ts';

/** Lifetimes as RESPONDER-LIFETIME tells them; undefined what it does not tell. */
export interface Lifetimes {
  readonly lifetime: Duration | undefined;
  readonly kilobytes: number | undefined;
}

/** Whether they tell anything. */
export function isNews({ lifetime, kilobytes }: Lifetimes): boolean {
  return lifetime !== undefined || kilobytes !== undefined;
}

const TV_FORMAT = 0x8000;
const ATTRIBUTES_MOST = 8;

/** "This is what I shall use of the SA that you offered" (RFC 2407 §4.6.3.1). */
export function responderLifetime(
  of: Lifetimes,
  life: LifeAttributes,
  protocol: number,
  spi: Uint8Array,
): NotificationPayload {
  const attributes = [
    ...(of.lifetime === undefined
      ? []
      : lifeAttributes(life, LIFE_TYPE.seconds, Math.max(1, Math.floor(of.lifetime / 1000)))),
    ...(of.kilobytes === undefined ? [] : lifeAttributes(life, LIFE_TYPE.kilobytes, of.kilobytes)),
  ];
  return {
    kind: 'notification',
    doi: DOI_IPSEC,
    protocol,
    notifyType: NOTIFY['RESPONDER-LIFETIME'],
    spi,
    data: concat(...attributes.map(encodeAttribute)),
  };
}

/** What a notification tells, if it is a RESPONDER-LIFETIME that can be read. A peer cannot ask for almost none. */
export function readResponderLifetime(notification: NotificationPayload, life: LifeAttributes): Lifetimes | undefined {
  if (notification.notifyType !== NOTIFY['RESPONDER-LIFETIME']) return undefined;
  const attributes = decodeAttributes(notification.data);
  const values = attributes && readAttributes(attributes, life);
  if (values === undefined) return undefined;
  const lifetime = values.seconds === undefined ? undefined : seconds(values.seconds);
  return {
    lifetime: lifetime && milliseconds(Math.max(lifetime, SHORTEST_LIFETIME)),
    kilobytes: values.kilobytes,
  };
}

function encodeAttribute(attribute: Attribute): Uint8Array {
  const { type, value } = attribute;
  return typeof value === 'number'
    ? Uint8Array.of((type | TV_FORMAT) >>> 8, type, value >>> 8, value)
    : concat(Uint8Array.of(type >>> 8, type, value.length >>> 8, value.length), value);
}

function decodeAttributes(data: Uint8Array): readonly Attribute[] | undefined {
  const reader = new Reader(data, 'responder-lifetime');
  const attributes: Attribute[] = [];
  try {
    while (reader.remaining > 0 && attributes.length < ATTRIBUTES_MOST) {
      const format = reader.u16();
      const value = reader.u16();
      attributes.push({ type: format & ~TV_FORMAT, value: format & TV_FORMAT ? value : reader.octets(value) });
    }
    reader.end();
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
  return attributes.every((attribute) => attributeNumber(attribute) !== undefined) ? attributes : undefined;
}
