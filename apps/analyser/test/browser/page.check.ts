import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Observer, readCapture, readKeys, toJson } from '@espalier/capture';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasShared, sharedFile, sharedUrl } from '../../../../test/shared.ts';
import { builtFiles } from '../../scripts/build.mjs';
import { serve } from '../../scripts/server.mjs';
import { chromiumPath, exported, type FileToGive, give, giveFiles, keepExports, launch } from './browser.ts';
import { largeCapture } from './large.ts';

interface SessionKeys {
  readonly ike_messages: readonly object[];
  readonly esp_packets: readonly { readonly frame: number; readonly inner: string }[];
}

const text = (octets: Uint8Array) => new TextDecoder().decode(octets);
const sets = hasShared
  ? readdirSync(sharedUrl('captures/')).filter((name) => existsSync(sharedUrl(`captures/${name}/trace.pcap`)))
  : [];

describe.skipIf(chromiumPath === undefined)('the page, in Chromium', { timeout: 60_000 }, () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  let origin: string;
  const requests: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    server = await serve(await builtFiles());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    origin = `http://127.0.0.1:${address.port}/`;
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1300, height: 900 } });
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await keepExports(page);
    await page.goto(origin);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const trace = (name: string): FileToGive => ({
    name: `${name}.pcap`,
    octets: sharedFile(`captures/${name}/trace.pcap`),
  });
  const keysOf = (name: string): FileToGive => ({
    name: 'keys.json',
    octets: sharedFile(`captures/${name}/keys.json`),
  });
  const lines = async (): Promise<readonly string[]> =>
    (await exported(page, 'packets-json')).split('\n').filter(Boolean);
  const found = () => page.locator('#found').innerText();

  it('shows its sample: decrypted, with what went wrong, and all of it assessed', async () => {
    await page.click('#sample-first');
    await page.waitForSelector('body[data-opened="sample.pcapng"]');
    expect(await page.locator('#panel-overview').innerText()).toMatch(/What went wrong[\s\S]*pre-shared keys differ/);
    await page.click('#tab-assessment');
    expect(await page.locator('.finding').count()).toBeGreaterThan(3);
    await page.click('#tab-unread');
    expect(await page.locator('#panel-unread').innerText()).toContain('not IPsec');
    await page.click('#tab-timeline');
    expect(await page.locator('.ladder .message').count()).toBeGreaterThan(10);
    expect(await page.locator('.ladder .repeated').count()).toBe(1);
    const [download] = await Promise.all([page.waitForEvent('download'), page.selectOption('#export', 'report-text')]);
    expect(download.suggestedFilename()).toBe('sample-report.txt');
  });

  it.each(sets)('shows of capture set %s what the package shows, and what its peers saw inside', async (name) => {
    await give(page, [trace(name), keysOf(name)], `${name}.pcap`);
    const expected: SessionKeys = JSON.parse(text(keysOf(name).octets));
    const observer = new Observer({ keys: readKeys([{ name, text: text(keysOf(name).octets) }]) });
    const { frames } = readCapture(trace(name).octets);
    const shown = await lines();
    expect(shown).toEqual(frames.flatMap((frame) => observer.push(frame)).map(toJson));
    const inner = shown.map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'esp');
    expect(inner.map((packet) => [packet.frame, packet.inner])).toEqual(
      expected.esp_packets.map((packet) => [packet.frame, packet.inner]),
    );
    expect(await found()).toBe(`${shown.length} rows`);
    expect(JSON.parse(await exported(page, 'report-json'))).toEqual(JSON.parse(JSON.stringify(observer.report())));
  });

  it.skipIf(!hasShared)('takes a drop of a compressed capture and its keys, and shows octets of both', async () => {
    const name = 'main-psk-3des-sha1-modp1024';
    const files = [
      { name: 'dropped.pcap.gz', octets: gzipSync(trace(name).octets) },
      { name: 'keys.json', octets: keysOf(name).octets },
    ].map((file) => ({ name: file.name, base64: Buffer.from(file.octets).toString('base64') }));
    await page.evaluate(`(async () => {
      const transfer = new DataTransfer();
      for (const { name, base64 } of ${JSON.stringify(files)})
        transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
      document.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }));
    })()`);
    await page.waitForSelector('body[data-opened="dropped.pcap.gz"]');
    await page.click('#tab-packets');
    await page.click('#quick button:has-text("ESP")');
    await page.locator('.window .row').first().click();
    await page.waitForSelector('#details .switches button:has-text("Inside")');
    const expected: SessionKeys = JSON.parse(text(keysOf(name).octets));
    const dump = await page.locator('.hex .digits').allInnerTexts();
    expect(dump.join('').replace(/\s/g, '')).toBe(expected.esp_packets[0]?.inner);
    await page.locator('.tree .label', { hasText: 'Destination' }).first().click();
    const lit = await page.locator('.hex .digits .lit').allInnerTexts();
    expect(lit.join('')).toBe(expected.esp_packets[0]?.inner.slice(32, 40));
    await page.locator('.hex .digits i').first().click();
    expect(await page.locator('.tree [aria-selected="true"] > .label').innerText()).toMatch(/^Version/);
  });

  it.skipIf(!hasShared)('says of wrong keys that ICVs are wrong, and never shows garbage as plain text', async () => {
    const name = 'main-psk-3des-sha1-modp1024';
    const wrong = text(keysOf(name).octets).replace(/("(?:ka|skeyid_d|enc_key_...|integ_key_...)": ")../g, '$1ff');
    await give(page, [trace(name), { name: 'keys.json', octets: Buffer.from(wrong) }], `${name}.pcap`);
    const packets = (await lines()).map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'esp');
    expect(packets.length).toBeGreaterThan(0);
    for (const packet of packets) expect(packet).toMatchObject({ icv: 'bad' });
    for (const packet of packets) expect(packet).not.toHaveProperty('inner');
    await page.click('#tab-packets');
    await page.fill('#search', 'kind:esp is:bad');
    await expect.poll(found).toBe(`${packets.length} rows found`);
    expect(await page.locator('#panel-overview .hint').textContent()).toContain('wrong ICV');
  });

  it('names a key file that is none, and what a file is that is no capture', async () => {
    await page.setInputFiles('#choose', [
      { name: 'x.pem', mimeType: '', buffer: Buffer.from('-----BEGIN PRIVATE KEY-----\n') },
    ]);
    await expect
      .poll(() => page.locator('#problem').innerText())
      .toContain('x.pem: this is a certificate or a private key');
    await give(
      page,
      [{ name: 'photo.jpg', octets: Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, ...new Uint8Array(40)) }],
      'photo.jpg',
    );
    expect(await page.locator('#problem').innerText()).toMatch(/Reading stopped after 0 frames, at octet 0/);
  });

  describe('with 100,000 packets', () => {
    let files: string[];
    let folder: string;

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'espalier-analyser-'));
      files = ['large.pcapng', 'esp_sa'].map((name) => join(folder, name));
      largeCapture(100_000).forEach((octets, i) => {
        writeFileSync(files[i] ?? '', octets);
      });
    }, 60_000);

    afterAll(() => rmSync(folder, { recursive: true }));

    it('opens them all, and stays fast: a frame of scrolling takes less than a tenth of a second', async () => {
      await giveFiles(page, files, 'large.pcapng');
      await page.click('#tab-packets');
      expect(await found()).toBe('100,000 rows');
      expect(await page.locator('.figure').nth(1).textContent()).toContain('100,000 opened');
      const times: number[] = await page.evaluate(`new Promise((resolve) => {
        const grid = document.getElementById('grid');
        const times = [];
        let last = performance.now();
        const step = (now) => {
          times.push(now - last);
          last = now;
          grid.scrollTop += times.length % 2 === 0 ? 300 : 37_111;
          if (times.length < 90) requestAnimationFrame(step);
          else resolve(times);
        };
        requestAnimationFrame(step);
      })`);
      const sorted = times.toSorted((a, b) => a - b);
      expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThan(100);
      expect(await page.locator('.window .row').count()).toBeLessThan(60);
    });

    it('goes by keyboard: to the end and back, into a packet, to the search and out of it', async () => {
      await page.click('#tab-packets');
      await page.focus('#grid');
      // A locator waits for its element: what is asked until it is right must not.
      const chosen = () => page.evaluate(`document.querySelector('.window .row[aria-selected="true"]')?.innerText`);
      await page.keyboard.press('End');
      await expect.poll(chosen).toMatch(/^100000/);
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowDown');
      await expect.poll(chosen).toMatch(/^2\s/);
      expect(await page.getAttribute('#grid', 'aria-activedescendant')).toBe('row-1');
      await page.keyboard.press('Enter');
      await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('ESP, frame 2');
      await page.keyboard.press('Escape');
      await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('grid');
      // Regression: whoever closed them got them again, since the row that was chosen last was chosen once more.
      await page.evaluate('new Promise((resolve) => setTimeout(resolve, 300))');
      expect(await page.locator('#details').isHidden()).toBe(true);
      await page.keyboard.press('/');
      await page.keyboard.type('frame:77-79 -seq:78');
      await expect.poll(found).toBe('2 rows found');
      await page.keyboard.press('Escape');
      await expect.poll(found).toBe('100,000 rows');
    });

    it('stops when it is told to, and shows what it has read', async () => {
      await page.evaluate('delete document.body.dataset.opened');
      await page.setInputFiles('#choose', files);
      await page.waitForSelector('#progress:not([hidden])');
      await page.click('#cancel');
      await page.waitForSelector('body[data-opened="large.pcapng"]');
      expect(await page.locator('#problem').innerText()).toMatch(/cancelled after [\d,]+ frames/);
      const report = JSON.parse(await exported(page, 'report-json'));
      expect(report.frames).toBeLessThan(100_000);
    });
  });

  it('has asked for nothing but its own four files, stored nothing, and complained of nothing', async () => {
    const files = ['', 'style.css', 'main.js', 'worker.js'].map((name) => origin + name);
    expect([...new Set(requests)].filter((url) => !url.startsWith('blob:') && !url.startsWith('data:')).sort()).toEqual(
      files.sort(),
    );
    expect(complaints).toEqual([]);
    expect(await page.context().storageState()).toEqual({ cookies: [], origins: [] });
    const kept = `Promise.all([indexedDB.databases(), caches.keys()]).then(([bases, caches]) =>
      bases.length + caches.length + localStorage.length + sessionStorage.length)`;
    expect(await page.evaluate(kept)).toBe(0);
  });

  it('may connect to nothing', async () => {
    expect(await page.evaluate(`fetch(location.href).then(() => 'connected', () => 'refused')`)).toBe('refused');
    complaints.length = 0;
  });
});
