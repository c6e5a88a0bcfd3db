import { nobleEngine } from '@espalier/crypto';
import { decodeMessage, encodeMessage } from '@espalier/wire';
import { createEndpoints, NOW } from './endpoints.ts';
import type { Part } from './run.ts';

/** Reading and writing a first message of Main Mode, as our own initiator sends it. */
export function isakmpParts(): readonly Part[] {
  const { initiator } = createEndpoints(nobleEngine(), 14);
  initiator.initiate(NOW, 'peer');
  const octets = initiator.pollTransmit()?.octets;
  if (octets === undefined) throw new Error('the initiator sends nothing');
  const { header, payloads } = decodeMessage(octets);
  const message = `ISAKMP message of ${octets.length} octets, ${payloads.length} payloads`;
  return [
    { name: `decode an ${message}`, run: () => decodeMessage(octets) },
    { name: `encode an ${message}`, run: () => encodeMessage(header, payloads) },
  ];
}
