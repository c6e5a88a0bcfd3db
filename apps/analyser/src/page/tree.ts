import type { Field } from '../fields/field.ts';
import { h } from './dom.ts';

interface Item {
  readonly field: Field;
  readonly element: HTMLElement;
  readonly parent: Item | undefined;
}

/** Fields in fields, as WAI-ARIA's tree: arrows go up and down, to the right in, to the left out. */
export class FieldTree {
  readonly element: HTMLElement = h('ul', { class: 'tree', role: 'tree', 'aria-label': 'Fields' });
  readonly #items: Item[] = [];
  readonly #chosen: (field: Field) => void;
  #current: Item | undefined;

  constructor(fields: readonly Field[], chosen: (field: Field) => void) {
    this.#chosen = chosen;
    for (const field of fields) this.element.append(this.#item(field, undefined));
    this.#current = this.#items[0];
    if (this.#current !== undefined) this.#current.element.tabIndex = 0;
    this.element.addEventListener('keydown', (event) => this.#key(event));
  }

  /** A field by the way to it. */
  choose(path: readonly Field[]): void {
    const item = this.#items.find(({ field }) => field === path.at(-1));
    if (item === undefined) return;
    for (let up = item.parent; up !== undefined; up = up.parent) expand(up, true);
    this.#go(item, false);
  }

  #item(field: Field, parent: Item | undefined): HTMLElement {
    const { name, value, fields = [] } = field;
    const isGroup = fields.length > 0;
    const label = h('span', { class: 'label' }, h('b', {}, name), value === '' ? '' : ` ${value}`);
    const element = h('li', { role: 'treeitem', tabindex: -1, 'aria-expanded': isGroup ? 'true' : undefined }, label);
    const item: Item = { field, element, parent };
    this.#items.push(item);
    label.addEventListener('click', () => {
      if (isGroup && this.#current === item) expand(item, element.getAttribute('aria-expanded') !== 'true');
      this.#go(item, true);
    });
    if (isGroup) element.append(h('ul', { role: 'group' }, ...fields.map((inner) => this.#item(inner, item))));
    return element;
  }

  #go(item: Item, isFocused: boolean): void {
    if (this.#current !== undefined) {
      this.#current.element.tabIndex = -1;
      this.#current.element.removeAttribute('aria-selected');
    }
    this.#current = item;
    item.element.tabIndex = 0;
    item.element.setAttribute('aria-selected', 'true');
    if (isFocused) item.element.focus({ preventScroll: true });
    item.element.firstElementChild?.scrollIntoView({ block: 'nearest' });
    this.#chosen(item.field);
  }

  #key(event: KeyboardEvent): void {
    const current = this.#current;
    if (current === undefined) return;
    const seen = this.#items.filter(isSeen);
    const place = seen.indexOf(current);
    const isExpanded = current.element.getAttribute('aria-expanded') === 'true';
    let next: Item | undefined;
    switch (event.key) {
      case 'ArrowDown':
        next = seen[place + 1];
        break;
      case 'ArrowUp':
        next = seen[place - 1];
        break;
      case 'Home':
        next = seen[0];
        break;
      case 'End':
        next = seen.at(-1);
        break;
      case 'ArrowRight':
        if (isExpanded) next = seen[place + 1];
        else expand(current, true);
        break;
      case 'ArrowLeft':
        if (isExpanded) expand(current, false);
        else next = current.parent;
        break;
      default:
        return;
    }
    event.preventDefault();
    if (next !== undefined) this.#go(next, true);
  }
}

function expand({ element }: Item, isExpanded: boolean): void {
  if (element.hasAttribute('aria-expanded')) element.setAttribute('aria-expanded', String(isExpanded));
}

function isSeen(item: Item): boolean {
  for (let up = item.parent; up !== undefined; up = up.parent) {
    if (up.element.getAttribute('aria-expanded') === 'false') return false;
  }
  return true;
}
