import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESP_SUITES, type EspKeys } from '@espalier/crypto';
import {
  concat,
  decodeIcmp,
  decodeIpv4,
  encodeIcmp,
  encodeIpv4,
  fromHex,
  PROTOCOL,
  parseAddress,
  toHex,
} from '@espalier/wire';
import { check, Skip } from '../machine/failures.ts';
import { hostOf, R3_INSIDE } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { type Association, associations, openByOurs, sealByOurs } from './association.ts';
import { GATEWAYS } from './datagrams.ts';

const CIPHERS: Readonly<Record<string, string>> = {
  null: 'ecb(cipher_null)',
  '3des-cbc': 'cbc(des3_ede)',
  'aes-cbc': 'cbc(aes)',
  'aes-ctr': 'rfc3686(ctr(aes))',
  'camellia-cbc': 'cbc(camellia)',
};
const MACS: Readonly<Record<string, string>> = {
  'hmac-md5-96': 'hmac(md5)',
  'hmac-sha1-96': 'hmac(sha1)',
  'hmac-sha2-256-128': 'hmac(sha256)',
  'hmac-sha2-384-192': 'hmac(sha384)',
  'hmac-sha2-512-256': 'hmac(sha512)',
  'aes-xcbc-96': 'xcbc(aes)',
  'aes-cmac-96': 'cmac(aes)',
};
const AEADS: Readonly<Record<string, string>> = {
  'aes-gcm': 'rfc4106(gcm(aes))',
  'aes-ccm': 'rfc4309(ccm(aes))',
  'aes-gmac': 'rfc4543(gcm(aes))',
  'chacha20-poly1305': 'rfc7539esp(chacha20,poly1305)',
};

const PROGRAM = fileURLToPath(new URL('../../programs/esp-exchange.py', import.meta.url));
const SIZES = [100];
const NONE = new Uint8Array(0);

/** A ping in ESP for each suite, which Linux's own IPsec opens, answers and seals (`ip xfrm`). */
export async function espWithLinux(bed: Testbed, mode: 'tunnel' | 'transport'): Promise<void> {
  const form = { mode, inner: 4, outer: 4, inUdp: false, esn: false } as const;
  const suites = ESP_SUITES.filter((suite) => algorithmsOf({ suite, keys: NO_KEYS }) !== undefined);
  const all = associations(form, suites, SIZES);
  await addPolicies(bed, mode);
  for (const one of all) await ping(bed, one);
  bed.verify(`a ping in each of ${all.length} suites, answered by the kernel`);
}

const NO_KEYS: EspKeys = { encryption: NONE, salt: NONE, integrity: NONE };

async function ping(bed: Testbed, one: Association): Promise<void> {
  await addStates(bed, one);
  const file = join(bed.folder, 'request.json');
  writeFileSync(file, JSON.stringify([toHex(sealByOurs(one, echoRequest(one)))]));
  const answers: unknown = JSON.parse(await bed.must('R2', ['/usr/bin/python3', PROGRAM, file]));
  const answer = fromHex(Array.isArray(answers) ? String(answers[0]) : '');
  check(answer.length > 0, `${one.title}: Linux does not answer`);
  const opened = openByOurs(one, answer);
  check(opened instanceof Uint8Array, `${one.title}: ours does not open what Linux sealed: ${opened}`);
  const reply = decodeIcmp(decodeIpv4(opened).payload);
  check(reply.kind === 'echo-reply' && reply.data.length === one.octets, `${one.title}: this is no answer to the ping`);
}

/** In tunnel mode between the networks, in transport mode between the gateways themselves. */
function endsOf(mode: Association['mode']): { readonly source: string; readonly destination: string } {
  if (mode === 'transport') return GATEWAYS[4];
  return { source: hostOf('R1'), destination: R3_INSIDE };
}

function echoRequest({ mode, octets }: Association): Uint8Array {
  const { source, destination } = endsOf(mode);
  const echo = { kind: 'echo-request', identifier: 1, sequence: 1, data: new Uint8Array(octets) } as const;
  const payload = encodeIcmp(echo);
  return encodeIpv4({
    protocol: PROTOCOL.icmp,
    source: parseAddress(source),
    destination: parseAddress(destination),
    payload,
  });
}

async function addPolicies(bed: Testbed, mode: Association['mode']): Promise<void> {
  const { source, destination } = endsOf(mode);
  const { source: theirs, destination: ours } = GATEWAYS[4];
  const add = async (direction: string, from: string, to: string, template: readonly string[]): Promise<void> => {
    const policy = ['src', from, 'dst', to, 'dir', direction, 'tmpl', ...template, 'proto', 'esp', 'mode', mode];
    const { code, stderr } = await bed.run('R3', ['ip', 'xfrm', 'policy', 'add', ...policy]);
    if (code !== 0) throw new Skip(`this kernel has no IPsec: ${stderr.trim()}`);
  };
  await add('in', source, destination, ['src', theirs, 'dst', ours]);
  await add('out', destination, source, ['src', ours, 'dst', theirs]);
}

/** One pair of SAs, the same keys and SPI both ways. */
async function addStates(bed: Testbed, one: Association): Promise<void> {
  const { source: theirs, destination: ours } = GATEWAYS[4];
  await bed.must('R3', ['ip', 'xfrm', 'state', 'flush']);
  for (const [from, to] of [
    [theirs, ours],
    [ours, theirs],
  ] as const) {
    const names = ['src', from, 'dst', to, 'proto', 'esp', 'spi', String(one.spi), 'mode', one.mode];
    const argv = ['ip', 'xfrm', 'state', 'add', ...names, 'replay-window', '32', ...(algorithmsOf(one) ?? [])];
    const { code, stderr } = await bed.run('R3', argv);
    if (/not supported|not found/i.test(stderr)) throw new Skip(`this kernel has no ESP: ${stderr.trim()}`);
    check(code === 0, `${one.title}: ip xfrm state add: ${stderr}`);
  }
}

/** A suite in the words of `ip xfrm`; undefined for what Linux has none for. */
function algorithmsOf({ suite, keys }: Pick<Association, 'suite' | 'keys'>): readonly string[] | undefined {
  if (suite.ivOctets === 0 && suite.encryption !== 'null') return undefined;
  const encryptionKey = hexOf(concat(keys.encryption, keys.salt));
  const aead = AEADS[suite.encryption];
  if (aead !== undefined) return ['aead', aead, encryptionKey, String(suite.icvOctets * 8)];
  const cipher = CIPHERS[suite.encryption];
  const mac = MACS[suite.integrity];
  if (cipher === undefined || mac === undefined) return undefined;
  const authentication = ['auth-trunc', mac, hexOf(keys.integrity), String(suite.icvOctets * 8)];
  return ['enc', cipher, encryptionKey, ...authentication];
}

function hexOf(key: Uint8Array): string {
  return key.length === 0 ? '' : `0x${toHex(key)}`;
}
