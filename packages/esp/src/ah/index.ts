export { InboundAhSa, type InboundAhSaOptions } from './inbound.ts';
export { OutboundAhSa, type OutboundAhSaOptions } from './outbound.ts';
export { type AhForm, type AhOverhead, ahOverhead } from './sizes.ts';
