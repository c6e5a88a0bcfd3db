export {
  type ChosenByChance,
  ModelGateway,
  type ModelGatewayOptions,
  type ModelRefusal,
  type ModelVerdict,
} from './gateway.ts';
export type { ModelPolicy } from './policy.ts';
export type { ModelSa } from './sa.ts';
export { MODEL_SUITES, type ModelSuiteName } from './suites.ts';
