export {
  type AskedLaw,
  checkDecoder,
  type DecoderReport,
  decoderLaws,
  examineDecoder,
  formatReport,
  LawError,
  type LawFinding,
} from './check-decoder.ts';
export { GROWTH_COUNTS } from './growth.ts';
export { DECODER_LAWS, type DecoderLaw, type Finding, type Violation } from './laws.ts';
export type { AlmostGood, Clock, DecoderOptions, ErrorClass, Growth, Refusing, Source } from './options.ts';
