export { type AlmostValid, almostValid, breaking, RULES, type Rule, type RuleName } from './broken/rules.ts';
export { icmpMessage, icmpv6Message } from './icmp.ts';
export {
  addressPair,
  type ChainedPacket,
  chainedIpv6,
  ipv4Address,
  ipv4Options,
  ipv4Packet,
  ipv6Address,
  ipv6Packet,
  udpDatagram,
} from './ip.ts';
export {
  ahPacket,
  espPacket,
  ipcompPacket,
  sequence,
  spi,
  tcpFrame,
  tcpStream,
  udpEncapsulated,
} from './ipsec.ts';
export {
  aggressiveModeFirst,
  errorNotification,
  exchangeMessage,
  mainModeFirst,
  mainModeKeys,
  mainModeSecond,
} from './isakmp/exchanges.ts';
export { anyIdentification, identification } from './isakmp/identification.ts';
export { headerFields, type Message, message } from './isakmp/message.ts';
export { payload, payloads, unknownType } from './isakmp/payloads.ts';
export { ikeSa, ikeTransform } from './isakmp/phase-1.ts';
export { espTransform, ipsecSa, ipsecSpi, quickModeBody, quickModePayloads } from './isakmp/phase-2.ts';
export { attribute, proposal, saPayload, transform } from './isakmp/proposals.ts';
export { cookie, keyExchange, natDiscovery, nonce, vendorId } from './isakmp/values.ts';
export { list, mutated, octets, u8, u16, u32 } from './octets.ts';
export { ICMPV6_ENDS, STRUCTURES, type Structure, type StructureName, structure } from './structures.ts';
