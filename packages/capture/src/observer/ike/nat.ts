import { type HashName, hash } from '@espalier/crypto';
import { type DecodedPayload, equalOctets, parseAddress } from '@espalier/wire';

/** An end as it was captured. */
export interface CapturedEnd {
  readonly address: string;
  readonly port: number;
}

/** Which ends of a message a NAT has changed between where it was sent, and where it was captured (RFC 3947 §3.2). */
export function changedEnds(
  name: HashName,
  cookies: readonly [Uint8Array, Uint8Array],
  source: CapturedEnd,
  destination: CapturedEnd,
  payloads: readonly DecodedPayload[],
): { readonly source: boolean; readonly destination: boolean } | undefined {
  const [first, ...others] = payloads.flatMap((payload) => (payload.kind === 'nat-d' ? [payload.hash] : []));
  if (first === undefined) return undefined;
  const hashOf = ({ address, port }: CapturedEnd): Uint8Array =>
    // HASH = HASH(CKY-I | CKY-R | IP | Port)
    hash(name, cookies[0], cookies[1], parseAddress(address), Uint8Array.of(port >> 8, port & 255));
  const own = hashOf(source);
  return {
    source: others.length > 0 && !others.some((one) => equalOctets(one, own)),
    destination: !equalOctets(first, hashOf(destination)),
  };
}
