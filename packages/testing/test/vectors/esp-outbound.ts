import { nobleEngine } from '@espalier/crypto';
import { OutboundSa, type SealResult } from '@espalier/esp';
import { type KeyedSa, keyedPacket } from '@espalier/testing/packets';
import { concat, encodeIpv4, fromHex, instant, ipv4, PROTOCOL, spi as spiOf, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { type EspOutboundVector, fileOf, type VectorFile } from './format.ts';

const SEED = 4303;
const NOW = instant(0);
const ESP_HEADER_OCTETS = 8;
const LAST = 2n ** 32n - 1n;
const LAST_EXTENDED = 2n ** 64n - 1n;

const PLAIN = packetOf(20);
const LONGEST = packetOf(0xffff - ipv4.HEADER_OCTETS);

/** Packets that are sealed, and packets that no SA may seal. */
export function espOutboundVectors(): VectorFile<EspOutboundVector> {
  const sas = fc.sample(keyedPacket, { seed: SEED, numRuns: 6 }).map(({ sa }) => sa);
  const [first] = sas;
  if (first === undefined) throw new Error('there is no SA');
  const good = sas.map((sa, i) => withPacket({ ...vectorOf(sa, `esp-sealed-${i + 1}`), clause: 'RFC 4303 §3.3' }, sa));
  const last = { ...vectorOf(first, 'esp-sealed-last-1'), clause: 'RFC 4303 §3.3.3', firstSequence: `${LAST}` };
  const beyond = { ...vectorOf(first, 'esp-sealed-extended-1'), clause: 'RFC 4303 §2.2.1', esn: true };
  return fileOf('One packet each to be sealed by an SA that has sealed the same one as often as `before` says.', [
    ...good,
    withPacket(last, first),
    withPacket({ ...beyond, firstSequence: `${LAST + 1n}` }, first),
    withReason({
      ...{ ...last, name: 'esp-sequence-exhausted-1', before: 1 },
      says: 'a sender whose numbers are used up sends nothing more',
    }),
    withReason({
      ...{ ...last, name: 'esp-sequence-exhausted-2', before: 1, esn: true, firstSequence: `${LAST_EXTENDED}` },
      says: 'nor one with extended sequence numbers',
    }),
    withReason({
      ...{
        ...vectorOf(first, 'esp-too-long-1'),
        clause: 'RFC 791 §3.1',
        says: 'no IP packet has more than 65,535 octets',
      },
      ...{ inner: toHex(LONGEST.subarray(0, ipv4.HEADER_OCTETS)), zeros: LONGEST.length - ipv4.HEADER_OCTETS },
    }),
  ]);
}

/** What becomes of the packet of a vector. */
export function sealed(vector: EspOutboundVector): SealResult {
  const { suite, keys, spi, mode, esn, firstSequence, before, inner, zeros = 0, iv = '' } = vector;
  const sa = new OutboundSa({
    ...{ engine: nobleEngine(), suite, mode, esn, spi: spiOf(spi), firstSequence: BigInt(firstSequence) },
    keys: { encryption: fromHex(keys.encryption), salt: fromHex(keys.salt), integrity: fromHex(keys.integrity) },
    rng: { fill: (out) => out.set(fromHex(iv).subarray(0, out.length)) },
  });
  const packet = concat(fromHex(inner), new Uint8Array(zeros));
  const seal = () => sa.sealInto(NOW, packet, new Uint8Array(sa.sealedOctets(packet.length)));
  for (let i = 0; i < before; i++) if (!seal().ok) throw new Error('one before it is not sealed');
  return seal();
}

function vectorOf({ suite, keys, spi }: KeyedSa, name: string): EspOutboundVector {
  const { encryption, salt, integrity } = keys;
  return {
    ...{ name, clause: '', suite: suite.name, spi, mode: 'tunnel', esn: false, firstSequence: '1', before: 0 },
    keys: { encryption: toHex(encryption), salt: toHex(salt), integrity: toHex(integrity) },
    inner: toHex(PLAIN),
    expect: { verdict: 'take' },
  };
}

function withPacket(vector: EspOutboundVector, { suite }: KeyedSa): EspOutboundVector {
  const result = sealed({ ...vector, iv: '07'.repeat(suite.ivOctets) });
  if (!result.ok) throw new Error(`${vector.name}: ${result.reason}`);
  const packet = toHex(result.octets);
  return { ...vector, iv: packet.slice(2 * ESP_HEADER_OCTETS, 2 * (ESP_HEADER_OCTETS + suite.ivOctets)), packet };
}

function withReason(vector: EspOutboundVector): EspOutboundVector {
  const result = sealed(vector);
  if (result.ok) throw new Error(`${vector.name} is sealed`);
  return { ...vector, expect: { verdict: 'refuse', reason: result.reason } };
}

function packetOf(payloadOctets: number): Uint8Array {
  return encodeIpv4({
    ...{ protocol: PROTOCOL.udp, source: Uint8Array.of(10, 1, 12, 2), destination: Uint8Array.of(10, 1, 56, 1) },
    payload: new Uint8Array(payloadOctets),
  });
}
