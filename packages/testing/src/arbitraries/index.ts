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
  anyIdentification,
  identification,
  type Message,
  message,
  payload,
  payloads,
  saPayload,
  unknownType,
} from './isakmp.ts';
export { list, mutated, octets, u8, u16, u32 } from './octets.ts';
