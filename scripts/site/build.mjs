// Builds the documents' site into site/built: npm run site [-- --serve]. Every page has its Markdown beside it; links are checked.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { root } from '../release/packages.mjs';
import { linksOf, pages, sidebarOf } from './pages.mjs';

const SITE = join(root, 'site');
const CONTENT = join(SITE, '.content');
const BUILT = join(SITE, 'built');
const ABOUT = 'IPsec as a library, in TypeScript: IKEv1, ESP and AH without I/O of their own.';
/** How headings, tables, lists, code, quotations and pictures begin. */
const NO_PROSE = /^(#|\||- |\d|```| {4}|>|!)/;

for (const folder of [CONTENT, BUILT]) rmSync(folder, { recursive: true, force: true });
const all = pages();
for (const { path, text } of all) put(join(CONTENT, path), text);
put(join(CONTENT, 'index.md'), home());
for (const name of readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }))
  if (/\.(svg|webp)$/.test(name)) cpSync(join(root, 'docs', name), join(CONTENT, name));
put(join(CONTENT, '.vitepress/sidebar.json'), JSON.stringify(sidebarOf(all)));
cpSync(join(SITE, 'config.mjs'), join(CONTENT, '.vitepress/config.mjs'));

vitepress('build');

for (const { path, text } of all) put(join(BUILT, path), text);
put(join(BUILT, 'llms.txt'), llms());
const dead = deadLinks();
for (const link of dead) console.error(`dead link: ${link}`);
console.log(`${all.length} pages in site/built, ${dead.length} dead links`);
if (dead.length > 0) process.exit(1);
if (process.argv.includes('--serve')) vitepress('preview');

function vitepress(command) {
  const program = join(SITE, 'node_modules/vitepress/bin/vitepress.js');
  const { status } = spawnSync(process.execPath, [program, command, CONTENT], { cwd: SITE, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function home() {
  const sections = sidebarOf(all).map((section) => {
    const links = linksOf(section).map(({ text: title, link }) => `[${title}](${link})`);
    return `## ${section.text}\n\n${links.join(' · ')}`;
  });
  return `# Espalier\n\n${ABOUT}\n\n${sections.join('\n\n')}\n`;
}

/** For who reads with a program (https://llmstxt.org). */
function llms() {
  const sections = sidebarOf(all).map(
    (section) =>
      `## ${section.text}\n\n${linksOf(section)
        .map(({ text: title, link }) => `- [${title}](${link})${aboutOf(link)}`)
        .join('\n')}`,
  );
  return `# Espalier\n\n> ${ABOUT}\n\n${sections.join('\n\n')}\n`;
}

/** The first sentence of a page's text, without its links; nothing of a page that begins otherwise, or was generated. */
function aboutOf(link) {
  const { section, text } = all.find(({ path }) => link === `/${path}`) ?? {};
  const paragraph = section === 'api' ? undefined : text?.split('\n\n').find((part) => !NO_PROSE.test(part));
  const plain = paragraph?.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/\s+/g, ' ');
  const [sentence] = /^.*?\.(?= |$)/.exec(plain ?? '') ?? [];
  return sentence === undefined ? '' : `: ${sentence}`;
}

/** Of every page as it was built: links to pages that are not there, and to places that a page does not have. */
function deadLinks() {
  const built = readdirSync(BUILT, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  const html = new Map(
    built.map((name) => [`/${name.replaceAll('\\', '/')}`, readFileSync(join(BUILT, name), 'utf8')]),
  );
  const ids = new Map(
    [...html].map(([page, text]) => [page, new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id))]),
  );
  return [...html].flatMap(([page, text]) =>
    [...text.matchAll(/<a [^>]*href="(?!https?:|mailto:)([^"]*)"/g)].flatMap(([, href]) => {
      const [path, anchor = ''] = href.replaceAll('&amp;', '&').split('#');
      const to =
        path === ''
          ? page
          : posix.join(posix.dirname(page), path.startsWith('/') ? posix.relative(posix.dirname(page), path) : path);
      const file = to.endsWith('/') ? `${to}index.html` : to;
      const target =
        ids.get(file) ??
        (existsSync(join(BUILT, file)) ? new Set(anchor === '' ? [] : [decodeURIComponent(anchor)]) : undefined);
      if (target === undefined) return [`${page}: ${href}`];
      return anchor === '' || target.has(decodeURIComponent(anchor)) ? [] : [`${page}: ${href}`];
    }),
  );
}

function put(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
