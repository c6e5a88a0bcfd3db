import { PLAIN_SESSION, play } from '@espalier/testing/sessions';

const { session, opened } = play({
  ...PLAIN_SESSION,
  suite: 'aes-256-gcm-16',
  ah: 'hmac-sha2-256-128',
  acts: [
    { by: 'right', act: 'add-children' },
    { by: 'left', act: 'new-group' },
    { by: 'left', act: 'delete-child', child: 3 },
  ],
});
for (const event of session.events.left) {
  if (event.kind === 'child-deleted') console.log(`${event.policy} is deleted`);
  if (event.kind !== 'child-established') continue;
  const { policy, protections } = event.child;
  console.log(`${policy}: ${protections.map(({ protocol }) => protocol).join(' within ')}`);
}
console.log(`${opened.length} messages, all opened: ${!opened.includes(undefined)}`);
