import { describe, expect, test } from 'vitest';
import { DIRECTIONS, type EngineName, type Measurement } from '../src/measurement.ts';
import { EVERY_SUITE, headlineBatch, OTHER_SUITES, SIZES, SUITES } from '../src/packets/suites.ts';
import { drawChart } from '../src/report/chart.ts';
import { resultsPage } from '../src/report/documents.ts';
import { toJson } from '../src/report/files.ts';
import { otherTable, otherVerdicts } from '../src/report/other-verdicts.ts';
import { packetTable } from '../src/report/packet-table.ts';
import { element, render } from '../src/report/svg.ts';
import { formatColumns, formatMarkdown } from '../src/report/text-table.ts';
import { manyTable, manyVerdicts, verdicts, verdictTable } from '../src/report/verdicts.ts';

const MACHINE = {
  processor: 'Z80 <A> & B',
  cores: 2,
  usedCores: 1,
  platform: 'cpm z80',
  node: 'v20',
  openssl: '3',
  date: '1979-01-01',
};

/** Everyone's measurements, `nanoseconds` by name. */
function measured(nanoseconds: Partial<Record<EngineName | 'noble-direct', number>>): readonly Measurement[] {
  return SUITES.flatMap(({ name: suite }) =>
    SIZES.flatMap((size) =>
      DIRECTIONS.flatMap((direction) =>
        Object.entries(nanoseconds).map(([engine, nsPerPacket]) => ({
          suite,
          size,
          direction,
          engine: engine as EngineName,
          batch: engine === 'node' ? headlineBatch(suite) : 1,
          sas: 1,
          nsPerPacket,
        })),
      ),
    ),
  );
}

const ALL = measured({ node: 500, 'noble-direct': 30_000, 'tuned-node': 10_000, 'c-openssl': 1000 });

describe('verdicts', () => {
  test('the ratio says how many times as fast the node engine is', () => {
    const found = verdicts(ALL);
    expect(found).toHaveLength(SUITES.length * 2 * 2 * 2);
    expect(found.every(({ baseline, ratio }) => ratio === (baseline === 'tuned-node' ? 20 : 2))).toBe(true);
  });

  test('a target is met from its floor on; what is missed is missed by a share of it', () => {
    const rows = verdictTable(verdicts(measured({ node: 1000, 'tuned-node': 7500 }))).rows;
    const of3des = rows.filter(([title]) => title === '3DES-SHA1').map((row) => row.slice(1));
    expect(of3des[0]).toEqual(['64', 'seal', 'tuned-node', '7.50', '15', 'missed by 50 %']);
    expect(of3des[2]).toEqual(['1408', 'seal', 'tuned-node', '7.50', '7', 'met']);
  });

  test('without C there is nothing to say about C', () => {
    expect(verdicts(measured({ node: 1, 'tuned-node': 2 })).some(({ baseline }) => baseline === 'c-openssl')).toBe(
      false,
    );
  });
});

describe('many SAs', () => {
  const suite = '3des-cbc/hmac-sha1-96';
  const cell = { suite, size: 64, direction: 'seal', engine: 'node', batch: 64 } as const;
  const many = [
    { ...cell, sas: 1, nsPerPacket: 100 },
    { ...cell, sas: 64, nsPerPacket: 200 },
  ];

  test('a limit is kept up to its ceiling; what is over it is missed by a share of it', () => {
    expect(manyTable(manyVerdicts(many)).rows).toEqual([
      ['3DES-SHA1', '64', 'seal', '2.00', '1.6', 'missed by 25 %', '-'],
    ]);
    const kept = many.map((row) => ({ ...row, nsPerPacket: 100 * (row.sas === 1 ? 1 : 1.6) }));
    expect(manyTable(manyVerdicts(kept)).rows[0]?.slice(3, 6)).toEqual(['1.60', '1.6', 'met']);
  });

  test('C is asked with as many SAs', () => {
    const c = { ...cell, engine: 'c-openssl', batch: 1, nsPerPacket: 500 } as const;
    expect(manyVerdicts([...many, { ...c, sas: 64 }])[0]?.againstC).toBe(2.5);
    expect(manyVerdicts([...many, { ...c, sas: 1 }])[0]?.againstC).toBeUndefined();
  });
});

