/// <reference path="./webassembly.d.ts" />

type Address = number;
/** 0 or 1. */
type Flag = number;

/**
 * What `assembly/index.ts` exports. `count` packets are those at the front of the job table; each has its own context, of
 * which all are keyed for the same suite. `keysAt`: how far into a context the cipher's keys begin.
 */
export interface Kernels {
  /** Runs the module's static initialisers: first of all calls. */
  start(): void;
  readonly JOB_CAPACITY: { readonly value: number };
  jobTable(): Address;
  /** Where the memory that the host hands out begins. */
  heapBase(): Address;
  /** Overwrites the working memory of all kernels. */
  forget(): void;

  /** Copies one IV after the other from `ivs` into packets `from` to `to`. */
  placeIvs(ivs: Address, ivOctets: number, from: number, to: number): void;
  /** Writes the sequence number into the packets as their IVs. */
  placeSequenceIvs(esn: Flag, from: number, to: number): void;

  /** `hash`: 0 MD5, 1 SHA-1, 2 SHA-256, 3 SHA-384, 4 SHA-512. */
  hmacKey(context: Address, hash: number, key: Address, keyOctets: number): void;
  hmacSeal(hash: number, count: number, icvOctets: number, esn: Flag): void;
  hmacOpen(hash: number, count: number, icvOctets: number, esn: Flag): void;

  /** Round keys to encrypt or to decrypt with. */
  aesKey(context: Address, key: Address, keyOctets: number, decrypt: Flag): void;
  /**
   * Makes chains of the packets, for `macRest` and the like to encrypt in place. With `ivOctets` 0 they begin with a random
   * block each, of which the IV is made.
   */
  aesCbcSeal(keysAt: number, from: number, to: number, ivOctets: number, icvOctets: number): void;
  aesCbcOpen(keysAt: number, from: number, to: number, icvOctets: number): void;
  /** Encrypts blocks in place; the last of fewer than four is followed by room for four. */
  aesEcb(context: Address, blocks: Address, octets: number): void;

  /**
   * Encrypts blocks of those jobs `from` to `to` that are alive: one for every 16 octets that there are beside `overhead`,
   * unless that is 0, and `more`.
   */
  aesEcbMany(keysAt: number, from: number, to: number, overhead: number, more: number, blocks: Address): void;

  /** The salt stands behind the key. */
  ctrKey(context: Address, key: Address, keyOctets: number): void;
  /** Counter blocks of those jobs `from` to `to` that are alive; returns their octets. */
  ctrCounters(keysAt: number, from: number, to: number, icvOctets: number, stream: Address): number;
  /** XORs the key stream into the texts of the same jobs. */
  ctrCrypt(from: number, to: number, icvOctets: number, stream: Address): void;

  /** Octets of IVs, 8 or 0, and of ICVs: before the calls for an AEAD's batch. */
  shapeAead(ivOctets: number, icvOctets: number, esn: Flag): void;

  /** The salt stands behind the key. */
  gcmKey(context: Address, key: Address, keyOctets: number): void;
  /** Counter blocks of jobs `from` to `to`, with GMAC one for each; returns their octets. */
  gcmCounters(from: number, to: number, stream: Address, gmac: Flag): number;
  gcmSeal(from: number, to: number, stream: Address, gmac: Flag): void;
  gcmOpen(from: number, to: number, stream: Address, gmac: Flag): void;

  /** CBC and CBC-MACs: the first block of every message, then the next of each that has more; returns their octets. */
  macFirst(blocks: Address): number;
  macNext(blocks: Address): number;
  /** Finishes all messages. */
  macRest(): void;

  xcbcKey(context: Address, key: Address): void;
  cmacKey(context: Address, key: Address): void;
  /** Makes messages for CBC-MACs of the packets. */
  aesMacBegin(count: number, icvOctets: number, esn: Flag): void;
  aesMacSeal(count: number): void;
  aesMacOpen(count: number): void;

