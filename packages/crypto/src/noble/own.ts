import type { Engine, EspTransform, EspTransformOptions } from '../engine.ts';
import { checkTransformOptions } from '../engine-parts.ts';
import { openMany, openRuns, sealMany, sealRuns } from '../many.ts';
import { viewOf } from '../memory.ts';
import { copySecret } from '../octets.ts';
import { equalConstantTime, wipe } from '../secrets.ts';
import type { KeyedOwnAead, OwnAead, OwnCipher, OwnMac } from '../suites/own.ts';
import { isOwnSuite, type OwnSuiteParts, ownSuiteParts } from '../suites/own-registry.ts';
import { writeAssociatedData } from './associated-data.ts';
import { CIPHERS, type TextCipher } from './ciphers.ts';
import { EncryptThenMac } from './encrypt-then-mac.ts';
import { ESP_HEADER_OCTETS, IvReader } from './ivs.ts';
import { JobTransform } from './job-transform.ts';
import { MACS, type Mac } from './macs.ts';

/**
 * The same engine, which computes the suites of `defineSuite` too: what a caller brought by the caller's code, what is
 * beside it in portable JavaScript, whatever the engine. All else is the engine's.
 */
export function withOwnSuites(engine: Engine): Engine {
  return {
    name: engine.name,
    supports: (suite) => isOwnSuite(suite) || engine.supports(suite),
    allocate: (octets) => engine.allocate(octets),
    release: (memory) => engine.release(memory),
    createEspTransform: (options) => createOwnTransform(options) ?? engine.createEspTransform(options),
    sealMany: (memory, jobs, transforms, iv) =>
      hasOwn(transforms) ? sealRuns(memory, jobs, transforms, iv) : sealMany(engine, memory, jobs, transforms, iv),
    openMany: (memory, jobs, transforms) =>
      hasOwn(transforms) ? openRuns(memory, jobs, transforms) : openMany(engine, memory, jobs, transforms),
    createIcvTransform: (options) => engine.createIcvTransform(options),
    createDhKeyPair: (group, rng) => engine.createDhKeyPair(group, rng),
    ...(engine.createPrivateGroupKeyPair === undefined
      ? {}
      : { createPrivateGroupKeyPair: engine.createPrivateGroupKeyPair.bind(engine) }),
    signatures: engine.signatures,
  };
}

function hasOwn(transforms: readonly EspTransform[]): boolean {
  return transforms.some((transform) => transform?.suite.own);
}

/** Undefined for a suite that is ours. */
function createOwnTransform(given: EspTransformOptions): EspTransform | undefined {
  const parts = ownSuiteParts(given.suite);
  if (parts === undefined) return undefined;
  const options = checkTransformOptions(given);
  const transform = keyParts(parts, options);
  if (options.strictConstantTime && !transform.constantTime) {
    transform.wipe();
    throw new TypeError(`${options.suite.name} is not constant-time`);
  }
  return transform;
}

function keyParts(parts: OwnSuiteParts, options: EspTransformOptions): EspTransform {
  if ('aead' in parts) return new OwnAeadTransform(options, parts.aead);
  const { cipher, mac } = parts;
  return new EncryptThenMac(
    options,
    'key' in cipher ? ownCipher(cipher, options) : CIPHERS[cipher.encryption](options),
    'key' in mac ? new OwnMacCore(mac, options.keys.integrity) : MACS[mac.integrity](options.keys.integrity),
  );
}

/** The octets of a view, as a caller's code takes them. */
function octetsOf(view: DataView, from: number, to: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + from, to - from);
}

/** Keys of its own, which a caller's code may keep. */
function ownKeys({ keys }: EspTransformOptions): { readonly encryption: Uint8Array; readonly salt: Uint8Array } {
  const { encryption, salt } = keys;
  return { encryption: copySecret('keys.encryption', encryption), salt: copySecret('keys.salt', salt) };
}

function ownCipher(cipher: OwnCipher, options: EspTransformOptions): TextCipher {
  const { ivOctets, constantTime = false } = cipher;
  const keyed = cipher.key(ownKeys(options), options.direction);
  return {
    constantTime,
    run: (view, from, to) => keyed.run(octetsOf(view, from - ivOctets, from), octetsOf(view, from, to)),
    wipe: () => keyed.wipe(),
  };
}

class OwnMacCore implements Mac {
  readonly constantTime: boolean;
  readonly #keyed: ReturnType<OwnMac['key']>;
  readonly #icv: Uint8Array;
  readonly #trailer: Uint8Array = new Uint8Array(4);

  constructor(mac: OwnMac, key: Uint8Array) {
    this.constantTime = mac.constantTime ?? false;
    this.#keyed = mac.key(copySecret('keys.integrity', key));
    this.#icv = new Uint8Array(mac.icvOctets);
  }

  compute(view: DataView, from: number, to: number, trailer?: number): void {
    if (trailer !== undefined) viewOf(this.#trailer).setInt32(0, trailer);
    this.#keyed.compute(octetsOf(view, from, to), this.#trailer.subarray(0, trailer === undefined ? 0 : 4), this.#icv);
  }

  write(view: DataView, at: number, octets: number): void {
    octetsOf(view, at, at + octets).set(this.#icv);
  }

  matches(view: DataView, at: number, octets: number): boolean {
    return equalConstantTime(octetsOf(view, at, at + octets), this.#icv);
  }

  wipe(): void {
    this.#keyed.wipe();
    wipe(this.#icv);
  }
}

class OwnAeadTransform extends JobTransform {
  readonly constantTime: boolean;
  readonly #keyed: KeyedOwnAead;
  readonly #esn: boolean;
  readonly #ivs: IvReader;
  readonly #iv: Uint8Array = new Uint8Array(8);
  readonly #associated: Uint8Array = new Uint8Array(12);

  constructor(options: EspTransformOptions, aead: OwnAead) {
    super(options);
    this.constantTime = aead.constantTime ?? false;
    this.#keyed = aead.key(ownKeys(options));
    this.#esn = options.esn;
    this.#ivs = new IvReader(options);
  }

  protected sealPacket(view: DataView, from: number, to: number, sequenceHigh: number): void {
    const { associated, text, icv } = this.#read(view, from, to, sequenceHigh);
    this.#keyed.seal(this.#iv, associated, text, icv);
  }

  protected openPacket(view: DataView, from: number, to: number, sequenceHigh: number): boolean {
    const { associated, text, icv } = this.#read(view, from, to, sequenceHigh);
    return this.#keyed.open(this.#iv, associated, text, icv);
  }

  protected wipeKeys(): void {
    this.#keyed.wipe();
  }

  /** The parts of a packet; leaves its IV in `#iv`. */
  #read(view: DataView, from: number, to: number, sequenceHigh: number) {
    const { ivOctets, icvOctets } = this.suite;
    this.#ivs.start({ start: (at, iv) => this.#iv.set(octetsOf(at, iv, iv + 8)) }, view, from, sequenceHigh);
    const high = this.#esn ? sequenceHigh : undefined;
    const octets = writeAssociatedData(viewOf(this.#associated), 0, view, from, high);
    const icvAt = to - icvOctets;
    return {
      associated: this.#associated.subarray(0, octets),
      text: octetsOf(view, from + ESP_HEADER_OCTETS + ivOctets, icvAt),
      icv: octetsOf(view, icvAt, to),
    };
  }
}
