import { existsSync } from 'node:fs';
import { type Browser, chromium, type Download, type Page } from 'playwright-core';

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

/** What the page hands out as a file. */
export async function exported(page: Page, form: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.selectOption('#export', form)]);
  return octetsOf(download);
}

async function octetsOf(download: Download): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
