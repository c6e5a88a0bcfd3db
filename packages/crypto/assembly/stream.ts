/** XORs a key stream into a text of any length, in place; nothing behind the text is written. */
export function xorStream(text: usize, octets: usize, stream: usize): void {
  const end = text + octets;
  for (; text + 16 <= end; text += 16, stream += 16) v128.store(text, v128.xor(v128.load(text), v128.load(stream)));
  for (; text + 4 <= end; text += 4, stream += 4) store<u32>(text, load<u32>(text) ^ load<u32>(stream));
  for (; text < end; text++, stream++) store<u8>(text, load<u8>(text) ^ load<u8>(stream));
}
