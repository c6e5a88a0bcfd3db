import { parseArgs } from 'node:util';
import type { EspSuite } from '@espalier/crypto';
import { EVERY_SUITE, OTHER_SUITES } from './packets/suites.ts';

export interface Options {
  readonly help: boolean;
  /** What has a target alone, in fewer and shorter rounds: some three minutes. */
  readonly quick: boolean;
  /** Count what time does not tell, instead of measuring. */
  readonly counts: boolean;
  /** Measure what a second core is worth, instead of the rest. */
  readonly workers: boolean;
  /** Measure what grows with the number of peers, and nothing else. */
  readonly scale: boolean;
  /** Measure a gateway with packets of many tunnels, and nothing else. */
  readonly tunnels: boolean;
  readonly suites: readonly EspSuite[];
  /** Where to write the measurements. */
  readonly json: string | undefined;
  /** Where to write the chart. */
  readonly svg: string;
  /** Renew docs/measured/benchmark.md and docs/measured/benchmark.svg. */
  readonly writeDocs: boolean;
}

export const USAGE: string = `npm run bench [-- options]

  --quick         what has a target, in fewer rounds and with fewer peers: some three minutes
  --suite NAME    only this suite; may be given several times
  --json FILE     write the measurements: [{ suite, size, direction, engine, batch, sas, nsPerPacket }], and of
                  scale [{ part, what, peers, children, microseconds | octets }]
  --svg FILE      where to draw the chart (default bench-results/benchmark.svg)
  --counts        count allocations, octets of the kernels and milliseconds of a cold start, and nothing else
  --scale         measure what grows with the number of peers, and nothing else
  --tunnels       measure a gateway's packets of 64 tunnels against as many of one, and nothing else
  --others        only CTR, CCM, GMAC, GCM with a short ICV, XCBC and CMAC
  --workers       measure what worker threads gain, and nothing else
  --write-docs    renew docs/measured/benchmark.md, docs/measured/benchmark.svg and docs/measured/scale.md
  --help

suites: ${EVERY_SUITE.map(({ name }) => name).join(', ')}
`;

/** @throws TypeError for an option that is not known; RangeError for a suite that is not. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      counts: { type: 'boolean', default: false },
      workers: { type: 'boolean', default: false },
      scale: { type: 'boolean', default: false },
      tunnels: { type: 'boolean', default: false },
      others: { type: 'boolean', default: false },
      suite: { type: 'string', multiple: true },
      json: { type: 'string' },
      svg: { type: 'string', default: 'bench-results/benchmark.svg' },
      'write-docs': { type: 'boolean', default: false },
    },
  });
  const { help, quick, counts, workers, scale, tunnels, others, json, svg, suite } = values;
  const suites = suite?.map(suiteNamed) ?? (others ? OTHER_SUITES : EVERY_SUITE);
  if (values['write-docs'] && suites !== EVERY_SUITE) throw new RangeError('--write-docs needs all suites');
  return { help, quick, counts, workers, scale, tunnels, suites, json, svg, writeDocs: values['write-docs'] };
}

function suiteNamed(name: string): EspSuite {
  const known = EVERY_SUITE.find((suite) => suite.name === name);
  if (known === undefined) throw new RangeError(`suite '${name}' is not in the benchmark`);
  return known;
}
