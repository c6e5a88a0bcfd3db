import {
  CONFIGURATION_TYPE,
  type DecodedPayload,
  EXCHANGE,
  formatAddress,
  formatIdentification,
  ipv4,
  notifyName,
  PROTOCOL,
  toHex,
  vendorMeaning,
} from '@espalier/wire';
import type { Observation } from '../observer/decoder.ts';
import { nameIn, proposalText, protocolName } from './proposal-text.ts';

type Isakmp = Extract<Observation, { kind: 'isakmp' }>;
type Esp = Extract<Observation, { kind: 'esp' }>;

/** One JSON object on one line. */
export function toJson(observation: Observation): string {
  const { frame, kind, source, destination } = observation;
  return JSON.stringify({ frame: frame.number, kind, source, destination, ...detailsOf(observation) });
}

/** One line for the frame, one more for each payload. */
export function toText(observation: Observation): string {
  const { frame, source, destination } = observation;
  const head = `${String(frame.number).padStart(5)}  ${source} > ${destination}  `;
  if (observation.kind === 'keepalive') return `${head}NAT keepalive`;
  if (observation.kind === 'esp') return head + espText(observation);
  return [
    head + isakmpText(observation),
    ...observation.payloads.map((payload) => `         ${describe(payload)}`),
  ].join('\n');
}

function detailsOf(observation: Observation): object {
  if (observation.kind === 'keepalive') return {};
  if (observation.kind === 'esp') {
    const { spi, sequence, icv, replay, inner, note } = observation;
    return { spi: spiText(spi), sequence, icv, replay, inner: inner === undefined ? undefined : toHex(inner), note };
  }
  const { header, payloads, encrypted, decrypted, hash, note } = observation;
  const named = header === undefined ? {} : headerDetails(header);
  return { ...named, encrypted, decrypted, hash, payloads: payloads.map(payloadDetails), note };
}

function headerDetails(header: NonNullable<Isakmp['header']>): object {
  return {
    exchange: exchangeName(header.exchange),
    messageId: header.messageId.toString(16).padStart(8, '0'),
    initiatorCookie: toHex(header.initiatorCookie),
    responderCookie: toHex(header.responderCookie),
  };
}

function payloadDetails(payload: DecodedPayload): object {
  return { kind: payload.kind, summary: describe(payload), body: toHex(payload.body) };
}

function espText({ spi, sequence, icv, replay, inner, note }: Esp): string {
  const verdicts = [`icv ${icv}`, ...(replay === undefined ? [] : [`replay: ${replay}`])].join(', ');
  const content = inner === undefined ? (note ?? 'nothing inside') : innerText(inner);
  return `ESP spi 0x${spiText(spi)} seq ${sequence}: ${verdicts}; ${content}`;
}

function innerText(inner: Uint8Array): string {
  if ((inner[0] ?? 0) >> 4 !== 4 || inner.length < ipv4.HEADER_OCTETS) return `inner packet of ${inner.length} octets`;
  const [source, destination] = [ipv4.sourceOctets(inner, 0), ipv4.destinationOctets(inner, 0)].map(formatAddress);
  return `${source} > ${destination} ${nameIn(PROTOCOL, ipv4.protocol(inner, 0))}, ${inner.length} octets`;
}

/** Exchange, message ID, and what became of it. */
export function isakmpText({
  header,
  encrypted,
  decrypted,
  hash,
  note,
}: Pick<Isakmp, 'header' | 'encrypted' | 'decrypted' | 'hash' | 'note'>): string {
  if (header === undefined) return `not ISAKMP 1.0: ${note ?? ''}`;
  const id = header.messageId === 0 ? '' : ` ${header.messageId.toString(16).padStart(8, '0')}`;
  const state = encrypted ? (decrypted ? 'decrypted' : 'encrypted') : 'clear';
  const remarks = [state, ...(hash === 'none' ? [] : [`hash ${hash}`]), ...(note === undefined ? [] : [note])];
  return `ISAKMP ${exchangeName(header.exchange)}${id} (${remarks.join(', ')})`;
}

/** A payload in one line. */
export function describe(payload: DecodedPayload): string {
  switch (payload.kind) {
    case 'sa':
      return `SA: ${payload.proposals.map(proposalText).join('; ')}`;
    case 'ke':
      return `KE: ${payload.data.length} octets`;
    case 'id':
      return `ID: ${formatIdentification(payload)}`;
    case 'cert':
    case 'cert-request':
      return `${payload.kind === 'cert' ? 'CERT' : 'CR'}: encoding ${payload.encoding}, ${payload.body.length - 1} octets`;
    case 'hash':
      return `HASH: ${toHex(payload.data)}`;
    case 'signature':
      return `SIG: ${payload.data.length} octets`;
    case 'nonce':
      return `NONCE: ${payload.data.length} octets`;
    case 'notification':
      return `N: ${notifyName(payload.notifyType)}`;
    case 'delete':
      return `D: ${protocolName(payload.protocol)} ${payload.spis.map(toHex).join(', ')}`;
    case 'vendor-id':
      return `VID: ${vendorName(payload.data)}`;
    case 'nat-d':
      return `NAT-D: ${toHex(payload.hash)}`;
    case 'configuration':
      return `ATTR: ${nameIn(CONFIGURATION_TYPE, payload.type)}, attributes ${payload.attributes.map(({ type }) => type).join(', ')}`;
    case 'nat-oa':
      return `NAT-OA: ${toHex(payload.address)}`;
    case 'unknown':
      return `payload ${payload.type}: ${payload.data.length} octets`;
  }
}

function spiText(spi: number): string {
  return spi.toString(16).padStart(8, '0');
}

function exchangeName(exchange: number): string {
  return nameIn(EXCHANGE, exchange);
}

function vendorName(data: Uint8Array): string {
  return vendorMeaning(data)?.name ?? toHex(data);
}
