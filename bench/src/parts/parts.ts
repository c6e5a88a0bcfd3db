import { gatewayParts } from './gateway.ts';
import { handshakeParts } from './handshake.ts';
import { isakmpParts } from './isakmp.ts';
import { junosParts } from './junos.ts';
import { replayParts } from './replay.ts';
import type { Part } from './run.ts';

/** All that is measured beside the way of packets. */
export function allParts(): readonly Part[] {
  return [...isakmpParts(), ...replayParts(), ...junosParts(), ...gatewayParts(), ...handshakeParts()];
}
