import { firstOctets } from '../vectors/vectors';

/** XORs a key stream into a text of any length, in place. Up to 15 octets behind both are read; none is changed. */
export function xorStream(text: usize, octets: usize, stream: usize): void {
  const end = text + octets;
  for (; text + 64 <= end; text += 64, stream += 64) {
    xorVector(text, stream);
    xorVector(text + 16, stream + 16);
    xorVector(text + 32, stream + 32);
    xorVector(text + 48, stream + 48);
  }
  for (; text + 16 <= end; text += 16, stream += 16) xorVector(text, stream);
  if (text < end) v128.store(text, v128.xor(v128.load(text), firstOctets(v128.load(stream), end - text)));
}

function xorVector(text: usize, stream: usize): void {
  v128.store(text, v128.xor(v128.load(text), v128.load(stream)));
}
