import { expect, it } from 'vitest';
import { whyMissing } from '../scenarios/tables.ts';
import { FEATURES } from './features.ts';

const INTRODUCTION = `# What others have of IKEv1, and what is here

Of strongSwan 5.9.8, libreswan 4.10, racoon (ipsec-tools 0.8.2), isakmpd of OpenBSD 7 and vpnc 0.5.3, as their manuals
say it (\`swanctl.conf(5)\`, \`ipsec.conf(5)\`, \`racoon.conf(5)\`, \`isakmpd.conf(5)\`, \`vpnc(8)\`); where a build can leave
something out, as it is built by default. What is here is linked to the test that shows it. This page is written by
\`test/features/features.test.ts\`, from the table beside it.
`;

function page(): string {
  const chapters = FEATURES.map(([chapter, features]) => {
    const rows = features.map(({ name, ours, strongSwan, libreswan, racoon, isakmpd, vpnc }) => {
      const own = ours === 'no' ? 'no' : linked(...ours);
      return `| ${[name, own, strongSwan, libreswan, racoon, isakmpd, vpnc].join(' | ')} |`;
    });
    return [`## ${chapter}`, '', HEAD, '|---|---|---|---|---|---|---|', ...rows, ''].join('\n');
  });
  return `${INTRODUCTION}\n${chapters.join('\n')}`;
}

const HEAD = '| | here | strongSwan | libreswan | racoon | isakmpd | vpnc |';

function linked(has: string, test: string): string {
  const [file = ''] = test.split(' > ');
  return `[${has}](../../${file === 'interop' ? 'test/interop/cases.ts' : file})`;
}

it('docs/reference/features.md is as the table says (vitest -u writes it anew)', async () => {
  await expect(page()).toMatchFileSnapshot(new URL('../../docs/reference/features.md', import.meta.url).pathname);
});

it('what is here is shown by a test that exists', () => {
  const lost = FEATURES.flatMap(([, features]) =>
    features.flatMap(({ name, ours }) => {
      if (ours === 'no') return [];
      const [, test] = ours;
      const why = whyMissing(test);
      return why === undefined ? [] : [`${name}: ${test}: ${why}`];
    }),
  );
  expect(lost).toEqual([]);
});
