import type { Buffer, Field } from '../fields/field.ts';
import type { Details, Row } from '../protocol.ts';
import type { Client } from './client.ts';
import { byId, h } from './dom.ts';
import { HexDump } from './hex.ts';
import { FieldTree } from './tree.ts';
import { moment } from './words.ts';

/** One row with all that is in it: fields, and the octets that each of them is. */
export class DetailsPane {
  readonly #client: Client;
  readonly #pane = byId('details', HTMLElement);
  readonly #closed: () => void;
  /** Which answer is waited for: they come in any order, since each reads the file. */
  #asked = 0;
  /** The buffer that was chosen last stays, as one goes from packet to packet; at first what is innermost is shown. */
  #buffer: string | undefined;

  constructor(client: Client, closed: () => void) {
    this.#client = client;
    this.#closed = closed;
    this.#pane.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.close();
    });
  }

  get isOpen(): boolean {
    return !this.#pane.hidden;
  }

  async show({ row }: Pick<Row, 'row'>, isEntered: boolean): Promise<void> {
    const asked = ++this.#asked;
    try {
      const details = await this.#client.ask({ kind: 'details', row });
      if (asked === this.#asked) this.#write(details, isEntered);
    } catch (error) {
      if (asked !== this.#asked) return;
      const reason = error instanceof Error ? error.message : String(error);
      this.#pane.replaceChildren(h('p', { class: 'note' }, `It cannot be read again: ${reason}`));
      this.#pane.hidden = false;
    }
  }

  close(): void {
    this.#asked += 1;
    if (this.#pane.hidden) return;
    this.#pane.hidden = true;
    this.#closed();
  }

  #write({ row, facts, notes, buffers }: Details, isEntered: boolean): void {
    const close = h(
      'button',
      { type: 'button', class: 'close', 'aria-label': 'Close details', onclick: () => this.close() },
      '×',
    );
    const title = h('h2', { tabindex: -1 }, `${row.protocol}, frame ${row.frame}`);
    const when = moment(row.time);
    const content = h('div', { class: 'content' });
    const switches = h('div', { class: 'switches', role: 'group', 'aria-label': 'Octets of' });
    this.#pane.replaceChildren(
      h('div', { class: 'title' }, title, h('span', { class: `verdict ${row.verdict}` }, row.verdictText), close),
      h('p', { class: 'ends' }, `${row.source} > ${row.destination}${when === '' ? '' : `, ${when} UTC`}`),
      ...notes.map((note) => h('p', { class: 'note' }, note)),
      h('dl', {}, ...facts.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))),
      switches,
      content,
    );
    this.#pane.hidden = false;
    this.#pane.scrollTop = 0;
    const shown = buffers.find(({ name }) => name === this.#buffer) ?? buffers.at(-1);
    for (const buffer of buffers) {
      const label = `${buffer.name} (${buffer.octets.length})`;
      const button = h('button', { type: 'button', 'aria-pressed': String(buffer === shown) }, label);
      button.addEventListener('click', () => {
        this.#buffer = buffer.name;
        for (const other of switches.children) other.setAttribute('aria-pressed', String(other === button));
        writeBuffer(content, buffer);
      });
      switches.append(button);
    }
    if (shown !== undefined) writeBuffer(content, shown);
    if (isEntered) title.focus();
  }
}

/** The tree of fields beside the octets, each lighting up the other. */
function writeBuffer(content: HTMLElement, { octets, fields }: Buffer): void {
  const dump = new HexDump(octets, (at) => {
    const path = pathTo(fields, at);
    tree.choose(path);
    const field = path.at(-1);
    if (field !== undefined) dump.highlight(field.from, field.to);
  });
  const tree = new FieldTree(fields, ({ from, to }) => dump.highlight(from, to));
  content.replaceChildren(tree.element, dump.element);
}

/** The fields around an octet, the outermost first. */
function pathTo(fields: readonly Field[], at: number): readonly Field[] {
  const field = fields.find(({ from, to }) => from <= at && at < to);
  return field === undefined ? [] : [field, ...pathTo(field.fields ?? [], at)];
}
