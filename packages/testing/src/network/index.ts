export { Chance, type ChoiceSource, givenChoices, recordedChoices, seededChoices } from './chance.ts';
export { type ClockOptions, NodeClock } from './clock.ts';
export type { Impairment, LinkContext, Transit } from './impairment.ts';
export {
  burstLoss,
  corruption,
  duplication,
  loss,
  reordering,
  replaying,
  truncation,
} from './impairments/chance-of.ts';
export { chained, cut, during, only } from './impairments/composed.ts';
export { mtu } from './impairments/mtu.ts';
export { bandwidth, delay, jitter } from './impairments/timing.ts';
export type { LogEntry, NetworkLog } from './log.ts';
export { Nat, type NatKind, type NatOptions } from './nat.ts';
export { Network } from './network.ts';
export { type DatagramEndpoint, type Node, type OutsideOfGateway, ofDatagrams, ofGateway } from './node.ts';
export type { AttachmentOptions, NetworkObserver, NetworkOptions, Passage } from './options.ts';
export { type Datagram, datagramIn, describePacket, destinationOf, packetAround } from './packets.ts';
