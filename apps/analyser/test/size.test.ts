import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { builtFiles } from '../scripts/build.mjs';

it('weighs less than 150,000 octets, compressed, all together', async () => {
  const files = await builtFiles();
  expect([...files.keys()]).toEqual(['index.html', 'style.css', 'main.js', 'worker.js']);
  const sizes = [...files.values()].map((octets) => gzipSync(octets, { level: 9 }).length);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(150_000);
});

it('has no script, style or handler in its markup, and a policy that lets it connect to nothing', async () => {
  const markup = new TextDecoder().decode((await builtFiles()).get('index.html'));
  expect(markup).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:/i);
  expect(markup).not.toMatch(/(src|href)="(?!main\.js|style\.css|data:)/);
  expect(markup).toMatch(/default-src 'none'.*connect-src 'none'/);
});
