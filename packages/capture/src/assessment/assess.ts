import type { Finding, IkeSaRow, Report, SaRow } from '../report/report.ts';
import { spiText } from '../text/names.ts';
import { IKE_RULES, type Rule, SA_RULES } from './rules.ts';

/** Findings of one rule: the rest is like them. */
const MOST_OF_A_RULE = 64;

/** What should be otherwise with what was negotiated and sent, the worst first. */
export function assess({ ikeSas, sas }: Pick<Report, 'ikeSas' | 'sas'>): readonly Finding[] {
  const findings = [
    ...IKE_RULES.flatMap((rule) => found(rule, 'ike-sa', ikeSas, ikeSubject)),
    ...SA_RULES.flatMap((rule) =>
      // What is the matter with both directions is told once.
      found(rule, 'sa', sas, saSubject, ({ opposite }, index, what) => {
        const other = opposite < index ? sas[opposite] : undefined;
        return other !== undefined && rule.test(other) === what;
      }),
    ),
  ];
  return findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

const SEVERITIES: readonly Finding['severity'][] = ['high', 'medium', 'low'];

function found<Row>(
  { severity, test, clause, remedy }: Rule<Row>,
  about: Finding['about'],
  rows: readonly Row[],
  subject: (row: Row) => string,
  isToldOf: (row: Row, index: number, what: string) => boolean = () => false,
): readonly Finding[] {
  const findings: Finding[] = [];
  rows.forEach((row, index) => {
    const what = findings.length < MOST_OF_A_RULE ? test(row) : undefined;
    if (what !== undefined && !isToldOf(row, index, what))
      findings.push({ severity, about, index, subject: subject(row), what, clause, remedy });
  });
  return findings;
}

function ikeSubject({ initiatorCookie, initiator, responder }: IkeSaRow): string {
  return `IKE SA ${initiatorCookie}${initiator === undefined ? '' : ` ${initiator} > ${responder}`}`;
}

function saSubject({ protocol, spi, source, destination, opposite }: SaRow): string {
  const way = opposite < 0 ? '>' : '<>';
  return `${protocol.toUpperCase()} SA ${spiText(spi)} ${source} ${way} ${destination}`;
}
