import {
  CERT_ENCODING,
  type DecodedPayload,
  formatAddress,
  formatIdentification,
  NOTIFY,
  type NotificationPayload,
  notifyName,
  readU32,
  toHex,
  vendorMeaning,
} from '@espalier/wire';
import { configurationText } from './configuration-text.ts';
import { nameIn } from './names.ts';
import { proposalText, protocolName } from './proposal-text.ts';

/** A payload of IKEv1 in one line. */
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
      return `${payload.kind === 'cert' ? 'CERT' : 'CR'}: ${nameIn(CERT_ENCODING, payload.encoding)}, ${payload.body.length - 1} octets`;
    case 'hash':
      return `HASH: ${toHex(payload.data)}`;
    case 'signature':
      return `SIG: ${payload.data.length} octets`;
    case 'nonce':
      return `NONCE: ${payload.data.length} octets`;
    case 'notification':
      return `N: ${notificationText(payload)}`;
    case 'delete':
      return `D: ${protocolName(payload.protocol)} ${payload.spis.map(toHex).join(', ')}`;
    case 'vendor-id':
      return `VID: ${vendorName(payload.data)}`;
    case 'nat-d':
      return `NAT-D: ${toHex(payload.hash)}`;
    case 'configuration':
      return `ATTR: ${configurationText(payload)}`;
    case 'nat-oa':
      return `NAT-OA: ${formatAddress(payload.address)}`;
    case 'unknown':
      return `payload ${payload.type}: ${payload.data.length} octets`;
  }
}

/** A vendor ID by its name, or as it is. */
export function vendorName(data: Uint8Array): string {
  return vendorMeaning(data)?.name ?? toHex(data);
}

/** Notifications of RFC 3706 §5.4, whose data is a number. */
const NUMBERED: readonly number[] = [NOTIFY['R-U-THERE'], NOTIFY['R-U-THERE-ACK']];

function notificationText({ notifyType, protocol, spi, data }: NotificationPayload): string {
  const about = spi.length === 4 ? ` (${protocolName(protocol)} ${toHex(spi)})` : '';
  const number = NUMBERED.includes(notifyType) && data.length === 4 ? ` ${readU32(data, 0)}` : '';
  return `${notifyName(notifyType)}${number}${about}`;
}
