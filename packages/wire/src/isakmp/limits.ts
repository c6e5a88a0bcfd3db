/** How much one message may hold. More is refused with the fault `limit`. */
export interface DecodeLimits {
  readonly payloads: number;
  readonly proposalsPerSa: number;
  readonly transformsPerProposal: number;
  readonly attributesPerTransform: number;
  readonly attributesPerConfiguration: number;
  readonly spisPerDelete: number;
}

/** The limits that hold where the caller gives no others. */
export const DECODE_LIMITS: DecodeLimits = {
  payloads: 128,
  proposalsPerSa: 32,
  transformsPerProposal: 128,
  attributesPerTransform: 32,
  attributesPerConfiguration: 256,
  spisPerDelete: 256,
};

/** ISAKMP messages in one datagram. */
export const MESSAGES_PER_DATAGRAM = 4;
