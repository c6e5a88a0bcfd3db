import { describe, expect, it } from 'vitest';
import { reports } from '../src/foreign-decoders/decoders.ts';

describe('packages of others', () => {
  it('are asked the laws, and what was found is what the guide says', () => {
    const broken = reports(1).map(({ name, findings }) => [
      name,
      findings.flatMap(({ law, broken }) => (broken === undefined ? [] : law)),
    ]);
    expect(broken).toEqual([
      ['pcap-parser', ['encodes what it decodes']],
      ['pcap-decoder', ['encodes what it decodes']],
      ['ip-packet', ['encodes what it decodes', 'refuses every proper prefix']],
    ]);
  });
});
