const ALL = 0x10000;

/** The numbers of ICMP's sequence field, which is two octets long, as they count on: each is near the one before. */
export function unwrapped(carried: readonly number[]): readonly number[] {
  let last = 0;
  return carried.map((low) => {
    const ahead = (low - last) & (ALL - 1);
    last += ahead < ALL / 2 ? ahead : ahead - ALL;
    return last;
  });
}
