/** Octets of an IPv4 address. */
export const IPV4_OCTETS = 4;

/** The 4 octets of a dotted quad, if it is one. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== IPV4_OCTETS) return undefined;
  const octets = new Uint8Array(IPV4_OCTETS);
  for (const [i, part] of parts.entries()) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    octets[i] = Number(part);
  }
  return octets;
}

export function formatIpv4(octets: Uint8Array): string {
  return octets.join('.');
}
