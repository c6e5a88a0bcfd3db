import { ISAKMP_HEADER_OCTETS, PAYLOAD_HEADER_OCTETS, readU16, toHex } from '@espalier/wire';
import { groupName } from '../../text/names.ts';
import { vendorName } from '../../text/payload-text.ts';
import type { SeenHeader } from '../ike/reading/header.ts';
import type { ObservedPayload } from '../observation.ts';
import { EXCHANGES, FLAG, NOTIFIES, PAYLOAD, PAYLOADS, PROTOCOLS, TRANSFORM_TYPES, TRANSFORMS } from './registry.ts';

/** What a message of IKEv2 shows: all of its payloads in clear, and of encrypted ones that they are there. */
export interface SeenIke2 {
  readonly payloads: readonly ObservedPayload[];
  readonly encrypted: boolean;
  readonly notes: readonly string[];
  /** Transforms of the first proposal, by type: what a response has chosen. */
  readonly chosen: ReadonlyMap<number, Ike2Transform>;
  /** Data of vendor IDs. */
  readonly vendorIds: readonly Uint8Array[];
  /** The first error that it tells. */
  readonly error: string | undefined;
}

export interface Ike2Transform {
  readonly id: number;
  readonly name: string;
  readonly keyBits: number | undefined;
}

const MOST_PAYLOADS = 128;
const KEY_LENGTH = 0x800e;
/** Notify types from here on tell a status. */
const STATUS = 16_384;

/** `IKE_SA_INIT request` */
export function ike2Name({ exchangeType, flags }: SeenHeader): string {
  return `${ike2Exchange(exchangeType)} ${(flags & FLAG.response) === 0 ? 'request' : 'response'}`;
}

export function ike2Exchange(type: number): string {
  return EXCHANGES[type] ?? `IKEv2 exchange ${type}`;
}

/** Whether it is of an exchange that the original initiator has begun (RFC 7296 §3.1). */
export function isOfInitiator({ flags }: SeenHeader): boolean {
  return ((flags & FLAG.initiator) !== 0) !== ((flags & FLAG.response) !== 0);
}

/** The original initiator of the IKE SA sends with its flag set, requests and responses alike (RFC 7296 §3.1). */
export function ike2Side({ flags }: SeenHeader): 'initiator' | 'responder' {
  return (flags & FLAG.initiator) === 0 ? 'responder' : 'initiator';
}

export function seenIke2(message: Uint8Array, header: SeenHeader): SeenIke2 {
  const payloads: ObservedPayload[] = [];
  const vendorIds: Uint8Array[] = [];
  const notes: string[] = [];
  let chosen: ReadonlyMap<number, Ike2Transform> = new Map();
  let error: string | undefined;
  let encrypted = false;
  let type = header.nextPayload;
  for (let at = ISAKMP_HEADER_OCTETS; type !== 0 && payloads.length < MOST_PAYLOADS; ) {
    const length = readU16(message, at + 2);
    if (at + PAYLOAD_HEADER_OCTETS > message.length) break;
    if (length < PAYLOAD_HEADER_OCTETS || at + length > message.length) {
      if (message.length === header.length)
        notes.push(`malformed: payload ${payloads.length} says that it has ${length} octets`);
      break;
    }
    const raw = message.subarray(at, at + length);
    const body = raw.subarray(PAYLOAD_HEADER_OCTETS);
    if (type === PAYLOAD.sa && chosen.size === 0) chosen = transformsOf(body);
    if (type === PAYLOAD.vendorId) vendorIds.push(body);
    if (type === PAYLOAD.notify && readU16(body, 2) < STATUS) error ??= notifyName(readU16(body, 2));
    payloads.push({
      kind: (PAYLOADS[type] ?? 'unknown').toLowerCase(),
      type,
      summary: summaryOf(type, body),
      at,
      raw,
      decoded: undefined,
    });
    if (type === PAYLOAD.encrypted || type === PAYLOAD.encryptedFragment) {
      // Its next payload is of what it has encrypted (RFC 7296 §3.14).
      encrypted = true;
      break;
    }
    type = raw[0] ?? 0;
    at += length;
  }
  return { payloads, encrypted, notes, chosen, vendorIds, error };
}

