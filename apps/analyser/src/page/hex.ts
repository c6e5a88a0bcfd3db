import { h } from './dom.ts';

const LINE = 16;
/** Octets that are shown: no field that people look at lies beyond. */
const MOST = 16_384;

/** Octets in hexadecimal and as text, of which some can be lit up. */
export class HexDump {
  readonly element: HTMLElement = h('div', { class: 'hex', tabindex: 0, role: 'region', 'aria-label': 'Octets' });
  readonly #digits: HTMLElement[] = [];
  readonly #characters: HTMLElement[] = [];
  #lit: readonly [number, number] = [0, 0];

  constructor(octets: Uint8Array, chosen: (at: number) => void) {
    const shown = octets.subarray(0, MOST);
    for (let at = 0; at < shown.length; at += LINE) this.element.append(this.#line(shown, at));
    if (octets.length > MOST) this.element.append(h('p', {}, `and ${octets.length - MOST} octets more`));
    this.element.addEventListener('click', ({ target }) => {
      const at = target instanceof HTMLElement ? target.getAttribute('data-at') : null;
      if (at !== null) chosen(Number(at));
    });
  }

  highlight(from: number, to: number): void {
    for (let at = this.#lit[0]; at < this.#lit[1]; at++) this.#light(at, false);
    this.#lit = [from, Math.min(to, MOST)];
    for (let at = from; at < this.#lit[1]; at++) this.#light(at, true);
    this.#digits[from]?.scrollIntoView({ block: 'nearest' });
  }

  #light(at: number, isLit: boolean): void {
    this.#digits[at]?.classList.toggle('lit', isLit);
    this.#characters[at]?.classList.toggle('lit', isLit);
  }

  #line(octets: Uint8Array, from: number): HTMLElement {
    const digits = h('span', { class: 'digits' });
    const characters = h('span', { class: 'characters', 'aria-hidden': 'true' });
    for (let at = from; at < Math.min(from + LINE, octets.length); at++) {
      const octet = octets[at] ?? 0;
      const digit = h('i', { 'data-at': at }, octet.toString(16).padStart(2, '0'));
      const character = h('i', { 'data-at': at }, octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '·');
      this.#digits.push(digit);
      this.#characters.push(character);
      digits.append(digit);
      characters.append(character);
    }
    return h(
      'div',
      { class: 'octets' },
      h('span', { class: 'offset' }, from.toString(16).padStart(4, '0')),
      digits,
      characters,
    );
  }
}
