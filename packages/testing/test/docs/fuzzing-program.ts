import { almostValid, structure } from '@espalier/testing/arbitraries';
import { examineDecoder, formatReport } from '@espalier/testing/laws';
import { ParseError, parseIsakmp } from './my-isakmp.ts';

const report = examineDecoder({
  name: 'my reader of ISAKMP',
  decode: parseIsakmp,
  errors: [ParseError],
  valid: structure('isakmp-message').octets,
  almostValid: almostValid('isakmp-message'),
  runs: 50,
  seed: 1,
});
console.log(formatReport(report));