  /** The salt stands behind the key. */
  ccmKey(context: Address, key: Address, keyOctets: number): void;
  ccmCounters(from: number, to: number, stream: Address): number;
  /** XORs the key stream into all texts, or into those that were refused. */
  ccmCrypt(from: number, to: number, stream: Address, refused: Flag): void;
  /** Makes messages for CBC-MACs of texts in clear. */
  ccmBegin(from: number, to: number): void;
  ccmFinish(from: number, to: number, stream: Address, verify: Flag): void;

  /** AES-CBC of jobs `from` to `to` by the platform: one input out of all, and the output back into them. */
  gatherSeal(from: number, to: number, icvOctets: number, random: Address, input: Address): number;
  scatterSeal(from: number, to: number, icvOctets: number, output: Address): void;
  gatherOpen(from: number, to: number, icvOctets: number, input: Address): number;
  scatterOpen(from: number, to: number, icvOctets: number, output: Address): void;

  /** `context`: 32 octets of key, then four of salt. */
  chachaSeal(count: number): void;
  chachaOpen(count: number): void;

  desKey(context: Address, key: Address, triple: Flag): void;
  desSeal(keysAt: number, count: number, icvOctets: number, triple: Flag, strict: Flag): void;
  desOpen(keysAt: number, count: number, icvOctets: number, triple: Flag): void;
}

export interface LoadedKernels {
  readonly kernels: Kernels;
  readonly memory: ArrayBufferLike;
  readonly relaxed: boolean;
}

const PAGE_OCTETS = 65_536;

/** Octets as text: the code of each, which is a character, or `}` or `~` and another; and the codes of all that there are. */
export interface OctetText {
  readonly alphabet: string;
  readonly text: string;
}

/** The kernels for one level of SIMD. */
export interface KernelSource {
  readonly level: 'simd' | 'relaxed';
  /** The octets of WebAssembly, as the build has written them. */
  readonly module: OctetText;
}

/** Instantiates the kernels over a memory of its own, of at least `octets` octets that never grows. */
export function loadKernels(octets: number, source: KernelSource): LoadedKernels {
  const pages = Math.ceil(octets / PAGE_OCTETS);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = new WebAssembly.Instance(moduleOf(source), { env: { memory } });
  const kernels = kernelsOf(instance.exports);
  kernels.start();
  return { kernels, memory: memory.buffer, relaxed: source.level === 'relaxed' };
}

const modules = new Map<KernelSource['level'], WebAssembly.Module>();

function moduleOf({ level, module: text }: KernelSource): WebAssembly.Module {
  let module = modules.get(level);
  if (module === undefined) {
    module = new WebAssembly.Module(octetsOf(text));
    modules.set(level, module);
  }
  return module;
}

/** `}` and `~`, and the number of codes that each of them, or neither, may begin. */
const FIRST_PREFIX = 0x7d;
const SECOND_PREFIX = 0x7e;
const ROW = 128;

function octetsOf({ alphabet, text }: OctetText): Uint8Array<ArrayBuffer> {
  const octetOf = new Uint8Array(3 * ROW);
  let octet = 0;
  eachCode(alphabet, (code) => {
    octetOf[code] = octet++;
  });
  const octets = new Uint8Array(text.length);
  let count = 0;
  eachCode(text, (code) => {
    octets[count++] = octetOf[code] ?? 0;
  });
  return octets.slice(0, count);
}

function eachCode(text: string, take: (code: number) => void): void {
  let row = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === FIRST_PREFIX) row = ROW;
    else if (char === SECOND_PREFIX) row = 2 * ROW;
    else {
      take(row + char);
      row = 0;
    }
  }
}

function kernelsOf(exports: unknown): Kernels {
  if (!areKernels(exports)) throw new TypeError('the kernel module does not export its kernels');
  return exports;
}

function areKernels(exports: unknown): exports is Kernels {
  return typeof exports === 'object' && exports !== null && 'start' in exports && 'jobTable' in exports;
}
