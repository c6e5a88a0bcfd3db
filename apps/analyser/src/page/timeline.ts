import type { Outcome, Timeline, TimelineEvent } from '../protocol.ts';
import type { Client } from './client.ts';
import { byId, h } from './dom.ts';
import { failureCard, type Links } from './overview.ts';
import { count, counted, span } from './words.ts';

/** Silence that is worth a line, in seconds. */
const SILENCE = 2;
/** Conversations that can be chosen here; every other by its link in the overview. */
const MOST_CHOICES = 1000;

/** The handshake as a ladder: two ends, and what went from one to the other. */
export class TimelineView {
  readonly #client: Client;
  readonly #links: Links;
  readonly #chosen: (row: number) => void;
  readonly #panel = byId('panel-timeline', HTMLElement);
  #outcome: Outcome | undefined;
  #conversation = 0;

  constructor(client: Client, links: Links, chosen: (row: number) => void) {
    this.#client = client;
    this.#links = links;
    this.#chosen = chosen;
  }

  async show(outcome: Outcome, conversation: number): Promise<void> {
    this.#outcome = outcome;
    this.#conversation = conversation;
    if (outcome.report.conversations.length === 0) {
      this.#panel.replaceChildren(h('p', { class: 'empty' }, 'Nobody has spoken with anybody.'));
      return;
    }
    const timeline = await this.#client.ask({ kind: 'timeline', conversation });
    if (this.#conversation === conversation && this.#outcome === outcome) this.#write(outcome, timeline);
  }

  #write(outcome: Outcome, { ends, events, beyond }: Timeline): void {
    const list = h('ol', { class: 'ladder' });
    const heads = h('div', { class: 'ends', 'aria-hidden': 'true' }, h('span', {}, ends[0]), h('span', {}, ends[1]));
    const base = outcome.report.firstTime ?? 0;
    let exchange = -2;
    let time = events[0]?.time ?? 0;
    for (const event of events) {
      if (event.time - time > SILENCE)
        list.append(h('li', { class: 'silence' }, `${span(event.time - time)} of silence`));
      time = event.kind === 'run' ? event.lastTime : event.time;
      if (event.kind === 'message' && event.exchange !== exchange) {
        exchange = event.exchange;
        const title = exchangeTitle(outcome, exchange);
        if (title !== undefined) list.append(h('li', { class: 'exchange' }, title));
      }
      list.append(h('li', { class: classOf(event) }, this.#event(event, base, ends)));
      for (const failure of outcome.report.failures) {
        if (event.kind === 'message' && failure.frame === event.frame && event.ikeSa === failure.ikeSa)
          list.append(h('li', { class: 'failed' }, failureCard(failure, this.#links)));
      }
    }
    const more = beyond === 0 ? undefined : h('p', {}, `${count(beyond)} events more: see them in the packet table.`);
    this.#panel.replaceChildren(...this.#choice(outcome), heads, list, ...(more === undefined ? [] : [more]));
  }

  #choice({ report }: Outcome): readonly HTMLElement[] {
    if (report.conversations.length < 2) return [];
    const select = h('select', { id: 'conversation' });
    report.conversations.slice(0, MOST_CHOICES).forEach(({ addresses, isakmp, esp }, index) => {
      const text = `${addresses.join(' and ')}: ${isakmp} IKE, ${esp} ESP`;
      select.append(h('option', { value: index, selected: index === this.#conversation }, text));
    });
    select.addEventListener('change', () => {
      if (this.#outcome !== undefined) void this.show(this.#outcome, Number(select.value));
    });
    return [h('p', { class: 'choice' }, h('label', { for: 'conversation' }, 'Between '), select)];
  }

  #event(event: TimelineEvent, base: number, ends: readonly [string, string]): HTMLElement {
    const at = h('span', { class: 'time' }, `${(event.time - base).toFixed(3)} s`);
    const onclick = () => this.#chosen(event.row);
    if (event.kind === 'run') {
      const { protocol, forward, backward, opened, bad, frame, lastFrame } = event;
      const what =
        protocol === 'keepalive'
          ? counted(forward + backward, 'NAT keepalive')
          : counted(forward + backward, `${protocol} packet`);
      const told = [
        `${count(forward)} →`,
        `${count(backward)} ←`,
        ...(protocol === 'ESP' ? [`${count(opened)} opened`] : []),
        ...(bad === 0 ? [] : [`${count(bad)} refused by a receiver`]),
      ].join(', ');
      const name = h('span', { class: 'name' }, what);
      const wire = h('span', { class: 'wire' }, name, h('span', { class: 'parts' }, told));
      const frames = frame === lastFrame ? `frame ${frame}` : `frames ${frame} to ${lastFrame}`;
      return h('button', { type: 'button', onclick }, at, wire, h('span', { class: 'told' }, frames));
    }
    const { name, parts, forward, encrypted, decrypted, repeats, notes, frame } = event;
    const direction = h('span', { class: 'unseen' }, forward ? `${ends[0]} to ${ends[1]}` : `${ends[1]} to ${ends[0]}`);
    const lock = encrypted ? (decrypted ? 'decrypted' : 'encrypted') : 'in clear';
    const told = [`frame ${frame}`, lock, ...(repeats === undefined ? [] : [`repeats frame ${repeats}`])].join(', ');
    return h(
      'button',
      { type: 'button', onclick, title: notes.join('; ') },
      at,
      h(
        'span',
        { class: 'wire' },
        direction,
        h('span', { class: 'name' }, name),
        h('span', { class: 'parts' }, parts.join(', ')),
      ),
      h('span', { class: 'told' }, told),
    );
  }
}

function classOf(event: TimelineEvent): string {
  if (event.kind === 'run')
    return `run ${event.bad > 0 ? 'bad' : ''} ${event.forward > 0 ? 'forward' : ''} ${event.backward > 0 ? 'backward' : ''}`;
  return `message ${event.verdict} ${event.forward ? 'forward' : 'backward'} ${event.repeats === undefined ? '' : 'repeated'}`;
}

function exchangeTitle({ report }: Outcome, index: number): string | undefined {
  const exchange = report.exchanges[index];
  if (exchange === undefined) return undefined;
  const { name, outcome, about, retransmissions } = exchange;
  const again = retransmissions === 0 ? '' : `, ${counted(retransmissions, 'message')} repeated`;
  return `${name}: ${outcome === 'one-way' ? 'needs no answer' : outcome}${again}${about === undefined ? '' : `; ${about}`}`;
}
