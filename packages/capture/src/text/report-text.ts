import type { ExchangeRow, IkeSaRow, Report, SaRow } from '../report/report.ts';
import { spiText } from './names.ts';

/** What a capture shows as a whole, for people: nothing of it where there is nothing. */
export function reportText(report: Report): string {
  return [
    ...section(
      'Conversations',
      report.conversations.map(
        ({ addresses, isakmp, esp, ah, octets }) =>
          `${addresses.join(' and ')}: ${isakmp} ISAKMP, ${esp} ESP${ah === 0 ? '' : `, ${ah} AH`}, ${octets} octets`,
      ),
    ),
    ...section(
      'Peers',
      report.peers.map(
        ({ address, implementation, vendorIds }) =>
          `${address}: ${implementation ?? 'not told by its vendor IDs'} (${vendorIds.join(', ')})`,
      ),
    ),
    ...section('IKE SAs', report.ikeSas.map(ikeSaText)),
    ...section('Exchanges', report.exchanges.map(exchangeText)),
    ...section('SAs', report.sas.map(saText)),
    ...section(
      'Failures',
      report.failures.map(({ frame, explanation }) => `frame ${frame}: ${explanation.replaceAll('\n', '\n    ')}`),
    ),
    ...section(
      'Assessment',
      report.findings.map(
        ({ severity, subject, what, clause, remedy }) => `${severity}: ${subject} ${what}. ${clause}. ${remedy}`,
      ),
    ),
    ...unreadText(report),
  ].join('\n');
}

/** What was not read, and why: a line each. */
export function unreadText({ unread, beyondLimits }: Pick<Report, 'unread' | 'beyondLimits'>): readonly string[] {
  const beyond = Object.entries(beyondLimits).map(
    ([name, count]) => `${count} things beyond the limit of ${name} were decoded, and have no row`,
  );
  return section('Not read', [...unread.map(unreadRowText), ...beyond]);
}

function unreadRowText({ why, kind, frames, octets, firstFrame }: Report['unread'][number]): string {
  if (kind === 'incomplete') return `${frames} ${why}`;
  return `${counted(frames, 'frame')}, ${octets} octets, from frame ${firstFrame} on: ${why} (${kind})`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}

function ikeSaText(sa: IkeSaRow): string {
  const { initiatorCookie, responderCookie, initiator, responder, mode, state, agreed, messages, retransmissions } = sa;
  const ends = initiator === undefined ? 'ends not known' : `${initiator} > ${responder}`;
  const algorithms =
    agreed === undefined
      ? 'agreement not captured'
      : [
          `${agreed.encryption}${agreed.keyBits === undefined || agreed.encryption.startsWith('3des') ? '' : `-${agreed.keyBits}`}`,
          agreed.hash,
          `group ${agreed.group}`,
          agreed.authentication,
        ].join(', ');
  const again = retransmissions === 0 ? '' : `, ${retransmissions} repeated`;
  const ids =
    sa.initiatorId === undefined && sa.responderId === undefined
      ? ''
      : `, ${sa.initiatorId ?? '?'} and ${sa.responderId ?? '?'}`;
  const nat = sa.nat === undefined || sa.nat === 'none' ? '' : `, NAT in front of ${sa.nat}`;
  const deleted = deletedText(sa);
  return `${initiatorCookie} ${responderCookie} ${ends}: ${mode}, ${state}, ${algorithms}${ids}${nat}; ${counted(messages, 'message')}${again}, ${sa.decrypted} of ${sa.encrypted} encrypted ones read${deleted}`;
}

function exchangeText({
  name,
  messageId,
  messages,
  retransmissions,
  outcome,
  about,
  firstFrame,
  lastFrame,
}: ExchangeRow): string {
  const id = messageId === 0 ? '' : ` ${spiText(messageId)}`;
  const again = retransmissions === 0 ? '' : `, ${retransmissions} repeated`;
  return `${name}${id}, frames ${firstFrame} to ${lastFrame}: ${counted(messages, 'message')}${again}, ${outcome}${about === undefined ? '' : `, ${about}`}`;
}

function saText(sa: SaRow): string {
  const { protocol, spi, source, destination, suite, mode, packets, octets, opened, icvBad, replayed, late, lost } = sa;
  const life = sa.lifetimeSeconds === undefined ? '' : `, ${sa.lifetimeSeconds} s`;
  const volume = sa.lifetimeKilobytes === undefined ? '' : `, ${sa.lifetimeKilobytes} KB`;
  const odd = [
    ...(icvBad === 0 ? [] : [`${icvBad} with a wrong ICV`]),
    ...(replayed === 0 ? [] : [`${replayed} repeated`]),
    ...(late === 0 ? [] : [`${late} late`]),
    ...(lost === 0 ? [] : [`${lost} numbers not captured`]),
  ];
  return `${protocol.toUpperCase()} ${spiText(spi)} ${source} > ${destination}: ${suite ?? 'suite not known'}${mode === undefined ? '' : `, ${mode}`}${life}${volume}; ${counted(packets, 'packet')}, ${octets} octets, ${opened} ${protocol === 'esp' ? 'opened' : 'with a right ICV'}${odd.length === 0 ? '' : `, ${odd.join(', ')}`}${deletedText(sa)}`;
}

function deletedText({ deletedFrame }: Pick<SaRow, 'deletedFrame'>): string {
  return deletedFrame === undefined ? '' : `, deleted in frame ${deletedFrame}`;
}
