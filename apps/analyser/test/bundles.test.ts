import { ahSuite, espSuite } from '@espalier/crypto';
import { pcapOf } from '@espalier/testing/wireshark';
import { instant } from '@espalier/wire';
import { expect, it } from 'vitest';
import { bundleSession, phase1Keys } from '../../../packages/capture/test/support/bundles.ts';
import { detailsOf } from '../src/worker/details.ts';
import { opened } from './opened.ts';

it('AH around ESP around IPComp is shown down to the packet that was compressed', async () => {
  const bundle = {
    ipcomp: 'deflate',
    esp: [espSuite('aes-128-cbc/hmac-sha1-96')],
    ah: [ahSuite('hmac-sha1-96')],
  } as const;
  const { frames, inner, log } = bundleSession(bundle, 'tunnel', 4);
  const file = pcapOf(frames.map((packet, i) => ({ at: instant(i), packet })));
  const session = await opened(file, [{ name: 'keys.json', text: phase1Keys(log) }]);
  const rows = Array.from({ length: session.rows.length }, (_, row) => session.rows.row(row));
  expect(rows.slice(-2).map(({ protocol, verdict, verdictText }) => [protocol, verdict, verdictText])).toEqual([
    ['AH', 'ok', 'ICV ok'],
    ['ESP', 'ok', 'ICV ok'],
  ]);
  expect(rows.at(-2)?.info).toMatch(/^seq 3: SPI [0-9a-f]{8}, around esp$/);
  const { buffers, facts } = await detailsOf(session, rows.length - 1);
  expect(buffers.map(({ fields }) => fields.map(({ name }) => name))).toEqual([
    ['IPv4', 'AH', 'ESP'],
    ['IPv4', 'UDP'],
  ]);
  expect(buffers.at(-1)?.octets).toEqual(inner.at(-1));
  expect(facts.map(([name]) => name)).toEqual(['SA', 'Suite', 'Compressed by']);
});
