import { runTrials } from '@espalier/conformance';
import { MISBEHAVIOURS } from '@espalier/testing/peer';
import { fromAscii, milliseconds } from '@espalier/wire';

const [, , port = '500'] = process.argv; // as in: node try-it.js 5500
const target = {
  remote: { address: '127.0.0.1', port: Number(port) },
  local: { address: '127.0.0.1', port: 0 },
  preSharedKey: fromAscii('a key that protects nothing'),
  ...{ near: '10.1.0.0/16', far: '10.2.0.0/16' },
};
const names = ['jacob-two-two', 'ke-payload-zero', 'quick-nonce-omit', 'notify-empty'];
const misbehaviours = MISBEHAVIOURS.filter(({ name }) => names.includes(name));

for await (const { verdict, name, clause, expects, lives } of runTrials(target, {
  misbehaviours,
  wait: milliseconds(100),
})) {
  console.log(`${verdict}: ${name} (${clause}), expected: ${expects}`);
  if (verdict === 'otherwise' || !lives) process.exitCode = 1;
}
