/**
 * Octets in memory of their own that is not shared: `Uint8Array<ArrayBuffer>`, which DOM's types ask for from TypeScript 5.9 on;
 * for compilers before 5.7, that have no such type, `Uint8Array`.
 */
export type OwnOctets = ReturnType<Uint8Array['slice']>;

/**
 * The octets of an argument, in place: a plain `Uint8Array` over the same memory, whose `slice` copies. (That of a Node
 * `Buffer` does not.)
 * @throws TypeError naming the argument unless `value` is a `Uint8Array`, of whatever realm.
 */
export function octetsView(argument: string, value: unknown): Uint8Array {
  if (!isOctets(value)) throw new TypeError(`${argument} must be a Uint8Array`);
  if (Object.getPrototypeOf(value) === Uint8Array.prototype) return value;
  return new Uint8Array(value.buffer, value.byteOffset, value.length);
}

/**
 * A copy of an argument's octets that nobody else has, plain and over memory of its own.
 * @throws TypeError as `octetsView`.
 */
export function copyOctets(argument: string, value: unknown): OwnOctets {
  return Uint8Array.from(octetsView(argument, value));
}

/**
 * Memory for a secret, which the garbage collector does not move: so no copy is left behind of what is overwritten one
 * day. (Few octets are kept among the objects otherwise, and go where these go.)
 */
export function secretOctets(octets: number): OwnOctets {
  return new Uint8Array(new ArrayBuffer(octets));
}

/** As `copyOctets`, in memory for a secret. @throws TypeError as `octetsView`. */
export function copySecret(argument: string, value: unknown): OwnOctets {
  const octets = octetsView(argument, value);
  const secret = secretOctets(octets.length);
  secret.set(octets);
  return secret;
}

const TYPED_ARRAY: object = Object.getPrototypeOf(Uint8Array.prototype);

/** By the name of its kind, which every typed array has of itself: the class differs from realm to realm. */
function isOctets(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Reflect.get(TYPED_ARRAY, Symbol.toStringTag, value) === 'Uint8Array';
}
