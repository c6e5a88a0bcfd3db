import type { Row } from '../protocol.ts';
import type { Client } from './client.ts';
import { byId, h } from './dom.ts';
import { counted } from './words.ts';

const PAGE_ROWS = 128;
const MOST_PAGES = 64;
/** No browser makes an element much taller than this. */
const MOST_HEIGHT = 12_000_000;
/** Milliseconds after the last letter. */
const TYPING = 120;

const COLUMNS: readonly (readonly [string, (row: Row, base: number) => string])[] = [
  ['No.', ({ frame }) => String(frame)],
  ['Time', ({ time }, base) => (time - base).toFixed(6)],
  ['Source', ({ source }) => source],
  ['Destination', ({ destination }) => destination],
  ['Protocol', ({ protocol }) => protocol],
  ['Information', ({ info }) => info],
  ['Verdict', ({ verdictText }) => verdictText],
];

/** The packet table: as many elements as can be seen, whatever the number of rows. */
export class Packets {
  readonly #client: Client;
  readonly #chosen: (row: Row, isEntered: boolean) => void;
  readonly #grid = byId('grid', HTMLElement);
  readonly #head = h('div', { role: 'row', class: 'row head', 'aria-rowindex': 1 });
  readonly #spacer = h('div', { class: 'spacer', role: 'presentation' });
  readonly #window = h('div', { class: 'window', role: 'rowgroup' });
  readonly #search = byId('search', HTMLInputElement);
  readonly #found = byId('found', HTMLElement);
  readonly #pages = new Map<number, readonly Row[]>();
  readonly #asked = new Set<number>();
  #lines: HTMLElement[] = [];
  #rows = 0;
  #base = 0;
  #active = 0;
  #generation = 0;
  #frameAsked = false;
  #typed = 0;

