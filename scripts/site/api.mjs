// A page for every door, from the models that api-extractor makes of its declarations.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { extractAll, MODELS } from '../api/extract.mjs';
import { packages } from '../release/packages.mjs';

const KINDS = [
  ['Class', 'Classes'],
  ['Function', 'Functions'],
  ['Interface', 'Interfaces'],
  ['TypeAlias', 'Types'],
  ['Variable', 'Constants'],
  ['Namespace', 'Namespaces'],
];

export function apiPages() {
  extractAll({ write: false });
  const models = new Set(readdirSync(MODELS));
  return packages().flatMap(({ doors }) =>
    doors
      .filter(({ file }) => models.has(`${file}.api.json`))
      .map(({ file, specifier }) => ({ path: `api/${file}.md`, title: specifier, text: pageOf(file, specifier) })),
  );
}

function pageOf(file, specifier) {
  const { members } = JSON.parse(readFileSync(join(MODELS, `${file}.api.json`), 'utf8'));
  const all = members[0].members;
  const sections = KINDS.flatMap(([kind, title]) => {
    const own = all.filter((member) => member.kind === kind);
    return own.length === 0 ? [] : [`## ${title}`, ...own.map((member) => described(member))];
  });
  return `${[`# ${specifier}`, 'Generated from the declarations.', ...sections].join('\n\n')}\n`;
}

function described(member) {
  const parts = (member.members ?? []).filter(({ kind }) => kind !== 'CallSignature');
  const rows = parts.map((part) => `- \`${oneLine(signatureOf(part))}\`${said(part) && `: ${oneLine(said(part))}`}`);
  return [`### ${member.name}`, said(member), `\`\`\`ts\n${signatureOf(member)}\n\`\`\``, rows.join('\n')]
    .filter(Boolean)
    .join('\n\n');
}

function signatureOf({ excerptTokens }) {
  return excerptTokens
    .map(({ text }) => text)
    .join('')
    .replace(/^export (declare )?/, '')
    .trim();
}

/** A comment's text, its tags as words. */
function said({ docComment = '' }) {
  return docComment
    .replaceAll(/^\/\*\*|\*\/\s*$/g, '')
    .replace(/Constructs a new instance of the `\w+` class/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .replaceAll(/@throws\b/g, 'Throws')
    .replaceAll(/@param (\w+)/g, '`$1`:')
    .replaceAll(/@returns?\b/g, 'Gives')
    .replaceAll(/\{@link ([^}]*)\}/g, '`$1`')
    .trim();
}

function oneLine(text) {
  return text.replaceAll(/\s+/g, ' ');
}
