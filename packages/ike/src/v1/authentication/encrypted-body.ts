/**
 * The body of a payload as the revised form of public-key encryption encrypts it (RFC 2409 §5.3): whole blocks, of which the
 * last octet tells how many octets of padding are before it.
 */
export function padBody(body: Uint8Array, blockOctets: number): Uint8Array {
  const padded = new Uint8Array((Math.floor(body.length / blockOctets) + 1) * blockOctets);
  padded.set(body);
  padded[padded.length - 1] = padded.length - body.length - 1;
  return padded;
}

/** The body; undefined where it is not padded so. */
export function unpadBody(padded: Uint8Array, blockOctets: number): Uint8Array | undefined {
  const padding = padded.at(-1);
  if (padding === undefined || padded.length % blockOctets !== 0 || padding >= padded.length) return undefined;
  const end = padded.length - padding - 1;
  return padded.subarray(end, -1).every((octet) => octet === 0) ? Uint8Array.from(padded.subarray(0, end)) : undefined;
}
