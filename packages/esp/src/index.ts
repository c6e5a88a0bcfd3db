export type { Batch, BatchPacket, Slots } from './batch.ts';
export { type EspCounters, RefusalCounter as EspRefusalCounter } from './counters.ts';
export { InboundSa, type InboundSaOptions } from './inbound.ts';
export type { Lifetime, LifetimeLimits, LifetimeState } from './lifetime.ts';
export { OutboundSa, type OutboundSaOptions } from './outbound.ts';
export type { OuterHeaderOptions } from './outer.ts';
export { PacketPool, type PacketPoolOptions } from './pool.ts';
export { ESP_REFUSALS, type EspRefusal, type Refused } from './refusals.ts';
export type { Opened, OpenResult, Sealed, SealResult } from './results.ts';
