import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readKeys, reportText, toText } from '../../src/index.ts';
import { ipv4, observed, testSession } from '../support/session.ts';

const page = readFileSync(new URL('../../../../docs/reference/captures.md', import.meta.url), 'utf8');
/** Main Mode with a pre-shared key as it was usual for long, a tunnel, a probe; the third frame of ESP is captured twice. */
const session = testSession({ encryption: '3des-cbc', group: 2, suite: '3des-cbc/hmac-sha1-96', childMode: 'tunnel' });
const packets = session.sent.map(ipv4);
const frames = [...packets.slice(0, 12), ...packets.slice(11)];
const block = (name: string) => new RegExp(`<!-- ${name} -->\n+\`\`\`\n([\\s\\S]*?)\`\`\``).exec(page)?.[1];

it('docs/reference/captures.md shows what is printed with keys', () => {
  const { observations, observer } = observed(frames, { keys: readKeys([{ name: 'keys.json', text: session.json }]) });
  expect(block('observations')).toBe(`${observations.map(toText).join('\n')}\n`);
  expect(block('report')).toBe(`${reportText(observer.report())}\n`);
});

it('docs/reference/captures.md shows what is printed without keys, of what was captured from Quick Mode on', () => {
  const { observations } = observed(frames.slice(6, 11));
  expect(block('without')).toBe(`${observations.map(toText).join('\n')}\n`);
});
