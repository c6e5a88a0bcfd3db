import type { UnreadRow } from '@espalier/capture';
import type { Outcome } from '../protocol.ts';
import { h, table } from './dom.ts';
import { section } from './overview.ts';
import { count, counted, size } from './words.ts';

const KINDS: Readonly<Record<UnreadRow['kind'], string>> = {
  other: 'not IPsec, as far as its headers tell',
  'not-understood': 'may hold IPsec, and is not understood',
  cut: 'cut off by the snap length',
  incomplete: 'waits for what was not captured',
  malformed: 'its headers contradict each other',
};

/** All that was not read, and why: nothing is passed over in silence. */
export function unread(outcome: Outcome): readonly HTMLElement[] {
  const { report, fault, passedOver, keyNotes, rowsBeyond } = outcome;
  const rest = [
    ...(fault === undefined ? [] : [fault]),
    ...keyNotes,
    ...passedOver.map(([name, blocks]) => `${counted(blocks, 'block')} passed over: ${name}`),
    ...Object.entries(report.beyondLimits).map(
      ([name, number]) => `${count(number)} beyond the limit of ${name}: decoded, without a row of their own`,
    ),
    ...(rowsBeyond === 0
      ? []
      : [`${count(rowsBeyond)} packets beyond the limit of the list: decoded and counted, not listed`]),
  ];
  const cells = ({ why, kind, frames, octets, firstFrame }: UnreadRow): readonly string[] => [
    why,
    KINDS[kind],
    count(frames),
    octets === 0 ? '' : size(octets),
    firstFrame === 0 ? '' : String(firstFrame),
  ];
  const rows = report.unread;
  if (rows.length + rest.length === 0) return [h('p', { class: 'empty' }, 'Every frame was read.')];
  return [
    ...section(
      'Frames',
      rows.length === 0 ? [] : [table('Not read', ['What', 'Why', 'Frames', 'Octets', 'First'], rows, cells)],
    ),
    ...section('Files', rest.length === 0 ? [] : [h('ul', {}, ...rest.map((text) => h('li', {}, text)))]),
  ];
}
