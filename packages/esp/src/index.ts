export type { Batch, BatchPacket, Slots } from './batch/batch.ts';
export { PacketPool, type PacketPoolOptions } from './batch/pool.ts';
export { InboundSa, type InboundSaOptions } from './esp/inbound.ts';
export { OutboundSa, type OutboundSaOptions } from './esp/outbound.ts';
export type { OuterHeaderOptions } from './modes/outer.ts';
export { type EspCounters, RefusalCounter as EspRefusalCounter } from './sa/counters.ts';
export type { Lifetime, LifetimeLimits, LifetimeState } from './sa/lifetime.ts';
export { ESP_REFUSALS, type EspRefusal, type Refused } from './sa/refusals.ts';
export type { Opened, OpenResult, Sealed, SealResult } from './sa/results.ts';
