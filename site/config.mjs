// The documents' site: pages are laid out by scripts/site/build.mjs, which also says what is in the sidebar.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';

const sidebar = JSON.parse(readFileSync(new URL('sidebar.json', import.meta.url), 'utf8'));

/** As GitHub names headings: documents are read there, too. */
const slugify = (text) =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

export default defineConfig({
  title: 'Espalier',
  description: 'IPsec as a library, in TypeScript: IKEv1, ESP and AH without I/O of their own.',
  base: '/',
  outDir: '../built',
  cleanUrls: false,
  lastUpdated: false,
  // Documents are Markdown for people who read it in a clone too: no markup of Vue, no HTML.
  markdown: { html: false, anchor: { slugify }, theme: { light: 'github-light', dark: 'github-dark' } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Learn', link: '/learn/' },
      { text: 'How to', link: '/how-to/' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Explanation', link: '/explanation/' },
    ],
    sidebar,
  },
});
