/// <reference path="./webassembly.d.ts" />
export type SimdLevel = 'none' | 'simd' | 'relaxed';

/** How much of SIMD this platform runs. Without WebAssembly it is 'none'. */
export function simdLevel(): SimdLevel {
  if (typeof WebAssembly === 'undefined') return 'none';
  if (runs(RELAXED_SWIZZLE)) return 'relaxed';
  return runs(SWIZZLE) ? 'simd' : 'none';
}

/** Their opcodes, as the kernels use them. */
const SWIZZLE = [0xfd, 0x0e];
const RELAXED_SWIZZLE = [0xfd, 0x80, 0x02];

/** Whether a module is valid whose one function applies an instruction to two vectors of zeros. */
function runs(instruction: readonly number[]): boolean {
  const zeros = [0x41, 0x00, 0xfd, 0x0f];
  const body = [0x00, ...zeros, ...zeros, ...instruction, 0x1a, 0x0b];
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const types = [0x01, 0x04, 0x01, 0x60, 0x00, 0x00];
  const functions = [0x03, 0x02, 0x01, 0x00];
  const code = [0x0a, body.length + 2, 0x01, body.length, ...body];
  return WebAssembly.validate(Uint8Array.of(...header, ...types, ...functions, ...code));
}
