import type { SaRow } from '@espalier/capture';
import { h, table } from './dom.ts';
import type { Links } from './overview.ts';
import { count, size, span, spi } from './words.ts';

const HEADS: readonly string[] = (
  'SPI, From, To, Suite, Mode, Keys, Lifetime, Packets, Octets, Opened, ICV wrong, Repeated, Late, Lost, ' +
  'Sequence numbers, Used for, Deleted, Beside, Renews, Traffic'
).split(', ');

/** SAs of ESP and AH, a row a direction. */
export function sas(rows: readonly SaRow[], links: Links): readonly HTMLElement[] {
  if (rows.length === 0) return [h('p', { class: 'empty' }, 'No SA of ESP or AH was seen, and none was agreed on.')];
  return [table('SAs', HEADS, rows, (row, index) => cells(row, index, rows, links))];
}

function cells(sa: SaRow, index: number, rows: readonly SaRow[], links: Links): readonly (Node | string)[] {
  const other = (place: number) => (rows[place] === undefined ? '' : h('code', {}, spi(rows[place].spi)));
  const used = sa.firstTime === undefined || sa.lastTime === undefined ? '' : span(sa.lastTime - sa.firstTime);
  const alarm = (value: number) => (value === 0 ? '0' : h('strong', { class: 'alarm' }, count(value)));
  const name = h('span', {}, `${sa.protocol.toUpperCase()} `, h('code', {}, spi(sa.spi)));
  return [
    h('button', { type: 'button', class: 'link', onclick: () => links.search(`sa:${index}`) }, name),
    sa.source,
    sa.destination,
    `${sa.suite ?? 'not known'}${sa.esn === true ? ', ESN' : ''}`,
    `${sa.mode ?? ''}${sa.encapsulation === 'ip' ? '' : ` in ${sa.encapsulation.toUpperCase()}`}`,
    sa.keys === 'none' ? (sa.packets === 0 ? '' : 'none') : sa.keys,
    lifetime(sa),
    count(sa.packets),
    size(sa.octets),
    count(sa.opened),
    alarm(sa.icvBad),
    alarm(sa.replayed),
    count(sa.late),
    count(sa.lost),
    sa.packets === 0 ? '' : `${count(sa.lowestSequence)} to ${count(sa.highestSequence)}`,
    used,
    sa.deletedFrame === undefined ? '' : `frame ${count(sa.deletedFrame)}`,
    other(sa.opposite),
    other(sa.replaces),
    [sa.selectors?.join(' and ') ?? '', sa.pfsGroup === undefined ? '' : `PFS ${sa.pfsGroup}`]
      .filter(Boolean)
      .join(', '),
  ];
}

function lifetime({ lifetimeSeconds, lifetimeKilobytes }: SaRow): string {
  return [
    ...(lifetimeSeconds === undefined ? [] : [`${count(lifetimeSeconds)} s`]),
    ...(lifetimeKilobytes === undefined ? [] : [`${count(lifetimeKilobytes)} kB`]),
  ].join(', ');
}
