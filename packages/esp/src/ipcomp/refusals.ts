/** Why a packet was not compressed or decompressed, in the order of the checks. */
export const IPCOMP_REFUSALS = [
  /** What is to be compressed is not a whole IP packet; or what was decompressed in tunnel mode. */
  'bad-inner',
  /** What came is not a whole IP packet that leads to IPComp, or to what IPComp left as it was. */
  'bad-outer',
  /** A fragment, which must be reassembled first (RFC 3173 §2). */
  'fragment',
  /** Too short for an IPComp header. */
  'malformed',
  /** Of another association (RFC 3173 §3.3). */
  'wrong-cpi',
  /** No DEFLATE stream, or one that is cut short. */
  'bad-data',
  /** Compressed within IPComp once more, or in tunnel mode what is no IP packet. */
  'bad-next-header',
  /** Marked as congested outside, and the inner packet cannot carry the mark (RFC 6040 §4.2). */
  'congested',
  /** The packet would be longer than is allowed. */
  'too-long',
] as const;

/** Why a packet was not compressed or decompressed: one of `IPCOMP_REFUSALS`. */
export type IpcompRefusal = (typeof IPCOMP_REFUSALS)[number];

/** What became of a packet; `ok` tells which. */
export type IpcompResult =
  | {
      readonly ok: true;
      readonly octets: Uint8Array;
      /** False for one that goes, or came, without an IPComp header. */
      readonly wasCompressed: boolean;
    }
  | { readonly ok: false; readonly reason: IpcompRefusal };

/** The refusal of that reason: always the same frozen value. */
export function ipcompRefused(reason: IpcompRefusal): IpcompResult {
  return REFUSED.get(reason) ?? freeze(reason);
}

const REFUSED: ReadonlyMap<IpcompRefusal, IpcompResult> = new Map(
  IPCOMP_REFUSALS.map((reason) => [reason, freeze(reason)]),
);

function freeze(reason: IpcompRefusal): IpcompResult {
  return Object.freeze({ ok: false, reason });
}
