import { FLAG, type HeaderFields, type Payload } from '@espalier/wire';
import fc from 'fast-check';
import { octets, u8, u32 } from '../octets.ts';
import { payloads } from './payloads.ts';

/** Of a message in clear. */
export const headerFields: fc.Arbitrary<HeaderFields> = fc.record({
  initiatorCookie: octets(8),
  responderCookie: octets(8),
  exchange: u8,
  flags: fc.constantFrom(0, FLAG.commit, FLAG.authenticationOnly, FLAG.commit | FLAG.authenticationOnly),
  messageId: u32,
});

/** A message in clear, as `encodeMessage` takes it. */
export interface Message {
  readonly fields: HeaderFields;
  readonly payloads: readonly Payload[];
}

/** Of any exchange, with any payloads. */
export const message: fc.Arbitrary<Message> = fc.record({ fields: headerFields, payloads });
