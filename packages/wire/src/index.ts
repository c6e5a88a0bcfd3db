export { compareAddresses, formatAddress, parseAddress } from './addresses/address.ts';
export { IPV4_OCTETS } from './addresses/ipv4-text.ts';
export { IPV6_OCTETS } from './addresses/ipv6-text.ts';
export {
  type AddressPrefix,
  formatPrefix,
  maskLength,
  parsePrefix,
  prefixContains,
  prefixMask,
  prefixNetwork,
} from './addresses/prefix.ts';
export { DecodeError, FAULTS, type Fault } from './decode-error.ts';
export { readU16, readU32, writeU16, writeU32 } from './integers.ts';
export { type AddressPair, checksum, onesSum, pseudoHeaderSum, updateChecksum } from './ip/checksum.ts';
export { fragmentIpv4, fragmentIpv6, IPV4_MIN_MTU, IPV6_MIN_MTU } from './ip/fragmentation.ts';
export {
  decodeIcmp,
  EXCEEDED,
  encodeIcmp,
  ICMP_TYPE,
  type IcmpDestinationUnreachable,
  type IcmpEcho,
  type IcmpMessage,
  type IcmpOther,
  type IcmpTimeExceeded,
  icmpOriginal,
  UNREACHABLE,
} from './ip/icmp.ts';
export {
  decodeIcmpv6,
  encodeIcmpv6,
  ICMPV6_TYPE,
  type IcmpPacketTooBig,
  type Icmpv6Message,
  icmpv6Original,
} from './ip/icmpv6.ts';
/** An IP packet of either family in place, for what is touched per packet. */
export * as ip from './ip/ip-view.ts';
export { type DecodedIpv4, decodeIpv4, encodeIpv4, type Ipv4Fields, type Ipv4Packet } from './ip/ipv4.ts';
export { decodeIpv4Options, encodeIpv4Options, type Ipv4Option } from './ip/ipv4-options.ts';
/** The IPv4 header in place, for what is touched per packet. */
export * as ipv4 from './ip/ipv4-view.ts';
export { decodeIpv6, encodeIpv6, IPV6_HEADER_OCTETS, type Ipv6Packet } from './ip/ipv6.ts';
export { packetTooBig } from './ip/packet-too-big.ts';
export { PROTOCOL } from './ip/protocol.ts';
export {
  REASSEMBLY_LIMITS,
  Reassembler,
  type ReassemblyCounters,
  type ReassemblyLimits,
  type ReassemblyRefusal,
  type ReassemblyResult,
} from './ip/reassembly.ts';
export {
  type DecodedUdp,
  decodeUdp,
  encodeUdp,
  UDP_HEADER_OCTETS,
  type UdpDatagram,
} from './ip/udp.ts';
export { AH_HEADER_OCTETS, ahNextHeader, ahOctets, ahSequence, ahSignedSpi, writeAhHeader } from './ipsec/ah.ts';
export { prepareAhHeaders } from './ipsec/ah-headers.ts';
export { ESP_HEADER_OCTETS, espSequence, espSignedSpi, espSpi, writeEspHeader } from './ipsec/esp.ts';
export {
  IPCOMP_DEFLATE,
  IPCOMP_HEADER_OCTETS,
  ipcompCpi,
  ipcompNextHeader,
  writeIpcompHeader,
} from './ipsec/ipcomp.ts';
export {
  encodeTcpFrame,
  TCP_MESSAGE_OCTETS,
  TCP_STREAM_PREFIX,
  type TcpFrame,
  TcpFrameDecoder,
  type TcpStreamFault,
} from './ipsec/tcp-encapsulation.ts';
export {
  classifyAtIkePort,
  classifyUdpEncapsulated,
  NAT_TRAVERSAL_PORT,
  NON_ESP_MARKER_OCTETS,
  NON_IKE_MARKER_OCTETS,
  type UdpEncapsulated,
} from './ipsec/udp-encapsulation.ts';
export { attributeNumber, numberAttribute } from './isakmp/codecs/attributes.ts';
export { PAYLOAD_HEADER_OCTETS } from './isakmp/codecs/chain.ts';
export {
  decodeFragment,
  FRAGMENT_OVERHEAD_OCTETS,
  type Fragment,
  fragmentMessage,
  isFragment,
} from './isakmp/fragment.ts';
export {
  COOKIE_OCTETS,
  decodeHeader,
  encodeHeader,
  type HeaderFields,
  ISAKMP_HEADER_OCTETS,
} from './isakmp/header.ts';
export {
  checkIdentification,
  equalIdentification,
  formatIdentification,
  identificationContains,
  identificationText,
} from './isakmp/identification.ts';
export {
  fqdnId,
  type IdentificationPorts,
  ipv4AddressId,
  ipv4RangeId,
  ipv4SubnetId,
  ipv6AddressId,
  ipv6RangeId,
  ipv6SubnetId,
  keyId,
  userFqdnId,
} from './isakmp/identities.ts';
export { DECODE_LIMITS, type DecodeLimits, MESSAGES_PER_DATAGRAM } from './isakmp/limits.ts';
export { type DecodedMessage, decodeMessage, encodeMessage, splitMessages } from './isakmp/message.ts';
export {
  decodePayloads,
  type EncodedPayloads,
  encodePayloadBody,
  encodePayloads,
  payloadType,
} from './isakmp/payloads.ts';
export {
  CONFIGURATION_ATTRIBUTE,
  CONFIGURATION_TYPE,
  UNITY_ATTRIBUTE,
  XAUTH_ATTRIBUTE,
  XAUTH_STATUS,
  XAUTH_TYPE,
} from './isakmp/registry/configuration.ts';
export {
  AH_TRANSFORM,
  AUTH_ALGORITHM,
  ENCAPSULATION_MODE,
  ESP_TRANSFORM,
  IPCOMP_TRANSFORM,
  IPSEC_ATTRIBUTE,
} from './isakmp/registry/ipsec.ts';
export {
  CERT_ENCODING,
  DOI_IPSEC,
  EXCHANGE,
  FLAG,
  ID_TYPE,
  PAYLOAD,
  PROTOCOL_ID,
  SITUATION,
} from './isakmp/registry/isakmp.ts';
export { NOTIFY, notifyName } from './isakmp/registry/notify.ts';
export {
  KEY_IKE,
  LIFE_TYPE,
  OAKLEY_ATTRIBUTE,
  OAKLEY_AUTHENTICATION,
  OAKLEY_ENCRYPTION,
  OAKLEY_GROUP_TYPE,
  OAKLEY_HASH,
  OAKLEY_PRF,
} from './isakmp/registry/oakley.ts';
export { VENDOR_ID } from './isakmp/registry/vendor-ids.ts';
export { VENDORS, type VendorMeaning } from './isakmp/registry/vendors.ts';
export type {
  Attribute,
  CertificatePayload,
  CertificateRequestPayload,
  ConfigurationPayload,
  DecodedPayload,
  DecodedPayloads,
  DeletePayload,
  HashPayload,
  Identification,
  IdentificationPayload,
  IsakmpHeader,
  KeyExchangePayload,
  NatDiscoveryPayload,
  NatOriginalAddressPayload,
  NoncePayload,
  NotificationPayload,
  Payload,
  PayloadOctets,
  Proposal,
  SaPayload,
  SignaturePayload,
  Transform,
  UnknownPayload,
  VendorIdPayload,
} from './isakmp/types.ts';
export { implementationOf, vendorMeaning } from './isakmp/vendor-ids.ts';
export {
  concat,
  equalOctets,
  fromAscii,
  fromHex,
  type OwnOctets,
  requireMembers,
  requireObject,
  toHex,
} from './octets.ts';
export { Reader } from './reader.ts';
export {
  after,
  between,
  type Duration,
  type Instant,
  instant,
  milliseconds,
  type Spi,
  seconds,
  spi,
} from './units.ts';
export { Writer } from './writer.ts';
