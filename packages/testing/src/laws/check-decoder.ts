import { CHECKS, type DecoderLaw, type Finding, hex, lawsOf } from './laws.ts';
import { checkOptions, type DecoderOptions } from './options.ts';
import { Subject } from './subject.ts';

/** What was found of one law. */
export interface LawFinding extends Finding {
  readonly law: DecoderLaw;
}

/** What was found of a decoder: every law that was asked of it, in order. */
export interface DecoderReport {
  readonly name: string;
  readonly findings: readonly LawFinding[];
}

/** A law, to be looked at when its caller likes: a test of its own for each. */
export interface AskedLaw {
  readonly law: DecoderLaw;
  /**
   * Gives the number of inputs that were looked at.
   * @throws LawError when the law does not hold.
   */
  check(): number;
}

/** One or more laws do not hold; the text says which, and shows the smallest input that was found for each. */
export class LawError extends Error {
  override readonly name = 'LawError';
  readonly report: DecoderReport;

  constructor(report: DecoderReport) {
    super(formatReport({ ...report, findings: report.findings.filter(({ broken }) => broken !== undefined) }));
    this.report = report;
  }
}

/**
 * Looks at every law that is asked of a decoder, anybody's: `DECODER_LAWS`.
 *
 * A decoder that never comes back cannot be stopped from here: give the test a timeout.
 * @throws LawError when one or more do not hold.
 * @throws TypeError or RangeError for a bad option, which it names.
 */
export function checkDecoder<Value>(options: DecoderOptions<Value>): DecoderReport {
  const report = examineDecoder(options);
  if (report.findings.some(({ broken }) => broken !== undefined)) throw new LawError(report);
  return report;
}

/**
 * The same for one who wants to read what was found: nothing is thrown for a law that does not hold.
 * @throws TypeError or RangeError for a bad option, which it names.
 */
export function examineDecoder<Value>(options: DecoderOptions<Value>): DecoderReport {
  checkOptions(options);
  const subject = new Subject(options);
  const findings = lawsOf(subject).map((law) => ({ law, ...CHECKS[law](subject) }));
  return { name: options.name, findings };
}

/**
 * The laws one by one, so that each is a test with a name: `it.each(decoderLaws(options))('$law', ({ check }) => check())`.
 * @throws TypeError or RangeError for a bad option, which it names.
 */
export function decoderLaws<Value>(options: DecoderOptions<Value>): readonly AskedLaw[] {
  checkOptions(options);
  const subject = new Subject(options);
  return lawsOf(subject).map((law) => ({
    law,
    check: () => {
      const finding = CHECKS[law](subject);
      if (finding.broken !== undefined) throw new LawError({ name: options.name, findings: [{ law, ...finding }] });
      return finding.inputs;
    },
  }));
}

/** A line for each law, and the smallest input that breaks it. */
export function formatReport({ name, findings }: DecoderReport): string {
  const lines = findings.map(({ law, inputs, broken }) => {
    if (broken === undefined) return `  ok    ${law} (${inputs} inputs)`;
    const octets = broken.octets === undefined ? '' : `\n          of ${hex(broken.octets) || 'no octets'}`;
    return `  FAIL  ${law}: ${broken.what.replaceAll('\n', '\n          ')}${octets}`;
  });
  return [name, ...lines].join('\n');
}
