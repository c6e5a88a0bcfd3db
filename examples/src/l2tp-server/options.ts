import { parseArgs } from 'node:util';

export const USAGE = `\
Usage: node examples/dist/l2tp-server.js --bind ADDRESS [options]
A server for L2TP clients, as phones and Windows have them: ESP in transport mode for UDP port 1701, and behind it the control
connections of L2TP. Any number of clients may be behind one NAT.
  --bind ADDRESS     of this host; UDP ports 500 and 4500 are opened there
  --clients COUNT    as many may be there at once: each has an interface, l2tp0, l2tp1 and so on; default: 8
  --record FILE      write down what IKE is given and says; --record-secrets: with all keys
  --json             print one event a line as JSON
The key of all clients is in the environment, L2TP_KEY.
`;

export interface Options {
  readonly bind: string;
  readonly key: string;
  readonly clients: number;
  readonly record: string | undefined;
  readonly recordSecrets: boolean;
  readonly json: boolean;
}

/** @throws Error that says what is wrong with the arguments. */
export function readOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      bind: { type: 'string' },
      clients: { type: 'string', default: '8' },
      record: { type: 'string' },
      'record-secrets': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const { bind, clients, record, json } = values;
  if (bind === undefined) throw new Error('--bind ADDRESS is missing');
  if (!/^[1-9]\d{0,3}$/.test(clients)) throw new Error('--clients must be a number');
  const { L2TP_KEY: key } = environment;
  if (!key) throw new Error('L2TP_KEY is not in the environment');
  return { bind, key, clients: Number(clients), record, recordSecrets: values['record-secrets'], json };
}
