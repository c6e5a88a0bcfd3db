import { byId, h } from './dom.ts';

export interface Tab {
  readonly id: string;
  readonly name: string;
}

/** Tabs as WAI-ARIA has them: arrows go from one to the next, and a panel is shown at a time. */
export class Tabs {
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #chosen: (id: string) => void;
  current = '';

  constructor(list: HTMLElement, tabs: readonly Tab[], chosen: (id: string) => void) {
    this.#chosen = chosen;
    for (const { id, name } of tabs) {
      const attributes = { role: 'tab', id: `tab-${id}`, 'aria-controls': `panel-${id}`, type: 'button' };
      const button = h('button', { ...attributes, onclick: () => this.choose(id) }, name);
      button.append(h('span', { class: 'badge', hidden: true }));
      this.#buttons.set(id, button);
      list.append(button);
    }
    list.addEventListener('keydown', (event) => this.#key(event));
  }

  choose(id: string): void {
    this.current = id;
    for (const [name, button] of this.#buttons) {
      button.setAttribute('aria-selected', String(name === id));
      button.tabIndex = name === id ? 0 : -1;
      byId(`panel-${name}`, HTMLElement).hidden = name !== id;
    }
    this.#chosen(id);
  }

  /** A number beside a tab's name; none for 0. */
  badge(id: string, number: number, kind = ''): void {
    const badge = this.#buttons.get(id)?.querySelector('.badge');
    if (!(badge instanceof HTMLElement)) return;
    badge.hidden = number === 0;
    badge.textContent = number > 999 ? '999+' : String(number);
    badge.className = `badge ${kind}`;
  }

  #key(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const ids = [...this.#buttons.keys()];
    const place = { Home: 0, End: ids.length - 1 }[event.key] ?? ids.indexOf(this.current) + (step ?? Number.NaN);
    const id = ids.at(place % ids.length);
    if (id === undefined || Number.isNaN(place)) return;
    event.preventDefault();
    this.choose(id);
    this.#buttons.get(id)?.focus();
  }
}
