import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

it.each([
  ['README.md', 'examples/src/two-sessions.ts'],
  ['packages/capture/README.md', 'packages/capture/test/docs/readme-program.ts'],
  ['packages/crypto/README.md', 'packages/crypto/test/docs/readme-program.ts'],
  ['packages/esp/README.md', 'packages/esp/test/docs/readme-program.ts'],
  ['packages/gateway/README.md', 'packages/gateway/test/docs/readme-program.ts'],
  ['packages/ike/README.md', 'packages/ike/test/docs/readme-program.ts'],
  ['packages/junos/README.md', 'packages/junos/test/docs/readme-program.ts'],
  ['packages/node/README.md', 'examples/src/first-tunnel.ts'],
  ['docs/how-to/build/node.md', 'packages/node/test/docs/ike-and-esp-program.ts'],
  ['docs/how-to/test/benchmarking.md', 'packages/esp/test/docs/benchmark-program.ts'],
  ['docs/how-to/test/simulate.md', 'packages/testing/test/docs/simulate-program.ts'],
  ['docs/learn/esp.md', 'packages/esp/test/docs/learn-program.ts'],
  ['docs/how-to/connect/from-strongswan.md', 'packages/gateway/test/docs/from-strongswan-program.ts'],
  ['docs/how-to/authenticate/certificates.md', 'packages/pki/test/docs/handshake-program.ts'],
  ['docs/how-to/authenticate/pre-shared-keys.md', 'packages/ike/test/docs/shared-keys-program.ts'],
  ['docs/how-to/authenticate/hybrid.md', 'packages/pki/test/docs/hybrid-program.ts'],
  ['docs/how-to/connect/l2tp.md', 'packages/gateway/test/docs/l2tp-program.ts'],
  ['docs/how-to/connect/manual-sas.md', 'packages/gateway/test/docs/manual-sas-program.ts'],
  ['docs/how-to/connect/peers.md', 'packages/gateway/test/docs/peers-program.ts'],
  ['docs/how-to/authenticate/signatures.md', 'packages/ike/test/docs/signatures-program.ts'],
  ['docs/how-to/connect/road-warriors.md', 'packages/gateway/test/docs/road-warriors-program.ts'],
  ['docs/how-to/test/fuzzing.md', 'packages/testing/test/docs/fuzzing-program.ts'],
  ['packages/pki/README.md', 'packages/pki/test/docs/readme-program.ts'],
  ['packages/replay/README.md', 'packages/replay/test/docs/readme-program.ts'],
  ['packages/wire/README.md', 'packages/wire/test/docs/readme-program.ts'],
])('%s shows a program that is compiled and run, %s', (page, program) => {
  const [, shown] = /```ts\n([\s\S]*?)```/.exec(read(page)) ?? [];
  expect(shown).toBe(read(program));
});

it.each([
  ['packages/capture/README.md', () => import('../../packages/capture/test/docs/readme-program.ts')],
  ['packages/crypto/README.md', () => import('../../packages/crypto/test/docs/readme-program.ts')],
  ['packages/esp/README.md', () => import('../../packages/esp/test/docs/readme-program.ts')],
  ['packages/gateway/README.md', () => import('../../packages/gateway/test/docs/readme-program.ts')],
  ['packages/ike/README.md', () => import('../../packages/ike/test/docs/readme-program.ts')],
  ['packages/junos/README.md', () => import('../../packages/junos/test/docs/readme-program.ts')],
  ['docs/how-to/build/node.md', () => import('../../packages/node/test/docs/ike-and-esp-program.ts')],
  ['docs/how-to/test/simulate.md', () => import('../../packages/testing/test/docs/simulate-program.ts')],
  ['docs/learn/esp.md', () => import('../../packages/esp/test/docs/learn-program.ts')],
  ['docs/how-to/connect/from-strongswan.md', () => import('../../packages/gateway/test/docs/from-strongswan-program.ts')],
  ['docs/how-to/authenticate/certificates.md', () => import('../../packages/pki/test/docs/handshake-program.ts')],
  ['docs/how-to/authenticate/pre-shared-keys.md', () => import('../../packages/ike/test/docs/shared-keys-program.ts')],
  ['docs/how-to/authenticate/hybrid.md', () => import('../../packages/pki/test/docs/hybrid-program.ts')],
  ['docs/how-to/connect/l2tp.md', () => import('../../packages/gateway/test/docs/l2tp-program.ts')],
  ['docs/how-to/connect/manual-sas.md', () => import('../../packages/gateway/test/docs/manual-sas-program.ts')],
  ['docs/how-to/connect/peers.md', () => import('../../packages/gateway/test/docs/peers-program.ts')],
  ['docs/how-to/authenticate/signatures.md', () => import('../../packages/ike/test/docs/signatures-program.ts')],
  ['docs/how-to/connect/road-warriors.md', () => import('../../packages/gateway/test/docs/road-warriors-program.ts')],
  ['docs/how-to/test/fuzzing.md', () => import('../../packages/testing/test/docs/fuzzing-program.ts')],
  ['packages/pki/README.md', () => import('../../packages/pki/test/docs/readme-program.ts')],
  ['packages/replay/README.md', () => import('../../packages/replay/test/docs/readme-program.ts')],
  ['packages/wire/README.md', () => import('../../packages/wire/test/docs/readme-program.ts')],
])('%s shows what its program prints', async (page, run) => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await run();
  const printed = log.mock.calls.map((words) => `${words.join(' ')}\n`).join('');
  log.mockRestore();
  const [, shown] = /```\n\n```\n([\s\S]*?)```/.exec(read(page)) ?? [];
  expect(shown).toBe(printed);
});

it('docs/how-to/test/benchmarking.md shows a program that runs: what it prints is of the machine', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const { argv } = process;
  process.argv = ['node', 'benchmark-program', 'null/hmac-sha1-96', '64', '2'];
  await import('../../packages/esp/test/docs/benchmark-program.ts');
  process.argv = argv;
  const lines = log.mock.calls.flat();
  log.mockRestore();
  expect(lines).toEqual([
    expect.stringMatching(/^null\/hmac-sha1-96, 64 octets: \d+\.\d\d us, \d+\.\d\d Gbit\/s$/),
    expect.stringMatching(/^engine \S+: /),
  ]);
});

it('links from its documents only to what is there', () => {
  const top = ['README.md', 'ARCHITECTURE.md', 'SECURITY.md', 'CONTRIBUTING.md', 'RFC.md'];
  const docs = readdirSync(new URL('docs', root), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  const packages = readdirSync(new URL('packages', root));
  const pages = [
    ...top,
    ...docs.map((name) => `docs/${name}`),
    ...packages.map((name) => `packages/${name}/README.md`),
  ];
  const dead = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(new URL(target, new URL(page, root))))
      .map((target) => `${page}: ${target}`),
  );
  expect(dead).toEqual([]);
});
