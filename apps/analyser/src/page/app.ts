import type { KeyFile } from '@espalier/capture';
import type { ExportForm, Outcome, Progress, Row } from '../protocol.ts';
import { assessment } from './assessment.ts';
import { Client } from './client.ts';
import { DetailsPane } from './details.ts';
import { byId } from './dom.ts';
import { download, type Given, sorted } from './files.ts';
import { type Links, overview } from './overview.ts';
import { Packets } from './packets.ts';
import { sample } from './sample.ts';
import { sas } from './sas.ts';
import { Tabs } from './tabs.ts';
import { TimelineView } from './timeline.ts';
import { unread } from './unread.ts';
import { count, counted, size } from './words.ts';

const TABS = [
  { id: 'overview', name: 'Overview' },
  { id: 'timeline', name: 'Timeline' },
  { id: 'packets', name: 'Packets' },
  { id: 'sas', name: 'SAs' },
  { id: 'assessment', name: 'Assessment' },
  { id: 'unread', name: 'Not read' },
] as const;

const FORMS: Readonly<Record<ExportForm, string>> = {
  'report-text': 'report.txt',
  'report-json': 'report.json',
  'packets-text': 'packets.txt',
  'packets-json': 'packets.jsonl',
  'decrypted-pcapng': 'decrypted.pcapng',
};

/** The page: what was given, what is being read, what is shown. */
export class App {
  readonly #client: Client;
  readonly #links: Links;
  readonly #tabs: Tabs;
  readonly #packets: Packets;
  readonly #details: DetailsPane;
  readonly #timeline: TimelineView;
  #capture: { readonly file: Blob; readonly name: string } | undefined;
  #keys: readonly KeyFile[] = [];
  #ports: readonly number[] = [];
  #outcome: Outcome | undefined;
  #told = 0;

