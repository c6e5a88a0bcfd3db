// What lanes hold: a word for each.

export function get(words: usize, lane: i32): usize {
  return <usize>load<u32>(words + 4 * lane);
}

export function set(words: usize, lane: i32, value: usize): void {
  store<u32>(words + 4 * lane, <u32>value);
}
