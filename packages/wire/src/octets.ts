/**
 * Octets in memory of their own that is not shared: `Uint8Array<ArrayBuffer>`, which DOM's types ask for from TypeScript 5.9 on;
 * for compilers before 5.7, that have no such type, `Uint8Array`.
 */
export type OwnOctets = ReturnType<Uint8Array['slice']>;

const HEX_OCTETS: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal, two digits an octet. @throws TypeError unless `octets` are a Uint8Array. */
export function toHex(octets: Uint8Array): string {
  requireOctets('octets', octets);
  const digits: string[] = [];
  for (let i = 0; i < octets.length; i++) digits.push(HEX_OCTETS[octets[i] ?? 0] ?? '');
  // Joined, and not added up: such a string would be kept as the tree of its additions, many times as large.
  return digits.join('');
}

/** @throws RangeError unless `text` is an even number of hexadecimal digits, of either case. */
export function fromHex(text: string): OwnOctets {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new RangeError('fromHex: text must be an even number of hexadecimal digits');
  }
  const octets = new Uint8Array(text.length / 2);
  for (let i = 0; i < octets.length; i++) octets[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return octets;
}

/** @throws TypeError unless `text` is a string; RangeError unless every character of it is ASCII. */
export function fromAscii(text: string): OwnOctets {
  if (typeof text !== 'string') throw new TypeError('text must be a string');
  const octets = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) throw new RangeError('fromAscii: text must be ASCII');
    octets[i] = code;
  }
  return octets;
}

/** A new array: `a | b | ...` in the RFCs' notation. */
export function concat(...parts: readonly Uint8Array[]): OwnOctets {
  let length = 0;
  for (const part of parts) {
    requireOctets('parts', part);
    length += part.length;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Stops at the first difference: for what is public, never for a key, a hash or an ICV.
 * @throws TypeError unless both are a Uint8Array.
 */
export function equalOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (!(a instanceof Uint8Array)) requireOctets('a', a);
  if (!(b instanceof Uint8Array)) requireOctets('b', b);
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * The octets of an argument, in place: a plain `Uint8Array` over the same memory, whose `slice` copies. (That of a Node
 * `Buffer` does not.)
 * @throws TypeError naming the argument unless `value` is a `Uint8Array`, of whatever realm.
 */
export function octetsView(argument: string, value: unknown): Uint8Array {
  requireOctets(argument, value);
  if (Object.getPrototypeOf(value) === Uint8Array.prototype) return value;
  return new Uint8Array(value.buffer, value.byteOffset, value.length);
}

/** A copy of an argument's octets that nobody else has. @throws TypeError as `octetsView`. */
export function copyOctets(argument: string, value: unknown): Uint8Array {
  return octetsView(argument, value).slice();
}

/** @throws TypeError naming the argument unless `value` is a `Uint8Array`, of whatever realm. */
export function requireOctets(argument: string, value: unknown): asserts value is Uint8Array {
  if (!isOctets(value)) throw new TypeError(`${argument} must be a Uint8Array`);
}

/** @throws TypeError naming the argument unless `value` is an object. */
export function requireObject(argument: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${argument} must be an object`);
}

/** @throws TypeError that names the member of the argument which is none of these. */
export function requireMembers(argument: string, value: object, members: Readonly<Record<string, true>>): void {
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(members, name)) throw new TypeError(`${argument}.${name}: there is no such member`);
  }
}

const TYPED_ARRAY: object = Object.getPrototypeOf(Uint8Array.prototype);

/** By the name of its kind, which every typed array has of itself: the class differs from realm to realm. */
function isOctets(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Reflect.get(TYPED_ARRAY, Symbol.toStringTag, value) === 'Uint8Array';
}
