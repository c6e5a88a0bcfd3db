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
  const doors = packages()
    .flatMap((one) => one.doors)
    .filter(({ file }) => models.has(`${file}.api.json`))
    .map((door) => ({ ...door, members: membersOf(door.file) }));
  return doors.map(({ file, specifier, members }) => ({
    path: `api/${file}.md`,
    title: specifier,
    text: pageOf(specifier, members, placesFor(file, doors)),
  }));
}

function membersOf(file) {
  return JSON.parse(readFileSync(join(MODELS, `${file}.api.json`), 'utf8')).members[0].members;
}

/** Where a page says what a name means: on itself if it can, else on that of the first door which has it. */
function placesFor(file, doors) {
  const others = doors.filter((door) => door.file !== file).toReversed();
  return new Map(
    [...others, ...doors.filter((door) => door.file === file)].flatMap((door) =>
      door.members.map(({ name, canonicalReference }) => {
        const anchor = `#${name.toLowerCase()}`;
        return [nameIn(canonicalReference), door.file === file ? anchor : `${door.file}.md${anchor}`];
      }),
    ),
  );
}

/** Package and name, of a reference as api-extractor writes it. */
function nameIn(canonicalReference) {
  return canonicalReference.replace('!~', '!').replace(/[:(].*$/, '');
}

function pageOf(specifier, members, places) {
  const sections = KINDS.flatMap(([kind, title]) => {
    const own = members.filter((member) => member.kind === kind);
    return own.length === 0 ? [] : [`## ${title}`, ...own.map((member) => described(member, places))];
  });
  return `${[`# ${specifier}`, 'Generated from the declarations.', ...sections].join('\n\n')}\n`;
}

function described(member, places) {
  const parts = (member.members ?? []).filter(({ kind }) => kind !== 'CallSignature');
  const rows = parts.map((part) => `- \`${oneLine(signatureOf(part))}\`${said(part) && `: ${oneLine(said(part))}`}`);
  const code = `\`\`\`ts\n${signatureOf(member)}\n\`\`\``;
  return [`### ${member.name}`, said(member), code, rows.join('\n'), usedIn([member, ...parts], places)]
    .filter(Boolean)
    .join('\n\n');
}

/** The names that its declarations use, with links to what they mean. */
function usedIn(all, places) {
  const [{ name: own }] = all;
  const names = all
    .flatMap(({ excerptTokens = [] }) => excerptTokens)
    .filter(({ kind, text }) => kind === 'Reference' && text !== own)
    .map(({ text, canonicalReference }) => [text, places.get(nameIn(canonicalReference))])
    .filter(([, place]) => place !== undefined);
  const links = [...new Map(names)].map(([name, place]) => `[${name}](${place})`);
  return links.length === 0 ? '' : `Uses ${links.join(', ')}.`;
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
    .replaceAll(/@throws\s+/g, 'Throws ')
    .replaceAll(/@param (\w+) -/g, '`$1`:')
    .replaceAll(/@returns?\s+/g, 'Gives ')
    .replaceAll(/\{@link ([^}]*)\}/g, '`$1`')
    .trim();
}

function oneLine(text) {
  return text.replaceAll(/\s+/g, ' ');
}
