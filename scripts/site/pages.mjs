// What the site is made of: documents, READMEs, the API of every door; each a page with a path of its own.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { addresses, packages, root } from '../release/packages.mjs';
import { apiPages } from './api.mjs';

const SECTIONS = [
  ['learn', 'Learn'],
  ['how-to', 'How to'],
  ['reference', 'Reference'],
  ['explanation', 'Explanation'],
  ['measured', 'As run'],
];
/** Documents that stand at the root of a clone. */
const ROOT_PAGES = {
  'ARCHITECTURE.md': 'explanation/architecture.md',
  'SECURITY.md': 'explanation/security.md',
  'RFC.md': 'reference/rfc.md',
};

/** Every page: its path on the site, its section, its title, its text. */
export function pages() {
  const places = new Map(Object.entries(ROOT_PAGES));
  for (const [section] of SECTIONS) {
    const folder = join(root, 'docs', section);
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder))
      if (name.endsWith('.md')) places.set(`docs/${section}/${name}`, `${section}/${name}`);
  }
  for (const { folder, name } of packages()) places.set(`${folder}/README.md`, `packages/${name}.md`);
  places.set('README.md', 'packages/index.md');
  const documents = [...places].map(([file, path]) => {
    const text = readFileSync(join(root, file), 'utf8');
    return { path, section: path.split('/')[0], title: titleOf(text), text: withPlaces(text, file, path, places) };
  });
  const api = apiPages().map((page) => ({ ...page, section: 'api' }));
  const all = [...documents, ...api];
  const indexes = SECTIONS.filter(([section]) => !all.some(({ path }) => path === `${section}/index.md`)).map(
    ([section, title]) => indexOf(section, title, all),
  );
  return [...all, ...indexes].sort((a, b) => a.path.localeCompare(b.path));
}

/** The sidebar: sections, and their pages by title. */
export function sidebarOf(all) {
  return [...SECTIONS, ['packages', 'Packages'], ['api', 'API, door by door']].map(([section, text]) => ({
    text,
    collapsed: section === 'api' || section === 'measured',
    items: all
      .filter((page) => page.section === section && !page.path.endsWith('/index.md'))
      .map(({ title, path }) => ({ text: title, link: `/${path}` })),
  }));
}

function indexOf(section, title, all) {
  const items = all
    .filter((page) => page.section === section)
    .map((page) => `- [${page.title}](${posix.basename(page.path)})`);
  return { path: `${section}/index.md`, section, title, text: `# ${title}\n\n${items.join('\n')}\n` };
}

function titleOf(text) {
  return (/^# (.*)$/m.exec(text)?.[1] ?? 'Untitled').replaceAll('`', '');
}

/** Links as they are on the site; what is no page there becomes a link to the repository or, while that has no address, words. */
function withPlaces(text, file, path, places) {
  const blob = addresses('.')?.blob;
  return text.replaceAll(/(!?)\[([^\]]*)\]\((?!https?:|#)([^)]*)\)/g, (_, image, words, target) => {
    const [there, anchor = ''] = target.split('#');
    const at = posix.normalize(posix.join(posix.dirname(file), there)).replace(/\/$/, '');
    const page = places.get(at) ?? places.get(`${at}/README.md`);
    const hash = anchor && `#${anchor}`;
    if (page !== undefined) return `${image}[${words}](${posix.relative(posix.dirname(path), page)}${hash})`;
    if (image === '!') return `![${words}](${posix.relative(posix.dirname(path), at.replace('docs/', ''))})`;
    return blob === undefined ? words : `[${words}](${blob}/${at}${hash})`;
  });
}
