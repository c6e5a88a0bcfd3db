export { Compressor, type CompressorCounters, type CompressorOptions } from './compressor.ts';
export { Decompressor, type DecompressorCounters, type DecompressorOptions } from './decompressor.ts';
export { inflate } from './inflate.ts';
export { IPCOMP_REFUSALS, type IpcompRefusal, type IpcompResult } from './refusals.ts';
