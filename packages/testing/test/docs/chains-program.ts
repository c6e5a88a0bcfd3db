import { formatFailure } from '@espalier/ike';
import { breakingCertificate, certifiedEnds } from '@espalier/testing/certificates';
import { PLAIN_SESSION, play, publicKeyOfEnd } from '@espalier/testing/sessions';
import fc from 'fast-check';

const at = Date.UTC(2026, 5, 1);
const specification = { ...PLAIN_SESSION, authentication: 'rsa-signature' } as const;
const expired = breakingCertificate('certificate-not-after', at, publicKeyOfEnd('left', specification));
const [left] = fc.sample(expired, { seed: 1, numRuns: 1 });

for (const shown of left === undefined ? [] : [{}, { left }]) {
  const { session } = play(specification, undefined, certifiedEnds(specification, { at, shown }));
  for (const event of session.events.right) {
    console.log(event.kind === 'ike-failed' ? formatFailure(event) : event.kind);
  }
}
