import {
  CERT_ENCODING,
  CONFIGURATION_ATTRIBUTE,
  CONFIGURATION_TYPE,
  type ConfigurationPayload,
  type DecodedPayload,
  formatIdentification,
  type NotificationPayload,
  notifyName,
  toHex,
  UNITY_ATTRIBUTE,
  vendorMeaning,
  XAUTH_ATTRIBUTE,
} from '@espalier/wire';
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
      return configurationText(payload);
    case 'nat-oa':
      return `NAT-OA: ${toHex(payload.address)}`;
    case 'unknown':
      return `payload ${payload.type}: ${payload.data.length} octets`;
  }
}

/** A vendor ID by its name, or as it is. */
export function vendorName(data: Uint8Array): string {
  return vendorMeaning(data)?.name ?? toHex(data);
}

function notificationText({ notifyType, protocol, spi }: NotificationPayload): string {
  const about = spi.length === 4 ? ` (${protocolName(protocol)} ${toHex(spi)})` : '';
  return `${notifyName(notifyType)}${about}`;
}

const ATTRIBUTES = { ...CONFIGURATION_ATTRIBUTE, ...UNITY_ATTRIBUTE, ...XAUTH_ATTRIBUTE };

/** Names alone: values may be secrets, such as a user's password. */
function configurationText({ type, attributes }: ConfigurationPayload): string {
  const isXauth = (attribute: number): boolean => Object.values<number>(XAUTH_ATTRIBUTE).includes(attribute);
  const names = attributes.map(
    (attribute) => (isXauth(attribute.type) ? 'xauth ' : '') + nameIn(ATTRIBUTES, attribute.type),
  );
  return `ATTR: ${nameIn(CONFIGURATION_TYPE, type)}, attributes ${names.join(', ')}`;
}
