import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** A network of its own, without rights on this machine's. */
const ALONE = ['unshare', '--user', '--map-root-user', '--net'];

/** Undefined: it is to be had. */
function whyNot(): string | undefined {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch (error) {
    return String(error);
  }
  const { status, error, stderr } = spawnSync(ALONE[0] ?? '', [...ALONE.slice(1), 'ip', 'link', 'show', 'lo']);
  return status === 0 ? undefined : (error?.message ?? String(stderr));
}

const why = whyNot();
if (why !== undefined) console.log(`TUNs are not tested: ${why}`);

describe.skipIf(why !== undefined)('a TUN', () => {
  it.each(['offload', 'plain'])(
    '%s, carries megabytes of TCP and datagrams between two networks, unchanged, and says when it is gone',
    (how) => {
      const program = fileURLToPath(new URL('../support/two-tuns.mjs', import.meta.url));
      const argv = [...ALONE.slice(1), process.execPath, program, how];
      const { status, stdout, stderr } = spawnSync(ALONE[0] ?? '', argv, { timeout: 25_000, encoding: 'utf8' });
      expect(`${stdout}${stderr}${status}`).toBe('4 MB there, 4 MB back, 3 datagrams, 0 errors\nENODEV\n0');
    },
  );
});