function summaryOf(type: number, body: Uint8Array): string {
  const name = PAYLOADS[type] ?? `payload ${type}`;
  switch (type) {
    case PAYLOAD.sa:
      return `SA: ${proposalsText(body)}`;
    case PAYLOAD.ke:
      return `KE: group ${groupName(readU16(body, 0))}, ${Math.max(0, body.length - 4)} octets`;
    case PAYLOAD.nonce:
      return `NONCE: ${body.length} octets`;
    case PAYLOAD.notify:
      return `N: ${notifyName(readU16(body, 2))}`;
    case PAYLOAD.vendorId:
      return `V: ${vendorName(body)}`;
    case PAYLOAD.encrypted:
      return `SK: ${body.length} octets, encrypted`;
    case PAYLOAD.encryptedFragment:
      return `SKF: fragment ${readU16(body, 0)} of ${readU16(body, 2)}, ${Math.max(0, body.length - 4)} octets, encrypted`;
    default:
      return `${name}: ${body.length} octets`;
  }
}

function notifyName(type: number): string {
  return NOTIFIES[type] ?? String(type);
}

interface Proposal {
  readonly number: number;
  readonly protocol: number;
  readonly spi: Uint8Array;
  readonly transforms: readonly (readonly [number, Ike2Transform])[];
}

function proposalsText(body: Uint8Array): string {
  return proposalsOf(body)
    .map(({ number, protocol, spi, transforms }) => {
      const index = spi.length === 0 ? '' : ` spi 0x${toHex(spi)}`;
      const texts = transforms.map(([type, { name, keyBits }]) => {
        const bits = keyBits === undefined ? '' : `-${keyBits}`;
        return `${TRANSFORM_TYPES[type] ?? `type ${type}`}=${name}${bits}`;
      });
      return `proposal ${number} ${PROTOCOLS[protocol] ?? protocol}${index}: ${texts.join(' ')}`;
    })
    .join('; ');
}

function transformsOf(body: Uint8Array): ReadonlyMap<number, Ike2Transform> {
  const first = new Map<number, Ike2Transform>();
  for (const [type, transform] of proposalsOf(body)[0]?.transforms ?? [])
    if (!first.has(type)) first.set(type, transform);
  return first;
}

const MOST_PROPOSALS = 32;
const MOST_TRANSFORMS = 128;

/** RFC 7296 §3.3: what has no form ends the list. */
function proposalsOf(body: Uint8Array): readonly Proposal[] {
  const proposals: Proposal[] = [];
  for (let at = 0; at + 8 <= body.length && proposals.length < MOST_PROPOSALS; ) {
    const length = readU16(body, at + 2);
    const end = at + length;
    if (length < 8 || end > body.length) break;
    const [number = 0, protocol = 0, spiOctets = 0] = body.subarray(at + 4, at + 7);
    const transforms: (readonly [number, Ike2Transform])[] = [];
    for (let t = at + 8 + spiOctets; t + 8 <= end && transforms.length < MOST_TRANSFORMS; ) {
      const octets = readU16(body, t + 2);
      if (octets < 8 || t + octets > end) break;
      const [type, id] = [body[t + 4] ?? 0, readU16(body, t + 6)];
      const hasBits = octets >= 12 && readU16(body, t + 8) === KEY_LENGTH;
      const name = type === 4 ? groupName(id) : (TRANSFORMS[type]?.[id] ?? String(id));
      transforms.push([type, { id, name, keyBits: hasBits ? readU16(body, t + 10) : undefined }]);
      t += octets;
    }
    proposals.push({ number, protocol, spi: body.subarray(at + 8, at + 8 + spiOctets), transforms });
    at = end;
  }
  return proposals;
}
