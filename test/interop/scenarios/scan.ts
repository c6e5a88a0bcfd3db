import type { Gateway } from '../gateways/gateway.ts';
import { check } from '../machine/failures.ts';
import { placeOf } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';

/** The suite that the responder is configured for, in the words of ike-scan: encryption/key, hash, authentication, group. */
export const SCAN_SUITE = 'aes256-sha1-modp1536';
export const SCAN_TRANSFORM = '--trans=7/256,2,1,5';
const ACCEPTABLE = SCAN_TRANSFORM;
/** In the order in which they were offered, which is the peer's affair. */
const FINGERPRINT = ['Auth=PSK', 'Enc=AES', 'Group=5:modp1536', 'Hash=SHA1', 'KeyLength=256'];

/** Offers that deserve no handshake: a notification or silence. */
const REFUSED: readonly (readonly [why: string, ...options: string[]])[] = [
  ['another cipher', '--trans=5,2,1,5'],
  ['DES, MD5, group 1', '--trans=1,1,1,1'],
  ['another key length', '--trans=7/128,2,1,5'],
  ['AES without a key length', '--trans=7,2,1,5'],
  ['an unknown authentication method', '--trans=7/256,2,65535,5'],
  ['an unknown hash', '--trans=7/256,99,1,5'],
  ['no group', '--trans=(1=7,14=256,2=2,3=1)'],
  ['a lifetime and nothing else', '--trans=(11=1,12=0x0102030405060708090a0b0c0d0e0f1011)'],
  ['an unknown transform', '--transid=99', ACCEPTABLE],
  ['a proposal for ESP', '--protocol=3', ACCEPTABLE],
  ['another DOI', '--doi=7', ACCEPTABLE],
  ['another situation', '--situation=128', ACCEPTABLE],
  ['an initiator cookie of zero', '--cookie=0000000000000000', ACCEPTABLE],
  ['a responder cookie out of nowhere', '--rcookie=0123456789abcdef', ACCEPTABLE],
  ['an unknown exchange', '--exchange=99', ACCEPTABLE],
  ['a first payload that is not an SA', '--nextpayload=5', ACCEPTABLE],
  ['a message that says it is encrypted', '--hdrflags=1', ACCEPTABLE],
  ['a message ID in phase 1', '--hdrmsgid=7', ACCEPTABLE],
  ['version 3', '--headerver=0x32', ACCEPTABLE],
];

/** A responder repeats an answer only when it is asked again: by itself it would amplify (CVE-2016-5361). */
const MOST_ANSWERS = 3;

/** Our responder under ike-scan: it answers what it is configured for, with what was offered, and refuses the rest. */
export async function scan(bed: Testbed, responder: Gateway): Promise<void> {
  await responder.start('responder');
  await expectHandshake(bed, [ACCEPTABLE]);
  await expectHandshake(bed, ['--trans=5,2,1,2', '--trans=1,1,1,1', ACCEPTABLE]);
  await expectHandshake(bed, ['--nat-t', ACCEPTABLE]);
  bed.verify('handshake');

  for (const [why, ...options] of REFUSED) {
    const answer = await ikeScan(bed, options);
    check(/0 returned handshake/.test(answer), `an offer with ${why} got a handshake:\n${answer}`);
  }
  await expectHandshake(bed, [ACCEPTABLE]);
  bed.verify(`${REFUSED.length} offers refused`);

  const pattern = await ikeScan(bed, ['--showbackoff=12', ACCEPTABLE]);
  const answers = [...pattern.matchAll(/^[\d.]+\t\d+\t[\d.]+\t/gm)].length;
  check(answers >= 1 && answers <= MOST_ANSWERS, `one question got ${answers} answers:\n${pattern}`);
  bed.verify('no amplification');
}

async function expectHandshake(bed: Testbed, options: readonly string[]): Promise<void> {
  const answer = await ikeScan(bed, options);
  check(/1 returned handshake; 0 returned notify/.test(answer), `no handshake for ${options.join(' ')}:\n${answer}`);
  const [, attributes = ''] = /^\s*SA=\((.*)\)$/m.exec(answer) ?? [];
  const algorithms = attributes.split(' ').filter((attribute) => !attribute.startsWith('Life'));
  check(algorithms.sort().join(' ') === FINGERPRINT.join(' '), `the answer is not what was offered:\n${answer}`);
}

function ikeScan(bed: Testbed, options: readonly string[]): Promise<string> {
  const argv = ['ike-scan', '--multiline', '--retry=2', '--timeout=400', ...options, placeOf('R3').address];
  return bed.must('R2', argv, { seconds: 30 });
}
