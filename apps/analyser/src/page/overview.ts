import type { ConversationRow, FailureRow, IkeSaRow, PeerRow } from '@espalier/capture';
import type { Outcome } from '../protocol.ts';
import { cards, h, table } from './dom.ts';
import { count, counted, moment, size, span } from './words.ts';

export interface Links {
  /** Shows packets that a query takes. */
  search(query: string): void;
  timeline(conversation: number): void;
  tab(id: string): void;
  addKeys(): void;
}

/** The capture in a few figures, and what to look at first. */
export function overview(outcome: Outcome, links: Links): readonly HTMLElement[] {
  const { report, format } = outcome;
  const { conversations, ikeSas, peers, failures, frames, octets, firstTime, lastTime } = report;
  const took = firstTime === undefined || lastTime === undefined ? '' : `, ${span(lastTime - firstTime)}`;
  const since = firstTime === undefined ? '' : `, from ${moment(firstTime)} UTC on`;
  return [
    h(
      'p',
      { class: 'lead' },
      `${format ?? 'No capture'}: ${counted(frames, 'frame')}, ${size(octets)}${took}${since}.`,
    ),
    figures(outcome, links),
    ...closedHint(outcome, links),
    ...failuresSection(failures, links),
    ...section('Conversations', conversations.length === 0 ? [] : [conversationTable(conversations, links)]),
    ...section('IKE SAs', ikeSas.length === 0 ? [] : [ikeSaTable(ikeSas, links)]),
    ...section('Who they are, by their vendor IDs', peers.length === 0 ? [] : [peerTable(peers)]),
  ];
}

export function section(title: string, content: readonly HTMLElement[]): readonly HTMLElement[] {
  return content.length === 0 ? [] : [h('section', {}, h('h2', {}, title), ...content)];
}

function figures({ report }: Outcome, links: Links): HTMLElement {
  const { observations, ikeSas, sas, findings, unread } = report;
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const [encrypted, decrypted] = [sum(ikeSas.map((sa) => sa.encrypted)), sum(ikeSas.map((sa) => sa.decrypted))];
  const esp = sas.filter(({ protocol }) => protocol === 'esp');
  const opened = sum(esp.map((sa) => sa.opened));
  const bad = sum(esp.map((sa) => sa.icvBad));
  const worst = findings.filter(({ severity }) => severity === 'high').length;
  const notRead = sum(unread.map((row) => row.frames));
  const missed = sum(unread.filter(({ kind }) => kind !== 'other').map((row) => row.frames));
  const search = (query: string) => () => links.search(query);
  return h(
    'div',
    { class: 'figures' },
    figure(
      observations.isakmp,
      observations.isakmp === 1 ? 'message of IKE' : 'messages of IKE',
      encrypted === 0 ? 'none encrypted' : `${count(decrypted)} of ${count(encrypted)} encrypted ones read`,
      search('kind:ike'),
    ),
    figure(
      observations.esp,
      observations.esp === 1 ? 'packet of ESP' : 'packets of ESP',
      `${count(opened)} opened${bad === 0 ? '' : `, ${count(bad)} with a wrong ICV`}`,
      search('kind:esp'),
    ),
    figure(sas.length, 'SAs of ESP and AH', counted(ikeSas.length, 'IKE SA'), () => links.tab('sas')),
    figure(
      findings.length,
      findings.length === 1 ? 'finding' : 'findings',
      worst === 0 ? 'none of them severe' : `${worst} of them severe`,
      () => links.tab('assessment'),
    ),
    figure(
      notRead,
      notRead === 1 ? 'frame not read' : 'frames not read',
      missed === 0 ? 'not IPsec, as far as headers tell' : `${count(missed)} may hold IPsec`,
      () => links.tab('unread'),
    ),
  );
}

function figure(value: number, what: string, more: string, onclick: () => void): HTMLElement {
  const number = h('strong', {}, count(value));
  return h('button', { type: 'button', class: 'figure', onclick }, number, h('span', {}, what), h('small', {}, more));
}

