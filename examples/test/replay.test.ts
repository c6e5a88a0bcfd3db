import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nobleEngine } from '@espalier/crypto';
import { expect, it } from 'vitest';
import { tellRecording } from '../src/replay/story.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const tell = (text: string, last = Number.POSITIVE_INFINITY): readonly string[] => [
  ...tellRecording(text, nobleEngine(), last),
];

it('tells a recorded handshake step by step: times, messages decrypted, states and events', () => {
  const told = tell(read('../recordings/handshake.jsonl'));
  for (const line of [
    '1. +0.000 s  initiate R3',
    '     -> 10.1.15.1:500 to 10.1.15.2:500: ISAKMP Main Mode 1 (clear)',
    '     <- 10.1.15.2:500 to 10.1.15.1:500: ISAKMP Main Mode 6 (decrypted)',
    '          ID: ipv4(any:0,[0..3]=10.1.15.2)',
    '          N: R-U-THERE-ACK 1654759843',
    '     event child-established',
    '     now IKE SA with R3 as initiator ready; child net established',
    'The end: all came out as it was recorded.',
  ]) {
    expect(told).toContain(line);
  }
});

it('goes to a step, and no further', () => {
  const told = tell(read('../recordings/handshake.jsonl'), 3);
  expect(told.filter((line) => /^\d+\. /.test(line)).at(-1)).toMatch(/^3\. /);
  expect(told.at(-1)).toBe('          N: INITIAL-CONTACT');
});

it('says where a recording without secrets ends', () => {
  const told = tell(read('../../packages/ike/test/recordings/wrong-key-without-secrets.jsonl'));
  expect(told).toContain('          KE: 128 octets');
  expect(told.at(-1)).toBe('What follows needs a key, which was left out of the recording.');
});

const program = fileURLToPath(new URL('../dist/replay.js', import.meta.url));

it('reads a session with a real peer, which is kept by gzip', () => {
  const kept = new URL('../../test/peers/transcripts/psk-crack/initiator/psk-crack.jsonl.gz', import.meta.url);
  const { status, stdout } = spawnSync(process.execPath, [program, fileURLToPath(kept)], { encoding: 'utf8' });
  expect(stdout).toContain('ISAKMP Aggressive Mode 1 (clear)');
  expect(stdout).toMatch(/The end: all came out as it was recorded\.\n$/);
  expect(status).toBe(0);
});

it.each([['1.5'], ['-1'], ['']])('ends with how it is used where --to is %j, which is no step', (step) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--to', step], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^--to must be the number of a step\nUsage: /);
});
