import { equalOctets } from '@espalier/wire';
import { check } from '../machine/failures.ts';
import type { Testbed } from '../machine/testbed.ts';
import {
  type Association,
  associations,
  changed,
  type Form,
  openByOurs,
  packetOf,
  SEQUENCE_HIGH,
  sealByOurs,
  titleOf,
  UDP,
} from './association.ts';
import { GATEWAYS } from './datagrams.ts';
import { algorithmsOf, SCAPY_SUITES } from './scapy-algorithms.ts';
import { askScapy, type ScapyJob, type ScapySa } from './scapy-program.ts';

/** scapy seals and ours opens, ours seals and scapy opens, with every suite that both have; and neither opens what was changed. */
export async function espWithScapy(bed: Testbed, form: Form): Promise<void> {
  // scapy leaves the high half out of what is authenticated by a MAC of its own (RFC 4303 §2.2.1).
  const suites = SCAPY_SUITES.filter(({ aead }) => aead || !form.esn);
  const all = associations(form, suites);
  const sealedByOurs = all.map((one) => sealByOurs(one));
  const jobs = all.flatMap((one, index): ScapyJob[] => {
    const packet = sealedByOurs[index] ?? new Uint8Array(0);
    const sa = scapySaOf(one, SEQUENCE_HIGH);
    return [
      { do: 'seal', sa: scapySaOf(one, 0), packet: packetOf(one) },
      { do: 'open', sa, packet },
      { do: 'open', sa, packet: changed(packet) },
    ];
  });
  const answers = await askScapy(bed, `esp-${titleOf(form)}`, jobs);
  all.forEach((one, index) => {
    const [sealed, opened, refused] = answers.slice(3 * index);
    check(
      opened instanceof Uint8Array && equalOctets(opened, packetOf(one)),
      `${one.title}: scapy opens ${text(opened)}`,
    );
    const authenticated = one.suite.icvOctets > 0;
    check(!authenticated || typeof refused === 'string', `${one.title}: scapy opens what was changed on the way`);
    check(sealed instanceof Uint8Array, `${one.title}: scapy does not seal: ${text(sealed)}`);
    const result = openByOurs(one, sealed);
    check(
      result instanceof Uint8Array && equalOctets(result, packetOf(one)),
      `${one.title}: ours opens ${text(result)}`,
    );
    check(openByOurs(one, changed(sealed)) === 'bad-icv', `${one.title}: ours opens what was changed on the way`);
  });
  bed.verify(`${all.length} packets of ${suites.length} suites both ways, and changed ones refused`);
}

function scapySaOf(
  { mode, outer, inUdp, esn, suite, keys, spi, sequence }: Association,
  sequenceHigh: number,
): ScapySa {
  return {
    protocol: 'esp',
    spi,
    sequence,
    ...algorithmsOf(suite, keys),
    ...(mode === 'tunnel' ? { tunnel: GATEWAYS[outer] } : {}),
    ...(inUdp ? { udp: UDP } : {}),
    ...(esn ? { sequenceHigh } : {}),
  };
}

function text(answer: Uint8Array | string | undefined): string {
  return answer instanceof Uint8Array ? 'another packet' : `nothing: ${answer}`;
}
