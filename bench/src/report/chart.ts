import { DIRECTIONS, type Measurement } from '../measurement.ts';
import { BATCHES, headlineBatch, SIZES } from '../packets/suites.ts';
import { TARGETS } from '../targets.ts';
import { describeMachine, type Machine } from './machine.ts';
import { element, type Markup, render, text } from './svg.ts';
import { formatRatio, headlineRatio } from './verdicts.ts';

const WIDTH = 930;
const LABELS_WIDTH = 230;
const PANEL = { width: 300, gap: 45 };
const TOP = 92;
const ROW = { height: 22, bar: 8 };
const SUITE_GAP = 12;
const FOOT = 44;

/** Read in light and in dark: the page's own background shows through. */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #4b5563 }
  .heading { font-weight: 600; font-size: 15px }
  .suite, .panel { font-weight: 600 }
  .small { font-size: 10px }
  .seal { fill: #2f7fd6 }
  .open { fill: #d9822b }
  .grid { stroke: #8b949e; stroke-opacity: .35 }
  .even { stroke: #8b949e }
  @media (prefers-color-scheme: dark) { text { fill: #c9d1d9 } }
`;

interface Panel {
  readonly title: string;
  readonly baseline: 'tuned-node' | 'c-openssl';
  readonly ticks: readonly number[];
  readonly left: number;
}

const PANELS: readonly Panel[] = [
  {
    title: 'times as fast as tuned node:crypto',
    baseline: 'tuned-node',
    ticks: [1, 2, 5, 10, 20, 40],
    left: LABELS_WIDTH,
  },
  {
    title: 'times as fast as C with OpenSSL, per packet',
    baseline: 'c-openssl',
    ticks: [0.2, 0.5, 1, 2, 5, 10, 20],
    left: LABELS_WIDTH + PANEL.width + PANEL.gap,
  },
];

/** A chart of the node engine's ratios, by suite and size, sealing and opening: an SVG document. */
export function drawChart(measurements: readonly Measurement[], machine: Machine): string {
  const suites = TARGETS.filter(({ suite }) => measurements.some((measurement) => measurement.suite === suite));
  const suiteHeight = SIZES.length * ROW.height + SUITE_GAP;
  const bottom = TOP + suites.length * suiteHeight;
  const labels = suites.flatMap(({ title, suite }, i) =>
    drawLabels(title, headlineBatch(suite), TOP + i * suiteHeight),
  );
  const panels = PANELS.flatMap((panel) => [
    ...drawScale(panel, bottom),
    ...suites.flatMap(({ suite }, i) => drawBars(panel, suite, measurements, TOP + i * suiteHeight)),
  ]);
  const attributes = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${WIDTH} ${bottom + FOOT}`, role: 'img' };
  return render(
    element('svg', attributes, [
      element('title', {}, ['ESP with the node engine, against node:crypto and against C']),
      element('style', {}, [STYLE]),
      text(0, 20, 'heading', 'ESP packets in batches, engine “node”: speed ratios, more is better'),
      ...drawLegend(),
      ...labels,
      ...panels,
      text(0, bottom + 22, 'small', describeMachine(machine)),
      text(0, bottom + 36, 'small', `Batches of ${batchesUsed()} packets; medians of interleaved rounds; logarithmic.`),
    ]),
  );
}

function drawLegend(): readonly Markup[] {
  return DIRECTIONS.flatMap((direction, i) => [
    element('rect', { x: i * 70, y: 36, width: 10, height: 10, class: direction }, []),
    text(i * 70 + 16, 45, '', direction),
  ]);
}

function drawLabels(title: string, batch: number, top: number): readonly Markup[] {
  return [
    text(0, top + 14, 'suite', title),
    text(0, top + 30, 'small', `batch ${batch}`),
    ...SIZES.map((size, row) => text(LABELS_WIDTH - 10, top + row * ROW.height + 14, 'small', `${size} octets`, 'end')),
  ];
}

function drawScale(panel: Panel, bottom: number): readonly Markup[] {
  return [
    text(panel.left, TOP - 30, 'panel', panel.title),
    ...panel.ticks.flatMap((tick) => {
      const x = position(panel, tick);
      return [
        element('line', { x1: x, x2: x, y1: TOP - 6, y2: bottom - SUITE_GAP, class: tick === 1 ? 'even' : 'grid' }, []),
        text(x, TOP - 11, 'small', `${tick}×`, 'middle'),
      ];
    }),
  ];
}

/** From 1×: to the right for what is faster, to the left for what is slower. */
function drawBars(panel: Panel, suite: string, measurements: readonly Measurement[], top: number): readonly Markup[] {
  const even = position(panel, 1);
  return SIZES.flatMap((size, row) =>
    DIRECTIONS.flatMap((direction, i) => {
      const ratio = headlineRatio(measurements, suite, size, direction, panel.baseline);
      if (ratio === undefined) return [];
      const end = position(panel, ratio);
      const y = top + row * ROW.height + 2 + i * (ROW.bar + 1);
      const x = Math.min(even, end);
      const width = Math.max(1, Math.abs(end - even));
      return [
        element('rect', { x: round(x), y, width: round(width), height: ROW.bar, class: direction }, []),
        text(round(Math.max(even, end)) + 4, y + ROW.bar, 'small', formatRatio(ratio)),
      ];
    }),
  );
}

/** On the panel's logarithmic scale, inside of it. */
function position({ ticks, left }: Panel, ratio: number): number {
  const [least, most] = [Math.min(...ticks), Math.max(...ticks)];
  const share = Math.log(ratio / least) / Math.log(most / least);
  return round(left + PANEL.width * Math.min(1, Math.max(0, share)));
}

function batchesUsed(): string {
  return BATCHES.filter((batch) => TARGETS.some(({ suite }) => headlineBatch(suite) === batch)).join(' and ');
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
