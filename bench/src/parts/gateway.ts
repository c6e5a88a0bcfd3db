import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { nodeEngine } from '@espalier/crypto/node';
import { Gateway } from '@espalier/gateway';
import { readJunos } from '@espalier/junos';
import { type Instant, instant } from '@espalier/wire';
import { innerPacket } from '../packets/suites.ts';
import type { Part } from './run.ts';

const NOW: Instant = instant(1_000_000);
const PACKETS = 64;
const SIZES = [64, 1408];

/** Packets from one inside to the other, through both gateways of the tunnel: SPD, 3DES, SAD and selectors included. */
export function gatewayParts(): readonly Part[] {
  const [west, east] = [createGateway('R2'), createGateway('R3')];
  return SIZES.map((size) => {
    const inner = innerPacket(size);
    const packets = Array.from({ length: PACKETS }, () => inner);
    establish(west, east, inner);
    return {
      name: `a packet of ${size} octets through both gateways, 3DES-SHA1, ${PACKETS} at a time`,
      repetitions: PACKETS,
      run: () => {
        if (send(west, east, packets) !== PACKETS) throw new Error('a packet was lost');
      },
    };
  });
}

/** How many of the packets come out. */
function send(west: Gateway, east: Gateway, packets: readonly Uint8Array[]): number {
  let arrived = 0;
  const sealed: Uint8Array[] = [];
  west.handleInsideBatch(NOW, packets);
  west.drainTransmit((out) => sealed.push(out.octets));
  east.handleOutsideBatch(NOW, sealed);
  east.drainInside(() => arrived++);
  return arrived;
}

/** The first packet calls for a tunnel; the gateways talk until they have one and the packet is through. */
function establish(west: Gateway, east: Gateway, first: Uint8Array): void {
  west.handleInside(NOW, first);
  while (relay(west, east) || relay(east, west));
  while (east.pollInside() !== undefined);
}

function relay(from: Gateway, to: Gateway): boolean {
  while (from.pollEvent() !== undefined);
  const sent = from.pollTransmit();
  if (sent?.kind === 'packet') to.handleOutside(NOW, sent.octets);
  return sent !== undefined;
}

function createGateway(router: string): Gateway {
  const file = new URL(`../../../examples/configs/${router}.conf`, import.meta.url);
  const { configuration } = readJunos(readFileSync(file, 'utf8'));
  return new Gateway({ config: configuration.gateway, engine: nodeEngine(), rng: { fill: randomFillSync } });
}
