// What a run came to: the table in docs/how-to/test/fuzzing.md, between its marks.
import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = new URL('../../docs/how-to/test/fuzzing.md', import.meta.url);
const [BEGIN, END] = ['<!-- coverage: begin -->\n', '<!-- coverage: end -->\n'];

export function writePage(states, run) {
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error('docs/how-to/test/fuzzing.md has no place for the figures');
  writeFileSync(PAGE, `${before}${BEGIN}${textOf(states, run)}${END}${after}`);
}

function textOf(states, { seed, took, blocks }) {
  const all = sum(states, ({ runs }) => runs);
  const kept = sum(states, (state) => state.kept.length);
  const faults = sum(states, (state) => state.faults.length);
  const rows = groupsOf(states).map(
    ([name, group]) =>
      `| ${name} | ${group.length} | ${number(sum(group, ({ runs }) => runs))} | ${number(sum(group, ({ accepted }) => accepted))} | ${number(sum(group, (state) => state.kept.length))} |`,
  );
  return `As run with seed ${seed}: ${number(all)} inputs in ${took.toFixed(0)} s of a processor, ${number(blocks)} blocks reached, ${number(kept)} inputs in the corpus,
${faults === 0 ? 'nothing thrown that a door does not throw' : `${faults} foreign exceptions`}.

| doors | states | inputs | taken | in the corpus |
|---|--:|--:|--:|--:|
${rows.join('\n')}
`;
}

/** Doors of an endpoint by their session, and by whether they are behind its encryption. */
function groupsOf(states) {
  const groups = new Map();
  for (const state of states) {
    const { name, isEncrypted } = state.door;
    const [, session] = /^(.+) \d+\*?$/.exec(name) ?? [];
    const group =
      session === undefined
        ? name
        : `endpoint, session "${session}", ${isEncrypted ? 'behind the encryption' : 'in clear'}`;
    groups.set(group, [...(groups.get(group) ?? []), state]);
  }
  return [...groups];
}

function sum(states, of) {
  return states.reduce((all, state) => all + of(state), 0);
}

function number(value) {
  return value.toLocaleString('en-US');
}
