import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.resetModules();
  vi.doUnmock('koffi');
  vi.unstubAllGlobals();
});

/** As a process loads it that has not yet. */
async function loadAnew(): Promise<unknown> {
  vi.resetModules();
  const { loadNative } = await import('../../src/linux/kernel/load.ts');
  return loadNative();
}

it('says that koffi is not installed where it is not, and the sockets are those of Node', async () => {
  vi.doMock('koffi', () => {
    throw new Error('Cannot find package');
  });
  await expect(loadAnew()).rejects.toThrow(process.platform === 'linux' ? /^koffi, .* is not installed$/ : /Linux/);
  const { autoSocket, dgramSocket } = await import('../../src/index.ts');
  const { openSocket, reason } = await autoSocket();
  expect(openSocket).toBe(dgramSocket);
  expect(reason).toMatch(/^node:dgram: /);
});

it.each([
  ['another system', { platform: 'darwin' }, 'it is for Linux, and this is darwin'],
  ['32 bits', { platform: 'linux', arch: 'arm' }, 'it is for 64 bits, little-endian, not for arm'],
  [
    'another runtime',
    { platform: 'linux', arch: 'x64', versions: { bun: '1.2' } },
    'it is for Node, whose event loop it uses',
  ],
])('says that it is not for %s', async (_, differs, reason) => {
  vi.stubGlobal(
    'process',
    new Proxy(process, { get: (real, name) => Reflect.get(name in differs ? differs : real, name) }),
  );
  await expect(loadAnew()).rejects.toThrow(reason);
});
