import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { junosText } from '../gateways/junos.ts';
import { makeGateway } from '../gateways/make.ts';
import { readLog } from '../gateways/observe.ts';
import { suite } from '../gateways/suite.ts';
import { check } from '../machine/failures.ts';
import type { Testbed } from '../machine/testbed.ts';
import { awaitNothing } from './pair.ts';

/** From test/interop/dist/scenarios. */
const PROGRAM = fileURLToPath(new URL('../../../../examples/dist/first-tunnel.js', import.meta.url));

export const FIRST_SUITE = 'aes128-sha256-modp2048-pfs';

/** The program of less than fifteen lines that the README of `node` begins with, on R2; strongSwan answers on R3. */
export async function firstTunnel(bed: Testbed): Promise<void> {
  const settings = { suite: suite(FIRST_SUITE), selectors: 'networks' } as const;
  const responder = makeGateway('strongswan', bed, 'R3', settings);
  await responder.start('responder');
  const place = bed.placeOf('R2');
  const config = join(bed.folder, 'first.conf');
  const output = join(bed.folder, 'first.out');
  writeFileSync(config, junosText(place, settings));
  const argv = [process.execPath, PROGRAM, config, place.address];
  const program = bed.start({ router: 'R2', name: 'first-tunnel', argv, output });
  await bed.until('its first tunnel', 20, () => readLog(output).includes('ipsec-established\n') || undefined);
  check((await responder.alive()).child === 1, 'strongSwan has no tunnel');
  check(await program.stop('SIGINT', 5), 'it did not end within 5 s of SIGINT');
  check(program.exitCode === 0, `it ended with status ${program.exitCode}`);
  await awaitNothing(bed, responder, 'responder', 5);
  bed.verify('negotiation, Delete on shutdown, by a program of 12 lines');
}
