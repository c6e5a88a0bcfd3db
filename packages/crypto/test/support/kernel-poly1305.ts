/// <reference path="../../src/wasm/kernels/webassembly.d.ts" />
import { compile } from '../../scripts/compile.mjs';

/** No export of the kernels takes a one-time key, so that the laws of the sum need an entry of their own. */
const ENTRY = `
import { chachaBlocks, POLY_BLOCKS } from './chacha20/chacha20';
import { POLY_OCTETS, polyBegin, polyBlocks, polyFinish } from './chacha20/poly1305';
const SUM: usize = memory.data(112, 16);
export function heapBase(): usize { return __heap_base; }
export function tag(key: usize, blocks: usize, count: usize, doubleRounds: usize, places: usize): void {
  polyBegin(SUM, key);
  const rounds = min(doubleRounds, count / POLY_BLOCKS);
  const taken = POLY_BLOCKS * rounds;
  if (rounds > 0) chachaBlocks(places, SUM, blocks, rounds);
  polyBlocks(SUM, blocks + 16 * taken, count - taken);
  v128.store(key, polyFinish(SUM));
}
`;

const PAGES = 2;

interface Entry {
  heapBase(): number;
  tag(key: number, blocks: number, count: number, doubleRounds: number, places: number): void;
}

interface KernelPoly1305 {
  /** The first blocks are taken beside so many double rounds of ChaCha20. */
  tag(key: Uint8Array, blocks: Uint8Array, doubleRounds: number): Uint8Array;
}

/** Poly1305 as the kernels have it, compiled alone. */
export async function kernelPoly1305(): Promise<KernelPoly1305> {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  const octets = await compile('assembly/entry.ts', new Map([['assembly/entry.ts', ENTRY]]), []);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(octets), { env: { memory } });
  if (!isEntry(exports)) throw new TypeError('the entry exports functions');
  const places = exports.heapBase();
  const at = places + 512;
  return {
    tag(key, blocks, doubleRounds) {
      if (at + 32 + blocks.length > memory.buffer.byteLength) throw new RangeError('too many blocks');
      const heap = new Uint8Array(memory.buffer);
      heap.set(key, at);
      heap.set(blocks, at + 32);
      exports.tag(at, at + 32, blocks.length / 16, doubleRounds, places);
      return heap.slice(at, at + 16);
    },
  };
}

function isEntry(exports: unknown): exports is Entry {
  return typeof exports === 'object' && exports !== null && 'heapBase' in exports && 'tag' in exports;
}
