import { randomFillSync } from 'node:crypto';
import { type DhGroupNumber, nobleEngine } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import type { IkeEndpoint } from '@espalier/ike';
import { createEndpoints, INITIATOR, NOW, RESPONDER } from './endpoints.ts';
import type { Part } from './run.ts';

const GROUPS: readonly DhGroupNumber[] = [2, 14];
const COOKIE_OCTETS = 8;

/** Main Mode and Quick Mode, both ends; and what a first message costs the end that it reaches. */
export function handshakeParts(): readonly Part[] {
  const engines = [nobleEngine(), nodeEngine()];
  const handshakes = engines.flatMap((engine) =>
    GROUPS.map((group) => ({
      name: `Main and Quick Mode, both ends, group ${group}, engine ${engine.name}`,
      run: () => {
        const { initiator, responder } = createEndpoints(engine, group);
        initiator.initiate(NOW, 'peer');
        while (pass(initiator, responder) || pass(responder, initiator));
        if (initiator.children().length !== 1 || responder.children().length !== 1) throw new Error('no child SA');
      },
    })),
  );
  return [...handshakes, halfOpenPart()];
}

/** Each one has a cookie of its own, so that each opens a session; the oldest half-open one gives way. */
function halfOpenPart(): Part {
  const { initiator, responder } = createEndpoints(nodeEngine(), 14);
  initiator.initiate(NOW, 'peer');
  const first = initiator.pollTransmit()?.octets;
  if (first === undefined) throw new Error('the initiator sends nothing');
  return {
    name: 'a first message of Main Mode, at the responder',
    run: () => {
      randomFillSync(first, 0, COOKIE_OCTETS);
      const { ok } = responder.handleDatagram(NOW, INITIATOR, RESPONDER, first);
      if (!ok || responder.pollTransmit() === undefined) throw new Error('the responder does not answer');
      while (responder.pollEvent() !== undefined);
    },
  };
}

/** Hands over what one end has to send; false when that is nothing. */
function pass(from: IkeEndpoint, to: IkeEndpoint): boolean {
  while (from.pollEvent() !== undefined);
  const message = from.pollTransmit();
  if (message !== undefined) to.handleDatagram(NOW, message.source, message.destination, message.octets);
  return message !== undefined;
}
