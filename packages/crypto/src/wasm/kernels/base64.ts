const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The octets of base64 (RFC 4648 §4) that a build has written: well-formed, padded. */
export function fromBase64(text: string): Uint8Array {
  const values = new Uint8Array(128);
  for (let i = 0; i < ALPHABET.length; i++) values[ALPHABET.charCodeAt(i)] = i;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const octets = new Uint8Array((text.length / 4) * 3 - padding);
  for (let from = 0, to = 0; from < text.length; from += 4, to += 3) {
    let group = 0;
    for (let i = 0; i < 4; i++) group = (group << 6) | (values[text.charCodeAt(from + i)] ?? 0);
    octets[to] = group >> 16;
    octets[to + 1] = group >> 8;
    octets[to + 2] = group;
  }
  return octets;
}
