import { expect, it } from 'vitest';
import { readKeys } from '../../src/index.ts';
import { ipv4, observed, type SessionForm, testSession } from '../support/session.ts';

function reportOf(session: SessionForm, isCaptured: (index: number) => boolean = () => true) {
  const { sent, json } = testSession(session);
  const frames = sent.filter(({ isEsp }, index) => !isEsp && isCaptured(index)).map(ipv4);
  return observed(frames, { keys: readKeys([{ name: 'keys.json', text: json }]) }).observer.report();
}

const asked = (session: SessionForm, isCaptured?: (index: number) => boolean) =>
  reportOf(session, isCaptured)
    .exchanges.filter(({ about }) => about?.startsWith('R-U-THERE'))
    .map(({ about, outcome }) => [about?.replace(/\d{3,}/, 'N'), outcome]);

it('matches R-U-THERE with its answer, by its number', () => {
  expect(asked({})).toEqual([
    ['R-U-THERE N, answered in frame 11', 'complete'],
    ['R-U-THERE-ACK N', 'one-way'],
  ]);
  const both = [
    { by: 'left', act: 'probe' },
    { by: 'right', act: 'probe' },
  ] as const;
  expect(asked({ acts: both }).map(([, outcome]) => outcome)).toEqual(['complete', 'one-way', 'complete', 'one-way']);
});

it('says of R-U-THERE that nobody has answered', () => {
  const { sent } = testSession();
  expect(asked({}, (index) => index < sent.length - 1)).toEqual([['R-U-THERE N', 'unanswered']]);
});

it('says in which frame SAs were deleted', () => {
  const { sas, ikeSas } = reportOf({ acts: [{ by: 'left', act: 'delete-child' }] });
  expect(sas.map(({ destination, deletedFrame }) => [destination, deletedFrame])).toContainEqual(['192.0.2.1', 10]);
  expect(ikeSas.map(({ deletedFrame }) => deletedFrame)).toEqual([undefined]);
  const closed = reportOf({ acts: [{ by: 'right', act: 'close' }] });
  expect(closed.sas.find(({ destination }) => destination === '198.51.100.1')?.deletedFrame).toBe(10);
  expect(closed.ikeSas.map(({ deletedFrame }) => deletedFrame)).toEqual([11]);
});
