import type { Finding } from '@espalier/capture';
import type { Outcome } from '../protocol.ts';
import { cards, h } from './dom.ts';
import { failuresSection, type Links, section } from './overview.ts';

/** Subjects of one finding that are named one by one. */
const MOST_SUBJECTS = 6;

/** What went wrong, then what should be otherwise: each once, with all that it is about. */
export function assessment({ report }: Outcome, links: Links): readonly HTMLElement[] {
  const { failures, findings, ikeSas, sas } = report;
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.what}\n${finding.clause}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  if (failures.length === 0 && groups.size === 0) {
    const isEmpty = ikeSas.length === 0 && sas.length === 0;
    const text = isEmpty ? 'There is nothing to assess.' : 'Nothing was found that should be otherwise.';
    return [h('p', { class: 'empty' }, text)];
  }
  return [
    ...failuresSection(failures, links),
    ...section(
      'What should be otherwise',
      groups.size === 0 ? [] : [cards([...groups.values()], (group) => findingCard(group, links))],
    ),
  ];
}

function findingCard(group: readonly Finding[], links: Links): HTMLElement {
  const [first] = group;
  if (first === undefined) return h('article');
  const { severity, what, clause, remedy } = first;
  const subjects = group.slice(0, MOST_SUBJECTS).map(({ about, index, subject }) => {
    const onclick = () => links.search(`${about === 'sa' ? 'sa' : 'ike'}:${index}`);
    return h('li', {}, h('button', { type: 'button', class: 'link', onclick }, subject));
  });
  const more = group.length - subjects.length;
  return h(
    'article',
    { class: `card finding ${severity}` },
    h('h3', {}, h('span', { class: `severity ${severity}` }, severity), ` ${sentence(what)}`),
    h('p', {}, remedy),
    h('p', { class: 'clause' }, clause),
    h('ul', {}, ...subjects, ...(more > 0 ? [h('li', {}, `and ${more} more`)] : [])),
  );
}

/** What is said of a subject, standing alone. */
function sentence(what: string): string {
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
}
