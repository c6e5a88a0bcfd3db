import { describe, it } from 'vitest';
import { playX509 } from './support/x509.ts';
import { X509 } from './x509.ts';

describe('a certificate', () => {
  it.each(X509.map((row) => [row.name, row] as const))('%s', (_, row) => playX509(row));
});
