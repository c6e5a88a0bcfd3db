import { AH_SUITES, type AhSuite, type Engine } from '@espalier/crypto';
import { InboundAhSa, OutboundAhSa } from '@espalier/esp/ah';
import { equalOctets, ip } from '@espalier/wire';
import { check } from '../machine/failures.ts';
import type { Testbed } from '../machine/testbed.ts';
import { ENGINES, FIRST_SPI, type Form, keyOf, NOW, RNG, titleOf } from './association.ts';
import { datagram, datagramWithOptions, GATEWAYS } from './datagrams.ts';
import { INTEGRITY } from './scapy-algorithms.ts';
import { askScapy, type ScapyJob, type ScapySa } from './scapy-program.ts';

const SIZES = [0, 1, 13, 1300];
const SEQUENCE = 7;

interface Tried {
  readonly title: string;
  readonly suite: AhSuite;
  readonly engine: Engine;
  readonly form: Form;
  readonly packet: Uint8Array;
}

/** scapy authenticates and ours verifies, and the other way round; what routers change is no matter, what they may not change is. */
export async function ahWithScapy(bed: Testbed, form: Form): Promise<void> {
  const suites = AH_SUITES.filter(({ name }) => INTEGRITY[name] !== undefined);
  const tried = suites.flatMap((suite, index) => {
    const engine = ENGINES[index % ENGINES.length];
    check(engine !== undefined, 'no engine');
    const title = `${suite.name} ${titleOf(form)}, engine ${engine.name}`;
    const packets = [...SIZES.map((octets) => datagram(form.inner, octets)), datagramWithOptions(form.inner, 40)];
    return packets.map((packet) => ({ title: `${title}, ${packet.length} octets`, suite, engine, form, packet }));
  });
  const sealedByOurs = tried.map(sealByOurs);
  const jobs = tried.flatMap((one, index): ScapyJob[] => {
    const sa = scapySaOf(one);
    const sealed = sealedByOurs[index] ?? new Uint8Array(0);
    return [
      { do: 'seal', sa, packet: one.packet },
      { do: 'open', sa, packet: nextHop(sealed) },
      { do: 'open', sa, packet: misled(sealed) },
    ];
  });
  const answers = await askScapy(bed, `ah-${titleOf(form)}`, jobs);
  tried.forEach((one, index) => {
    const { title, packet } = one;
    const expected = form.mode === 'transport' ? nextHop(packet) : packet;
    const [sealed, opened, refused] = answers.slice(3 * index);
    check(opened instanceof Uint8Array && equalOctets(opened, expected), `${title}: scapy does not verify: ${opened}`);
    check(typeof refused === 'string', `${title}: scapy verifies what was sent on to another address`);
    check(sealed instanceof Uint8Array, `${title}: scapy does not authenticate: ${sealed}`);
    const result = openByOurs(one, nextHop(sealed));
    check(result instanceof Uint8Array && equalOctets(result, expected), `${title}: ours does not verify: ${result}`);
    check(openByOurs(one, misled(sealed)) === 'bad-icv', `${title}: ours verifies what was sent on to another address`);
  });
  bed.verify(`${tried.length} packets of ${suites.length} suites both ways, a hop further, and misled ones refused`);
}

function sealByOurs({ title, suite, engine, form, packet }: Tried): Uint8Array {
  const { mode, outer, esn } = form;
  const around = mode === 'tunnel' ? { outer: GATEWAYS[outer] } : { mode };
  const firstSequence = BigInt(SEQUENCE);
  const key = keyOf(suite.integrityKeyOctets, 3);
  const sa = new OutboundAhSa({ engine, suite, key, spi: FIRST_SPI, rng: RNG, esn, firstSequence, ...around });
  const sealed = sa.sealInto(NOW, packet, new Uint8Array(sa.sealedOctets(packet.length)));
  check(sealed.ok, `${title}: ours does not authenticate`);
  return sealed.octets.slice();
}

function openByOurs({ suite, engine, form: { mode, esn } }: Tried, packet: Uint8Array): Uint8Array | string {
  const key = keyOf(suite.integrityKeyOctets, 3);
  const sa = new InboundAhSa({ engine, suite, key, spi: FIRST_SPI, mode, esn });
  const opened = sa.openInto(NOW, packet, new Uint8Array(packet.length), 0, ip.payloadAt(packet, 0, packet.length));
  return opened.ok ? opened.octets : opened.reason;
}

function scapySaOf({ suite, form: { mode, outer, esn } }: Tried): ScapySa {
  const integrity = INTEGRITY[suite.name];
  return {
    protocol: 'ah',
    spi: FIRST_SPI,
    sequence: SEQUENCE,
    ...(integrity === undefined ? {} : { integrity, integrityKey: keyOf(suite.integrityKeyOctets, 3) }),
    ...(mode === 'tunnel' ? { tunnel: GATEWAYS[outer] } : {}),
    ...(esn ? { sequenceHigh: 0 } : {}),
  };
}

/** What a router does: TTL or hop limit falls, and the checksum of an IPv4 header with it. */
function nextHop(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  ip.decrementHopLimit(copy, 0);
  return copy;
}

/** What a router may not do: another destination. */
function misled(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  const at = ip.destinationAt(copy, 0) + ip.addressOctets(copy, 0) - 1;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
