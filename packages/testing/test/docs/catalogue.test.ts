import { RULES, STRUCTURES, structure } from '@espalier/testing/arbitraries';
import { CERTIFICATE_RULES } from '@espalier/testing/certificates';
import { DECODER_LAWS } from '@espalier/testing/laws';
import { PACKET_RULES } from '@espalier/testing/packets';
import { expect, it } from 'vitest';

interface Rule {
  readonly name: string;
  readonly clause: string;
  readonly says: string;
}

it('is written down in docs/reference/fuzzing-catalogue.md', async () => {
  await expect(page()).toMatchFileSnapshot('../../../../docs/reference/fuzzing-catalogue.md');
});

function page(): string {
  return [
    '# What there is to fuzz with',
    '',
    'Written by `packages/testing/test/docs/catalogue.test.ts`, which fails when this page is stale and writes it anew with',
    '`npx vitest run packages/testing/test/docs/catalogue.test.ts -u`. How to use it: [fuzz your own parser](../how-to/test/fuzzing.md).',
    '',
    '## Laws',
    '',
    'Of `@espalier/testing/laws`, in the order in which they are looked at.',
    '',
    ...DECODER_LAWS.map((law, i) => `${i + 1}. ${law}`),
    '',
    '## Structures',
    '',
    'Of `@espalier/testing/arbitraries`: `structure(name).octets` are valid by construction, `almostValid(name)` break one of so',
    'many rules. Those of `isakmp-exchange` are of what an exchange begins with; whatever is met in clear breaks those of',
    '`isakmp-message` too.',
    '',
    '| name | what it is | clause | rules |',
    '|---|---|---|---|',
    ...STRUCTURES.map((name) => {
      const { what, clause } = structure(name);
      const rules = RULES.filter((rule) => rule.structure === name);
      return `| \`${name}\` | ${what} | ${clause} | ${rules.length} |`;
    }),
    '',
    ...STRUCTURES.flatMap((name) => {
      const rules = RULES.filter((rule) => rule.structure === name);
      return rules.length === 0 ? [] : [`### Almost a good \`${name}\``, '', ...table(rules)];
    }),
    '## ESP with its keys',
    '',
    'Of `@espalier/testing/packets`: `keyedPacket` is good, `breakingPacket(name)` and `almostValidPacket` break a rule. All but the',
    'first three have a right ICV, unless it is the ICV that is wrong.',
    '',
    ...table(PACKET_RULES),
    '## Certificates',
    '',
    'Of `@espalier/testing/certificates`: `certifiedPeer(at)` is believed, `breakingCertificate(name, at)` and',
    '`almostCertifiedPeer(at)` break a rule; `certifiedEnds` are the ends of a session that show them.',
    '',
    ...table(CERTIFICATE_RULES),
  ].join('\n');
}

function table(rules: readonly Rule[]): string[] {
  const rows = rules.map(({ name, clause, says }) => `| \`${name}\` | ${says} | ${clause} |`);
  return ['| rule | what the clause asks for | clause |', '|---|---|---|', ...rows, ''];
}
