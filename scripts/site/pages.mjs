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
/** Folders of how-to. */
const GROUPS = [
  ['connect', 'Connect'],
  ['authenticate', 'Authenticate'],
  ['build', 'Build on it'],
  ['look', 'Look inside'],
  ['test', 'Test and measure'],
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
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
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

/** The sidebar: sections, and their pages by title; those of a folder of a section under the folder's own. */
export function sidebarOf(all) {
  return [...SECTIONS, ['packages', 'Packages'], ['api', 'API, door by door']].map(([section, text]) => ({
    text,
    collapsed: section === 'api' || section === 'measured',
    items: [
      ...linksTo(section, all),
      ...GROUPS.map(([group, title]) => ({ text: title, items: linksTo(`${section}/${group}`, all) })).filter(
        ({ items }) => items.length > 0,
      ),
    ],
  }));
}

/** All links of a part of the sidebar. */
export function linksOf({ link, text, items = [] }) {
  return link === undefined ? items.flatMap(linksOf) : [{ link, text }];
}

function linksTo(folder, all) {
  return all
    .filter(({ path }) => posix.dirname(path) === folder && !path.endsWith('/index.md'))
    .map(({ title, path }) => ({ text: title, link: `/${path}` }));
}

function indexOf(section, title, all) {
  const lists = [[section], ...GROUPS.map(([group, heading]) => [`${section}/${group}`, heading])].flatMap(
    ([folder, heading]) => {
      const links = linksTo(folder, all).map(({ text, link }) => `- [${text}](${posix.relative(`/${section}`, link)})`);
      if (links.length === 0) return [];
      return heading === undefined ? [links.join('\n')] : [`## ${heading}`, links.join('\n')];
    },
  );
  return { path: `${section}/index.md`, section, title, text: `${[`# ${title}`, ...lists].join('\n\n')}\n` };
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
