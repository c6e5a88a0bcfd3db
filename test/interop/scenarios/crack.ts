import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Gateway, PRE_SHARED_KEY } from '../gateways/gateway.ts';
import { check } from '../machine/failures.ts';
import { placeOf } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { SCAN_TRANSFORM } from './scan.ts';

const WORDS: readonly string[] = ['password', 'cisco', 'letmein', 'junipers', 'Juniper', 'uniper'];

/** What Aggressive Mode gives away (SECURITY.md): who asks once can guess the key off-line, and only the key is missing. */
export async function crack(bed: Testbed, responder: Gateway): Promise<void> {
  await responder.start('responder');
  const parameters = join(bed.folder, 'psk.txt');
  const { address, peerAddress } = placeOf('R2');
  // ike-scan wants the value of an identity in hexadecimal, and its type.
  const id = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  const options = ['--aggressive', '--dhgroup=5', '--idtype=1', `--id=0x${id.join('')}`, `--pskcrack=${parameters}`];
  const argv = ['ike-scan', ...options, '--multiline', '--retry=2', '--timeout=800', SCAN_TRANSFORM, peerAddress];
  const answer = await bed.must('R2', argv, { seconds: 30 });
  check(/1 returned handshake/.test(answer), `no answer to Aggressive Mode:\n${answer}`);
  bed.verify('HASH_R collected');

  const without = await guess(bed, parameters, 'without', WORDS);
  check(/no match found/.test(without), `psk-crack found a key that is not in its dictionary:\n${without}`);
  const found = await guess(bed, parameters, 'with', [...WORDS, PRE_SHARED_KEY]);
  check(found.includes(`key "${PRE_SHARED_KEY}" matches`), `psk-crack does not find the key:\n${found}`);
  bed.verify('psk-crack finds the key in a dictionary that has it, and not in one that has not');

  const stranger = await bed.must(
    'R2',
    argv.map((word) => word.replace(/^--id=.*/, '--id=0x0a636363')),
    { seconds: 30 },
  );
  check(/0 returned handshake/.test(stranger), `an unknown identity is answered:\n${stranger}`);
  bed.verify('an unknown identity gets no HASH_R');
}

async function guess(bed: Testbed, parameters: string, name: string, words: readonly string[]): Promise<string> {
  const dictionary = join(bed.folder, `${name}.txt`);
  writeFileSync(dictionary, words.map((word) => `${word}\n`).join(''));
  const { stdout } = await bed.run('R2', ['psk-crack', `--dictionary=${dictionary}`, parameters], { seconds: 30 });
  return stdout;
}
