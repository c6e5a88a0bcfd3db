import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const { CHROMIUM: named = '' } = process.env;

/** Where Chromium is; `CHROMIUM` says where else. */
export const chromiumPath: string | undefined = [named, ...PLACES].find(existsSync);

if (chromiumPath === undefined) console.warn('Chromium is missing: tests of the analyser in a browser are skipped');

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export interface FileToGive {
  readonly name: string;
  readonly octets: Uint8Array;
}

/** Gives the page files, as who chooses them; the page shows the first capture among them once this is fulfilled. */
export async function give(page: Page, files: readonly FileToGive[], opened: string): Promise<void> {
  const given = files.map(({ name, octets }) => ({ name, mimeType: '', buffer: Buffer.from(octets) }));
  await giveFiles(page, given, opened);
}

/** Likewise of files on a disk, by their paths. */
export async function giveFiles(
  page: Page,
  files: Parameters<Page['setInputFiles']>[1],
  opened: string,
): Promise<void> {
  await page.evaluate('delete document.body.dataset.opened');
  await page.setInputFiles('#choose', files);
  await page.waitForSelector(`body[data-opened="${opened}"]`, { timeout: 60_000 });
}

/** Keeps what the page hands out: Chromium drops every eleventh download of a page that nobody sits at. */
export async function keepExports(page: Page): Promise<void> {
  await page.addInitScript(`
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => make.call(URL, (window.handedOut = blob));
  `);
}

/** What the page hands out as a file, of a page that `keepExports` was told of. */
export async function exported(page: Page, form: string): Promise<string> {
  await page.evaluate('window.handedOut = undefined');
  await page.selectOption('#export', form);
  return page.evaluate(`new Promise((resolve) => {
    const look = () => (window.handedOut === undefined ? setTimeout(look, 10) : resolve(window.handedOut.text()));
    look();
  })`);
}
