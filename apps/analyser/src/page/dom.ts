type Value = string | number | boolean | undefined | ((event: Event) => void);

/** An element with attributes, listeners (`onclick`) and children; text is text, never markup. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: readonly (Node | string | undefined)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child !== undefined) element.append(child);
  return element;
}

/** What the page has by its id. @throws TypeError where it is not there, or another element. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new TypeError(`the page has no ${kind.name} #${id}`);
  return element;
}

/** Rows, or cards, that are shown at once: more on request, for a capture may have thousands. */
const AT_ONCE = 200;

/** A table with a caption for who does not see it; a cell is a text, or an element. */
export function table<Row>(
  caption: string,
  heads: readonly string[],
  rows: readonly Row[],
  cells: (row: Row, index: number) => readonly (Node | string)[],
): HTMLElement {
  const head = h('tr', {}, ...heads.map((name) => h('th', { scope: 'col' }, name)));
  const body = h('tbody');
  const more = some(body, rows, (row, index) => h('tr', {}, ...cells(row, index).map((cell) => h('td', {}, cell))));
  return h(
    'div',
    { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': caption },
    h('table', {}, h('caption', { class: 'unseen' }, caption), h('thead', {}, head), body),
    more,
  );
}

/** One below the other, likewise. */
export function cards<Row>(rows: readonly Row[], card: (row: Row) => HTMLElement): HTMLElement {
  const list = h('div');
  const more = some(list, rows, card);
  return h('div', {}, list, more);
}

/** Appends some of them; a button appends more. Undefined where there are no more. */
function some<Row>(
  to: HTMLElement,
  rows: readonly Row[],
  element: (row: Row, index: number) => HTMLElement,
): HTMLElement | undefined {
  let shown = 0;
  const append = () => {
    const next = rows.slice(shown, shown + AT_ONCE);
    to.append(...next.map((row, i) => element(row, shown + i)));
    shown += next.length;
    button.textContent = `${(rows.length - shown).toLocaleString('en')} more…`;
    button.hidden = shown >= rows.length;
  };
  const button = h('button', { type: 'button', class: 'more', onclick: append });
  append();
  return button.hidden ? undefined : button;
}