describe('new suites', () => {
  test('a target is met from its floor on', () => {
    const [suite] = OTHER_SUITES.map(({ name }) => name);
    const cell = { suite: suite ?? '', size: 1408, direction: 'open' } as const;
    const measurements = [
      { ...cell, engine: 'node', batch: 64, sas: 1, nsPerPacket: 100 },
      { ...cell, engine: 'node', batch: 64, sas: 64, nsPerPacket: 150 },
      { ...cell, engine: 'tuned-node', batch: 1, sas: 1, nsPerPacket: 200 },
    ] as const;
    expect(otherTable(otherVerdicts(measurements)).rows).toEqual([
      [suite, '1408', 'open', '2.00', '2.5', 'missed by 20 %', '-', '1.50', '-'],
    ]);
    expect(otherVerdicts(measurements.slice(0, 2))).toEqual([]);
    const c = { ...cell, engine: 'c-openssl', batch: 1 } as const;
    const withC = [...measurements, { ...c, sas: 1, nsPerPacket: 50 }, { ...c, sas: 64, nsPerPacket: 60 }];
    expect(otherTable(otherVerdicts(withC)).rows[0]?.slice(6)).toEqual(['0.50', '1.50', '0.40']);
  });
});

describe('JSON', () => {
  test('has the engines that one can choose or compare with, and these seven fields', () => {
    const rows = JSON.parse(toJson(ALL, []));
    expect(rows).toHaveLength((ALL.length / 4) * 3);
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(['suite', 'size', 'direction', 'engine', 'batch', 'sas', 'nsPerPacket']);
    }
  });
});

describe('the chart', () => {
  const chart = drawChart(ALL, MACHINE);

  test('is well-formed, and says where and when', () => {
    expectWellFormed(chart);
    expect(chart).toContain('Z80 &lt;A&gt; &amp; B');
    expect(chart).toContain('2 cores (1 used), cpm z80');
    expect(chart).toContain('1979-01-01');
    expect(chart).toContain('Batches of 64 and 128');
  });

  test('has a bar for each suite, size, direction and baseline', () => {
    const legend = 2;
    expect(chart.match(/<rect /g)).toHaveLength(SUITES.length * SIZES.length * 2 * 2 + legend);
  });

  test('draws what is off the scale up to its end, and what was not measured not at all', () => {
    const far = drawChart(measured({ node: 1, 'tuned-node': 1e9 }), MACHINE);
    expect(far.match(/<rect /g)).toHaveLength(SUITES.length * SIZES.length * 2 + 2);
    expect([...far.matchAll(/ width="([\d.]+)"/g)].every(([, width]) => Number(width) <= 300)).toBe(true);
  });

  test('escapes text and attributes', () => {
    expect(render(element('a', { b: '"&"' }, ['<c>']))).toBe('<a b="&quot;&amp;&quot;">&lt;c&gt;</a>\n');
  });
});

describe('tables', () => {
  const [suite] = SUITES;
  const table = packetTable(suite?.name ?? '', ALL);

  test('everyone has a row, every size and direction a column', () => {
    expect(table.rows.map(([name]) => name)).toEqual(['node, batch 128', 'noble-direct', 'tuned-node', 'c-openssl']);
    expect(table.rows.every((row) => row.length === table.heading.length)).toBe(true);
    expect(table.heading).toHaveLength(1 + SIZES.length * 2);
  });

  test('columns line up', () => {
    const lines = formatColumns(table).trimEnd().split('\n');
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });

  test('Markdown has as many cells in every row', () => {
    const bars = formatMarkdown(table)
      .trimEnd()
      .split('\n')
      .map((line) => line.split('|').length);
    expect(new Set(bars).size).toBe(1);
  });

  test('the page names every suite', () => {
    const page = resultsPage(ALL, [{ name: 'a part', microseconds: 1.5 }], MACHINE, 7);
    for (const { name } of EVERY_SUITE) expect(page).toContain(name);
    expect(page).toContain('666,667');
    expect(page).toContain('Medians of 7 rounds');
  });
});

function expectWellFormed(xml: string): void {
  const open: string[] = [];
  for (const [, closing, name, rest] of xml.matchAll(/<(\/?)([a-z]+)((?:[^>"]|"[^"]*")*)>/g)) {
    if (closing === '/') expect(open.pop()).toBe(name);
    else if (!rest?.endsWith('/')) open.push(name ?? '');
  }
  expect(open).toEqual([]);
}
