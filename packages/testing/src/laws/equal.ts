/** Whether two decoded values say the same: octets by content, whatever they are views of. */
export function equalValues(a: unknown, b: unknown): boolean {
  return equal(a, b, new Map());
}

/** `open` holds what is being compared already, for values with circles. */
function equal(a: unknown, b: unknown, open: Map<object, object>): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (open.get(a) === b) return true;
  open.set(a, b);
  if (ArrayBuffer.isView(a) || ArrayBuffer.isView(b)) return equalViews(a, b);
  if (a instanceof ArrayBuffer && b instanceof ArrayBuffer) return equalViews(new Uint8Array(a), new Uint8Array(b));
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (a instanceof Map && b instanceof Map) return equal([...a], [...b], open);
  if (a instanceof Set && b instanceof Set) return equal([...a], [...b], open);
  if (classOf(a) !== classOf(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equal(Reflect.get(a, key), Reflect.get(b, key), open));
}

/** An object without a prototype is as plain as any. */
function classOf(value: object): unknown {
  return Object.getPrototypeOf(value) ?? Object.prototype;
}

/** Octet for octet, whatever kind of view. */
function equalViews(a: object, b: object): boolean {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b) || a.byteLength !== b.byteLength) return false;
  const [one, other] = [octetsOf(a), octetsOf(b)];
  return one.every((octet, i) => octet === other[i]);
}

function octetsOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
