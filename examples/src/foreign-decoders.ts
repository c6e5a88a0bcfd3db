/**
 * Asks three packages from npm what is asked of our own decoders, and prints what was found. What a package does not
 * promise is no fault of it: the laws tell a caller what is left to him.
 */
import { formatReport } from '@espalier/testing/laws';
import { reports } from './foreign-decoders/decoders.ts';

for (const report of reports(Number(process.argv[2] ?? 1))) console.log(`${formatReport(report)}\n`);