/** What a newcomer asks next: why is it not readable. */
function closedHint({ report }: Outcome, links: Links): readonly HTMLElement[] {
  const { sas, ikeSas, observations } = report;
  const closedEsp = sas.reduce((sum, sa) => sum + (sa.protocol === 'esp' ? sa.packets - sa.opened - sa.icvBad : 0), 0);
  const closedIke = ikeSas.reduce((sum, sa) => sum + sa.encrypted - sa.decrypted, 0);
  const bad = sas.reduce((sum, sa) => sum + sa.icvBad, 0);
  const nothing = Object.values(observations).every((number) => number === 0);
  const button = h('button', { type: 'button', onclick: () => links.addKeys() }, 'Add keys…');
  if (nothing) {
    const text =
      'Nothing of IPsec was found in this capture: neither ISAKMP on ports 500, 848 and 4500, nor ESP, nor AH.';
    return [h('p', { class: 'hint' }, text)];
  }
  const texts = [
    ...(bad === 0 ? [] : [`${counted(bad, 'packet has', 'packets have')} a wrong ICV: damaged, or not of these keys.`]),
    ...(closedEsp + closedIke === 0
      ? []
      : [
          `${counted(closedIke, 'message')} of IKE and ${counted(closedEsp, 'packet')} of ESP stay closed: their keys are missing.`,
        ]),
  ];
  return texts.length === 0 ? [] : [h('p', { class: 'hint' }, `${texts.join(' ')} `, button)];
}

/** Failed negotiations, each with what it means. */
export function failuresSection(failures: readonly FailureRow[], links: Links): readonly HTMLElement[] {
  const list = cards(failures, (failure) => failureCard(failure, links));
  return section('What went wrong', failures.length === 0 ? [] : [list]);
}

export function failureCard({ frame, what, explanation }: FailureRow, links: Links): HTMLElement {
  const rest = explanation
    .split('\n')
    .filter((line) => line !== what)
    .join('\n');
  const button = h(
    'button',
    { type: 'button', class: 'link', onclick: () => links.search(`frame:${frame}`) },
    `Frame ${frame}`,
  );
  return h('article', { class: 'card failure' }, h('h3', {}, what), h('pre', {}, rest), button);
}

function conversationTable(rows: readonly ConversationRow[], links: Links): HTMLElement {
  return table(
    'Conversations',
    ['Between', 'IKE', 'ESP', 'AH', 'Keepalives', 'ICMP', 'Octets', 'Frames', 'Took', ''],
    rows,
    (row, index) => [
      row.addresses.join(' and '),
      ...[row.isakmp, row.esp, row.ah, row.keepalive, row.icmp].map(count),
      size(row.octets),
      `${row.firstFrame} to ${row.lastFrame}`,
      span(row.lastTime - row.firstTime),
      h(
        'span',
        { class: 'links' },
        h('button', { type: 'button', class: 'link', onclick: () => links.timeline(index) }, 'Timeline'),
        h('button', { type: 'button', class: 'link', onclick: () => links.search(`conversation:${index}`) }, 'Packets'),
      ),
    ],
  );
}

function ikeSaTable(rows: readonly IkeSaRow[], links: Links): HTMLElement {
  return table(
    'IKE SAs',
    [
      'Initiator',
      'Responder',
      'State',
      'Mode',
      'Agreed on',
      'Identities',
      'NAT',
      'Messages',
      'Decrypted',
      'Cookies',
      '',
    ],
    rows,
    (row, index) => [
      row.initiator ?? 'not shown',
      row.responder ?? 'not shown',
      h('span', { class: `state ${row.state}` }, row.state),
      row.mode,
      agreed(row),
      [row.initiatorId, row.responderId]
        .map((id) => id ?? '?')
        .join(' and ')
        .replace('? and ?', ''),
      row.nat ?? '',
      `${row.messages}${row.retransmissions === 0 ? '' : `, ${row.retransmissions} repeated`}`,
      row.encrypted === 0 ? '' : `${row.decrypted} of ${row.encrypted}`,
      h('code', {}, `${row.initiatorCookie} ${row.responderCookie}`),
      h('button', { type: 'button', class: 'link', onclick: () => links.search(`ike:${index}`) }, 'Packets'),
    ],
  );
}

function agreed({ agreed: phase1 }: IkeSaRow): string {
  if (phase1 === undefined) return 'not captured';
  const { encryption, keyBits, hash, group, authentication, lifetimeSeconds } = phase1;
  const bits = keyBits === undefined || encryption.startsWith('3des') ? '' : `-${keyBits}`;
  const life = lifetimeSeconds === undefined ? '' : `, ${lifetimeSeconds} s`;
  return `${encryption}${bits}, ${hash}, group ${group}, ${authentication}${life}`;
}

function peerTable(rows: readonly PeerRow[]): HTMLElement {
  return table('Peers', ['Address', 'Implementation', 'Vendor IDs'], rows, ({ address, implementation, vendorIds }) => [
    address,
    implementation ?? 'not told',
    vendorIds.join(', '),
  ]);
}
