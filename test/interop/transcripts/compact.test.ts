import { expect, it } from 'vitest';
import { nodeEngine } from '../../../packages/crypto/src/node/index.ts';
import { compact } from './compact.ts';
import { readTranscript } from './file.ts';

const engine = nodeEngine();
const KEPT = readTranscript(new URL('../../peers/transcripts/psk-crack/initiator/psk-crack.jsonl.gz', import.meta.url));
/** A datagram that is refused, and nothing else comes of it: the step's lines, from its input on. */
const REFUSED = /^\{"input":"handleDatagram","now":([\d.]+),.*\n\{"returned":\{"ok":false.*\n(?:\{"drained":.*\n)+/m;

it('what was kept has nothing left that could be left out', () => {
  expect(compact(KEPT, engine)).toBe(KEPT);
});

it('of datagrams that are refused for one reason one a second is told', () => {
  const [step = '', now = ''] = REFUSED.exec(KEPT) ?? [];
  const later = (ms: number): string => step.replace(`"now":${now}`, `"now":${Number(now) + ms}`);
  const flood = Array.from({ length: 200 }, (_, i) => later(10 * (i + 1)));
  const flooded = KEPT.replace(step, [step, ...flood].join(''));
  expect(compact(flooded, engine)).toBe(KEPT.replace(step, `${step}${later(1000)}${later(2000)}`));
});

it('what does not replay is no transcript', () => {
  expect(() => compact(KEPT.replace(/("octets":\{"hex":"[0-9a-f]{30})./, '$1f'), engine)).toThrow('does not replay');
  expect(() => compact(KEPT.replace(/^\{"random":.*\n/m, ''), engine)).toThrow('does not replay');
});
