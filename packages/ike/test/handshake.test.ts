import { seconds } from '@espalier/wire';
import { expect, it } from 'vitest';
import { Pair } from './pair.ts';

it('x', () => {
  const pair = new Pair().initiate();
  pair.run(seconds(100));
  console.log(pair.R2.events, pair.R3.events, pair.R2.results, pair.R3.results, pair.sent.length);
  console.log(pair.R2.endpoint.ikeSas(), pair.R3.endpoint.children());
  expect(1).toBe(1);
});