  constructor(worker: Worker) {
    this.#client = new Client(worker, {
      progress: (progress) => this.#progress(progress),
      opened: (outcome) => void this.#opened(outcome),
      refused: (reason) => this.#refused(reason),
    });
    this.#links = {
      search: (query) => void this.#search(query),
      timeline: (conversation) => void this.#showTimeline(conversation),
      tab: (id) => this.#tabs.choose(id),
      addKeys: () => byId('keys-dialog', HTMLDialogElement).showModal(),
    };
    this.#details = new DetailsPane(this.#client, () => this.#packets.focus());
    this.#packets = new Packets(this.#client, (row, isEntered) => void this.#look(row, isEntered));
    this.#timeline = new TimelineView(this.#client, this.#links, (row) => void this.#details.show({ row }, false));
    this.#tabs = new Tabs(byId('tabs', HTMLElement), TABS, (id) => {
      byId('body', HTMLElement).setAttribute('data-tab', id);
    });
    this.#listen();
  }

  #listen(): void {
    const choose = byId('choose', HTMLInputElement);
    choose.addEventListener('change', () => {
      void this.#take([...(choose.files ?? [])]);
      choose.value = '';
    });
    for (const id of ['open', 'open-first'])
      byId(id, HTMLButtonElement).addEventListener('click', () => choose.click());
    for (const id of ['sample', 'sample-first'])
      byId(id, HTMLButtonElement).addEventListener('click', () => {
        const { capture, keys } = sample();
        this.#keys = keys;
        this.#read(capture, capture.name);
      });
    for (const id of ['add-keys', 'keys-first'])
      byId(id, HTMLButtonElement).addEventListener('click', () => this.#links.addKeys());
    byId('forget', HTMLButtonElement).addEventListener('click', () => this.#setKeys([]));
    byId('cancel', HTMLButtonElement).addEventListener('click', () => this.#client.cancel());
    this.#listenToKeyDialog();
    this.#listenToExport();
    this.#listenToDrops();
    document.addEventListener('keydown', (event) => this.#key(event));
  }

  async #look(row: Row, isEntered: boolean): Promise<void> {
    await this.#details.show(row, isEntered);
    // Details take room from the table.
    this.#packets.reveal();
  }

  #listenToKeyDialog(): void {
    const dialog = byId('keys-dialog', HTMLDialogElement);
    const text = byId('keys-text', HTMLTextAreaElement);
    byId('keys-file', HTMLButtonElement).addEventListener('click', () => {
      dialog.close();
      byId('choose', HTMLInputElement).click();
    });
    dialog.addEventListener('close', () => {
      if (dialog.returnValue !== 'use') return;
      const pasted = text.value.trim() === '' ? [] : [{ name: 'pasted keys', text: text.value }];
      this.#ports = portsIn(byId('ports', HTMLInputElement).value);
      this.#setKeys([...this.#keys, ...pasted]);
      text.value = '';
      dialog.returnValue = '';
    });
  }

  #listenToExport(): void {
    const select = byId('export', HTMLSelectElement);
    select.addEventListener('change', () => {
      const form = Object.keys(FORMS).find((name): name is ExportForm => name === select.value);
      select.selectedIndex = 0;
      if (form !== undefined) void this.#export(form);
    });
  }

  #listenToDrops(): void {
    let depth = 0;
    const mark = (by: number) => {
      depth = Math.max(0, depth + by);
      document.body.classList.toggle('dropping', depth > 0);
    };
    document.addEventListener('dragenter', () => mark(1));
    document.addEventListener('dragleave', () => mark(-1));
    document.addEventListener('dragover', (event) => event.preventDefault());
    document.addEventListener('drop', (event) => {
      event.preventDefault();
      mark(-depth);
      void this.#take([...(event.dataTransfer?.files ?? [])]);
    });
  }

  #key(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (event.key === '/' && !isTyping && this.#outcome !== undefined) {
      event.preventDefault();
      this.#tabs.choose('packets');
      this.#packets.focusSearch();
    } else if (event.key === 'Escape' && this.#details.isOpen && document.querySelector('dialog[open]') === null) {
      this.#details.close();
    }
  }

  async #take(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    const { captures, keys }: Given = await sorted(files);
    const [capture, ...others] = captures;
    if (capture !== undefined) {
      // Keys of another capture are none of this one's, unless nobody gives any.
      if (keys.length > 0) this.#keys = keys;
      this.#read(capture, capture.name);
      if (others.length > 0) this.#say(`Only ${capture.name} was opened: one capture at a time.`);
    } else {
      this.#setKeys([...this.#keys, ...keys]);
    }
  }

  #setKeys(keys: readonly KeyFile[]): void {
    this.#keys = keys;
    if (this.#capture !== undefined) this.#read(this.#capture.file, this.#capture.name);
    else this.#showInput();
  }

  #read(file: Blob, name: string): void {
    this.#capture = { file, name };
    this.#details.close();
    this.#showInput();
    byId('problem', HTMLElement).hidden = true;
    byId('progress', HTMLElement).hidden = false;
    this.#say(`Reading ${name}.`);
    this.#client.open({ file, name, keys: this.#keys, ports: this.#ports });
  }

  /** What was given, beside the title. */
  #showInput(): void {
    const parts = [
      ...(this.#capture === undefined ? [] : [`${this.#capture.name}, ${size(this.#capture.file.size)}`]),
      ...(this.#keys.length === 0 ? [] : [`keys: ${this.#keys.map(({ name }) => name).join(', ')}`]),
    ];
    byId('input', HTMLElement).textContent = parts.join(' · ');
    byId('forget', HTMLElement).hidden = this.#keys.length === 0;
  }

  #progress({ doing, octets, of, frames }: Progress): void {
    const bar = byId('bar', HTMLProgressElement);
    bar.max = Math.max(1, of);
    bar.value = octets;
    byId('progress', HTMLElement).hidden = false;
    const percent = Math.floor((100 * octets) / Math.max(1, of));
    byId('doing', HTMLElement).textContent =
      `${doing === 'reading' ? 'Reading' : 'Exporting'}: ${percent} %, ${counted(frames, 'frame')}`;
    // Who listens is told every tenth part.
    if (Math.floor(percent / 10) === this.#told) return;
    this.#told = Math.floor(percent / 10);
    this.#say(`${percent} %`);
  }

  async #opened(outcome: Outcome): Promise<void> {
    this.#outcome = outcome;
    byId('progress', HTMLElement).hidden = true;
    byId('welcome', HTMLElement).hidden = true;
    byId('result', HTMLElement).hidden = false;
    byId('export', HTMLSelectElement).disabled = false;
    const { report, rows, end, fault } = outcome;
    const cancelled = `Reading was cancelled after ${counted(report.frames, 'frame')}: what was read until then is shown.`;
    this.#problem(end === 'cancelled' ? cancelled : fault);
    byId('panel-overview', HTMLElement).replaceChildren(...overview(outcome, this.#links));
    byId('panel-sas', HTMLElement).replaceChildren(...sas(report.sas, this.#links));
    byId('panel-assessment', HTMLElement).replaceChildren(...assessment(outcome, this.#links));
    byId('panel-unread', HTMLElement).replaceChildren(...unread(outcome));
    const isSevere = report.failures.length > 0 || report.findings.some(({ severity }) => severity === 'high');
    this.#tabs.badge('sas', report.sas.length);
    this.#tabs.badge('assessment', report.findings.length + report.failures.length, isSevere ? 'alarm' : '');
    this.#tabs.badge('unread', report.unread.length);
    if (this.#tabs.current === '') this.#tabs.choose('overview');
    await Promise.all([this.#packets.show(report.firstTime ?? 0), this.#timeline.show(outcome, 0)]);
    document.body.setAttribute('data-opened', outcome.name);
    this.#say(
      `${outcome.name}: ${counted(report.frames, 'frame')}, ${counted(rows, 'row')}, ${counted(report.findings.length, 'finding')}.`,
    );
  }

  #refused(reason: string): void {
    byId('progress', HTMLElement).hidden = true;
    this.#problem(reason);
    // A key file that is none is not tried again with the next capture.
    this.#keys = [];
    this.#showInput();
    this.#say(reason);
  }

  #problem(text: string | undefined): void {
    const problem = byId('problem', HTMLElement);
    problem.hidden = text === undefined;
    problem.textContent = text ?? '';
  }

  #say(text: string): void {
    byId('status', HTMLElement).textContent = text;
  }

  async #search(query: string): Promise<void> {
    this.#tabs.choose('packets');
    await this.#packets.search(query);
    this.#packets.enter();
  }

  async #showTimeline(conversation: number): Promise<void> {
    if (this.#outcome === undefined) return;
    this.#tabs.choose('timeline');
    await this.#timeline.show(this.#outcome, conversation);
  }

  async #export(form: ExportForm): Promise<void> {
    const name = `${(this.#capture?.name ?? 'capture').replace(/\.(pcap|pcapng|cap|snoop)(\.gz)?$/, '')}-${FORMS[form]}`;
    try {
      const { blob } = await this.#client.ask({ kind: 'export', form });
      download(blob, name);
      this.#say(`${name}: ${count(blob.size)} octets.`);
    } catch (error) {
      this.#problem(error instanceof Error ? error.message : String(error));
    }
    byId('progress', HTMLElement).hidden = true;
  }
}

/** Numbers of 16 bits in a text. */
function portsIn(text: string): readonly number[] {
  return [...text.matchAll(/\d+/g)].map(Number).filter((port) => port > 0 && port < 65_536);
}
