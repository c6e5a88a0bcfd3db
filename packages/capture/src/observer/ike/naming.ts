import { type DecodedPayload, EXCHANGE, notifyName, toHex } from '@espalier/wire';
import { exchangeText } from '../../text/names.ts';
import { NO_COOKIE, type SeenHeader } from './reading/header.ts';
import type { Side } from './reading/learnt.ts';

/** What is to be seen of one message. */
export interface MessageTraits {
  readonly header: SeenHeader;
  readonly side: Side | undefined;
  readonly encrypted: boolean;
  readonly payloads: readonly DecodedPayload[];
  /** As the hash of Quick Mode shows. */
  readonly number: 1 | 2 | 3 | undefined;
  /** Which side began its exchange of phase 2. */
  readonly starter: Side | undefined;
}

/** Which message of its exchange it is, from 1 (RFC 2409 §5); undefined where that does not show. */
export function messageNumber(traits: MessageTraits): number | undefined {
  switch (traits.header.exchangeType) {
    case EXCHANGE.main:
      return mainNumber(traits);
    case EXCHANGE.aggressive:
      if (traits.header.responderCookie === NO_COOKIE) return 1;
      return has(traits, 'sa') ? 2 : traits.side === 'responder' ? undefined : 3;
    case EXCHANGE.quick:
      return traits.number ?? quickNumber(traits);
    default:
      return undefined;
  }
}

function mainNumber(traits: MessageTraits): number | undefined {
  const { header, side, encrypted } = traits;
  if (header.responderCookie === NO_COOKIE) return 1;
  if (encrypted) return side === undefined ? undefined : side === 'initiator' ? 5 : 6;
  if (has(traits, 'sa')) return 2;
  if (!has(traits, 'ke') && !has(traits, 'nonce')) return undefined;
  return side === undefined ? undefined : side === 'initiator' ? 3 : 4;
}

function quickNumber(traits: MessageTraits): number | undefined {
  if (traits.payloads.length === 0) return undefined;
  if (!has(traits, 'sa')) return 3;
  return traits.starter === undefined || traits.starter === traits.side ? 1 : 2;
}

function has({ payloads }: MessageTraits, kind: DecodedPayload['kind']): boolean {
  return payloads.some((payload) => payload.kind === kind);
}

/** `Main Mode 3`, `Informational R-U-THERE` */
export function messageName(type: number, number: number | undefined, about: string | undefined): string {
  const name = exchangeText(type);
  if (number !== undefined) return `${name} ${number}`;
  return type === EXCHANGE.informational && about !== undefined ? `${name} ${about}` : name;
}

/** What an Informational exchange is about. */
export function aboutOf(payloads: readonly DecodedPayload[]): string | undefined {
  for (const payload of payloads) {
    if (payload.kind === 'notification') return notifyName(payload.notifyType);
    if (payload.kind === 'delete') {
      const [spi] = payload.spis;
      return payload.protocol === 1 || spi === undefined || spi.length !== 4 ? 'Delete IKE SA' : `Delete ${toHex(spi)}`;
    }
  }
  return undefined;
}
