/**
 * Writes what an AEAD authenticates beside its text: SPI and sequence number, with ESN its high half first (RFC 4106 §5,
 * RFC 4309 §5). Returns its octets: 8, or 12.
 */
export function writeAssociatedData(
  out: DataView,
  at: number,
  view: DataView,
  packet: number,
  sequenceHigh: number | undefined,
): number {
  out.setInt32(at, view.getInt32(packet));
  if (sequenceHigh === undefined) {
    out.setInt32(at + 4, view.getInt32(packet + 4));
    return 8;
  }
  out.setInt32(at + 4, sequenceHigh);
  out.setInt32(at + 8, view.getInt32(packet + 4));
  return 12;
}