  constructor(client: Client, chosen: (row: Row, isEntered: boolean) => void) {
    this.#client = client;
    this.#chosen = chosen;
    const attributes = { role: 'grid', 'aria-label': 'Packets', 'aria-rowcount': '1', tabindex: '0' };
    for (const [name, value] of Object.entries(attributes)) this.#grid.setAttribute(name, value);
    for (const [name] of COLUMNS) this.#head.append(h('span', { role: 'columnheader' }, name));
    this.#spacer.append(this.#window);
    this.#grid.append(this.#head, this.#spacer);
    this.#grid.addEventListener('scroll', () => this.#later(), { passive: true });
    this.#grid.addEventListener('keydown', (event) => this.#key(event));
    this.#window.addEventListener('click', (event) => this.#click(event));
    new ResizeObserver(() => this.#later()).observe(this.#grid);
    this.#search.addEventListener('input', () => {
      clearTimeout(this.#typed);
      this.#typed = setTimeout(() => void this.filter(), TYPING);
    });
    this.#search.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowDown' || event.key === 'Enter') this.enter();
      else if (event.key === 'Escape' && this.#search.value !== '') void this.search('');
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    byId('quick', HTMLElement).addEventListener('click', ({ target }) => {
      if (target instanceof HTMLButtonElement) void this.search(target.getAttribute('data-query') ?? '');
    });
  }

  /** `base`: the time that is 0. */
  async show(base: number): Promise<void> {
    this.#base = base;
    this.#search.value = '';
    await this.filter();
  }

  async search(query: string): Promise<void> {
    this.#search.value = query;
    await this.filter();
  }

  focusSearch(): void {
    this.#search.focus();
    this.#search.select();
  }

  /** Goes to the row that was chosen last, and shows what is in it. */
  enter(): void {
    this.#grid.focus();
    this.#choose(this.#active, false);
  }

  /** Goes back to it. */
  focus(): void {
    this.#grid.focus();
    this.reveal();
    this.#later();
  }

  /** Scrolls to the row that was chosen last. */
  reveal(): void {
    this.#reveal(this.#active);
  }

  async filter(): Promise<void> {
    const generation = ++this.#generation;
    const query = this.#search.value.trim();
    const { rows } = await this.#client.ask({ kind: 'filter', query });
    if (generation !== this.#generation) return;
    this.#rows = rows;
    this.#active = 0;
    this.#pages.clear();
    this.#asked.clear();
    this.#grid.scrollTop = 0;
    this.#grid.setAttribute('aria-rowcount', String(rows + 1));
    this.#found.textContent = query === '' ? counted(rows, 'row') : `${counted(rows, 'row')} found`;
    for (const button of byId('quick', HTMLElement).querySelectorAll('button')) {
      button.setAttribute('aria-pressed', String((button.getAttribute('data-query') ?? '') === query));
    }
    this.#later();
  }

  #later(): void {
    if (this.#frameAsked) return;
    this.#frameAsked = true;
    requestAnimationFrame(() => {
      this.#frameAsked = false;
      this.#draw();
    });
  }

  #rowHeight(): number {
    return Number.parseFloat(getComputedStyle(this.#grid).getPropertyValue('--row-height')) || 26;
  }

  /** Where the table is: the first row that is seen, and how far it is scrolled into it. */
  #view(): { readonly height: number; readonly seen: number; readonly top: number; readonly ratio: number } {
    const height = this.#rowHeight();
    const seen = this.#grid.clientHeight - this.#head.offsetHeight;
    const whole = this.#rows * height;
    const shown = Math.min(whole, MOST_HEIGHT);
    const ratio = shown > seen ? (whole - seen) / (shown - seen) : 1;
    return { height, seen, top: this.#grid.scrollTop * ratio, ratio };
  }

  #draw(): void {
    const { height, seen, top } = this.#view();
    if (seen <= 0) return;
    this.#stretch();
    const first = Math.max(0, Math.floor(top / height));
    const lines = Math.min(this.#rows - first, Math.ceil(seen / height) + 1);
    this.#window.style.transform = `translateY(${this.#grid.scrollTop - (top - first * height)}px)`;
    this.#fit(lines);
    for (let i = 0; i < lines; i++) this.#write(this.#lines[i], first + i);
    this.#grid.setAttribute('aria-activedescendant', `row-${this.#active}`);
  }

  #stretch(): void {
    this.#spacer.style.height = `${Math.min(this.#rows * this.#rowHeight(), MOST_HEIGHT)}px`;
  }

  #fit(lines: number): void {
    while (this.#lines.length < lines) {
      const line = h('div', { role: 'row' }, ...COLUMNS.map(() => h('span', { role: 'gridcell' })));
      this.#lines.push(line);
      this.#window.append(line);
    }
    for (const line of this.#lines.splice(Math.max(0, lines))) line.remove();
  }

  #write(line: HTMLElement | undefined, place: number): void {
    if (line === undefined) return;
    const row = this.#rowAt(place);
    line.id = `row-${place}`;
    line.setAttribute('data-place', String(place));
    line.setAttribute('aria-rowindex', String(place + 2));
    line.setAttribute('aria-selected', String(place === this.#active));
    line.className = `row ${row?.verdict ?? ''}`;
    COLUMNS.forEach(([, text], column) => {
      const cell = line.children[column];
      if (!(cell instanceof HTMLElement)) return;
      const shown = row === undefined ? (column === 0 ? '…' : '') : text(row, this.#base);
      if (cell.textContent === shown) return;
      cell.textContent = shown;
      cell.title = shown;
    });
  }

  #rowAt(place: number): Row | undefined {
    const page = Math.floor(place / PAGE_ROWS);
    const rows = this.#pages.get(page);
    if (rows === undefined) void this.#ask(page);
    return rows?.[place - page * PAGE_ROWS];
  }

  async #ask(page: number): Promise<void> {
    if (this.#asked.has(page)) return;
    this.#asked.add(page);
    const generation = this.#generation;
    const rows = await this.#rowsFrom(page * PAGE_ROWS, PAGE_ROWS);
    if (generation !== this.#generation) return;
    this.#asked.delete(page);
    if (rows.length === 0) return;
    this.#pages.set(page, rows);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > MOST_PAGES && oldest !== undefined) this.#pages.delete(oldest);
    this.#later();
  }

  #click({ target }: Event): void {
    const line = target instanceof Element ? target.closest<HTMLElement>('[data-place]') : null;
    if (line !== null) this.#choose(Number(line.getAttribute('data-place')), true);
  }

  #key(event: KeyboardEvent): void {
    const { height, seen } = this.#view();
    const page = Math.max(1, Math.floor(seen / height) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: this.#active + 1,
      ArrowUp: this.#active - 1,
      PageDown: this.#active + page,
      PageUp: this.#active - page,
      Home: 0,
      End: this.#rows - 1,
      Enter: this.#active,
    };
    const place = steps[event.key];
    if (place === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#choose(place, event.key === 'Enter');
  }

  #choose(wanted: number, isEntered: boolean): void {
    if (this.#rows === 0) return;
    const place = Math.max(0, Math.min(this.#rows - 1, wanted));
    this.#active = place;
    this.#reveal(place);
    this.#later();
    void this.#tell(place, isEntered);
  }

  async #tell(place: number, isEntered: boolean): Promise<void> {
    const generation = this.#generation;
    const row = this.#rowAt(place) ?? (await this.#rowsFrom(place, 1))[0];
    if (row !== undefined && generation === this.#generation && place === this.#active) this.#chosen(row, isEntered);
  }

  /** None where there is no capture any more. */
  async #rowsFrom(from: number, count: number): Promise<readonly Row[]> {
    try {
      return (await this.#client.ask({ kind: 'rows', from, to: from + count })).rows;
    } catch {
      return [];
    }
  }

  #reveal(place: number): void {
    // It may have more rows than it was drawn with: then it could not be scrolled so far.
    this.#stretch();
    const { height, seen, top, ratio } = this.#view();
    const at = place * height;
    if (at < top) this.#grid.scrollTop = at / ratio;
    else if (at + height > top + seen) this.#grid.scrollTop = (at + height - seen) / ratio;
  }
}
