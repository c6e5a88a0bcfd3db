import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { printedByText, printedInNetwork, whyNoNetwork } from '../support/network.ts';

const why = whyNoNetwork();
if (why !== undefined) console.log(`TUNs, and paths of another MTU, are not tested: ${why}`);

describe.skipIf(why !== undefined)('in a network of its own', () => {
  it.each(['offload', 'plain'])(
    'a TUN, %s, carries megabytes of TCP and datagrams, and says when it is gone',
    (how) => {
      const printed = printedInNetwork('two-tuns.mjs', how);
      expect(printed).toBe('4 MB there, 4 MB back, 3 datagrams, 0 errors\nENODEV\n0');
    },
  );

  it('datagrams that the path would have to fragment arrive, and those behind them are cut again', () => {
    const printed = printedInNetwork('small-path.mjs');
    expect(printed).toBe('300 of 300 datagrams, in order; 0 errors; cut: yes, no, yes\n0');
  });

  it('what documents show of sockets of Linux and a TUN runs', () => {
    const program = readFileSync(new URL('../docs/linux-program.ts', import.meta.url), 'utf8');
    const printed = printedByText(program, '192.0.2.1');
    expect(printed).toMatch(/ by koffi, at 192\.0\.2\.1 ports 500 and 4500\n0$/);
  });
});
