export {
  type AlmostValidPacket,
  almostValidPacket,
  breakingPacket,
  PACKET_RULES,
  type PacketRule,
  type PacketRuleName,
} from './almost-valid.ts';
export { type KeyedPacket, keyedPacket } from './packets.ts';
export { type KeyedSa, keyedSa, type Plaintext, sealed } from './sealed.ts';
