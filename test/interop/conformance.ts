import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Case } from './case.ts';
import type { Caller, Gateway, Program } from './gateways/gateway.ts';
import { PRE_SHARED_KEY } from './gateways/gateway.ts';
import { IkeOnly } from './gateways/ike-only.ts';
import { Libreswan } from './gateways/libreswan.ts';
import { makeGateway } from './gateways/make.ts';
import { ROAD } from './gateways/road.ts';
import { StrongSwan } from './gateways/strongswan.ts';
import { CONFORMANCE_SUITE } from './gateways/suite.ts';
import { Vpnc } from './gateways/vpnc.ts';
import { check } from './machine/failures.ts';
import type { Testbed } from './machine/testbed.ts';

const RUNNER = fileURLToPath(new URL('../../../packages/conformance/dist/cli/main.js', import.meta.url));
const PAGE = fileURLToPath(new URL('../../../docs/measured/conformance-of-peers.md', import.meta.url));
/** What the page is made of: a run puts its own peers in the place of what was there of them. */
const TABLE = fileURLToPath(new URL('../../../docs/measured/conformance-of-peers.json', import.meta.url));

const PROGRAMS = ['espalier', 'strongswan', 'libreswan'] as const satisfies readonly Program[];
/** Those that call a misbehaving peer; vpnc does nothing else. */
const CALLERS = [...PROGRAMS, 'vpnc'] as const satisfies readonly Program[];
type CallerName = (typeof CALLERS)[number];
const TITLES: Readonly<Record<string, string>> = {
  espalier: 'ours',
  strongswan: 'strongSwan',
  libreswan: 'libreswan',
  vpnc: 'vpnc',
};
const MODES = ['main', 'aggressive'] as const;
/** vpnc speaks Aggressive Mode alone, of group 2. */
const CALLER_MODES: Readonly<Record<CallerName, readonly Mode[]>> = {
  ...{ espalier: MODES, strongswan: MODES, libreswan: MODES, vpnc: ['aggressive'] },
};
type Mode = (typeof MODES)[number];
/** Why something is not reached with a peer, for people. */
const UNREACHED: Readonly<Record<string, string>> = {
  vpnc: `vpnc speaks Aggressive Mode alone: no message of Main Mode is reached with it. What can be otherwise in the SA is tried in
Aggressive Mode too (\`aggressive-choice-…\`), and so is most of KE, nonce, identity and HASH_R (\`answer-aggressive-…\`). Not reached`,
};
/** Of the runner: all as expected, not all, the peer serves nobody any more. */
const [ALL, NOT_ALL, GONE] = [0, 1, 3];
const SECONDS = 2400;
/** A peer that ends is started again so often. */
const RESTARTS_MOST = 20;

/** One line of what the runner writes. */
interface Result {
  readonly name: string;
  readonly clause: string;
  readonly title: string;
  readonly expects: string;
  readonly verdict: string;
  readonly lives: boolean;
  readonly fault?: string;
}

type Results = Readonly<Record<string, readonly Result[]>>;

export interface Table {
  readonly versions: Readonly<Record<string, string>>;
  /** Of those who are called. */
  readonly results: Results;
  /** Of those who call. */
  readonly callers: Results;
}

/** A misbehaving peer on R2, and each daemon in turn on R3, which it calls, or which calls it. */
export class Conformance {
  readonly #results = new Map<string, readonly Result[]>();
  readonly #callers = new Map<string, readonly Result[]>();

  readonly cases: readonly Case[] = [...this.#called(), ...this.#calling()];

  get hasRun(): boolean {
    return this.#results.size + this.#callers.size > 0;
  }

  #called(): readonly Case[] {
    return PROGRAMS.flatMap((program) =>
      MODES.map(
        (mode): Case => ({
          name: `conformance-${program}-${mode}`,
          peer: program,
          role: 'responder',
          suite: CONFORMANCE_SUITE.name,
          seconds: SECONDS,
          needs: program === 'espalier' ? ['network', 'compiler'] : ['network', program],
          runs: 'named',
          run: (bed) => this.#call(bed, program, mode),
        }),
      ),
    );
  }

  #calling(): readonly Case[] {
    return CALLERS.flatMap((program) =>
      CALLER_MODES[program].map(
        (mode): Case => ({
          name: `conformance-${program}-calls-${mode}`,
          peer: program,
          role: 'initiator',
          suite: CONFORMANCE_SUITE.name,
          seconds: SECONDS,
          needs: program === 'espalier' ? ['network'] : ['network', program],
          runs: 'named',
          run: (bed) => this.#beCalled(bed, program, mode),
        }),
      ),
    );
  }

  /** The page, as run. */
  write(versions: Readonly<Record<string, string>>): void {
    const before: Partial<Table> = existsSync(TABLE) ? JSON.parse(readFileSync(TABLE, 'utf8')) : {};
    const table: Table = {
      versions: { ...before.versions, ...versions },
      results: withNew(before.results, this.#results),
      callers: withNew(before.callers, this.#callers),
    };
    writeFileSync(TABLE, `${JSON.stringify(table, null, 1)}\n`);
    writeFileSync(PAGE, pageOf(table));
    console.log(`written: ${PAGE}`);
  }

  async #call(bed: Testbed, program: Program, mode: Mode): Promise<void> {
    const settings = { suite: CONFORMANCE_SUITE, selectors: 'networks', mode } as const;
    const gateway = makeGateway(program, bed, 'R3', settings);
    await this.#run(bed, { program, mode, gateway, noted: this.#results }, async () => {
      await gateway.start('responder');
      return netsOf(bed);
    });
  }

  async #beCalled(bed: Testbed, program: CallerName, mode: Mode): Promise<void> {
    const gateway = makeCaller(program, bed, mode);
    const road = ['--road', [ROAD.group, ROAD.user, ROAD.password].join(':'), '--group', '2'];
    const session = program === 'vpnc' ? road : netsOf(bed);
    await this.#run(bed, { program, mode, gateway, noted: this.#callers }, async () => {
      const call = await gateway.readyToCall();
      return ['--call', call, ...session];
    });
  }

  /** `ready`: has the peer serve, and says what the runner is told besides. */
  async #run(
    bed: Testbed,
    { program, mode, gateway, noted }: Run,
    ready: () => Promise<readonly string[]>,
  ): Promise<void> {
    const results: Result[] = [];
    for (let starts = 0; starts <= RESTARTS_MOST; starts++) {
      const words = await ready();
      const { code, found } = await trials(bed, { program, mode, start: starts, after: results.at(-1)?.name, words });
      results.push(...found);
      noted.set(program, merged(noted.get(program) ?? [], found));
      noteFaults(bed, program, found);
      if (code !== GONE) break;
      const running = gateway.memory() > 0;
      note(bed, `${program}: serves nobody after ${results.at(-1)?.name}; ${running ? 'it runs' : 'it has ended'}`);
      await gateway.kill();
    }
    const right = results.filter(({ verdict, lives }) => verdict === 'as expected' && lives).length;
    bed.verify(`${right} of ${results.length} as expected`);
  }
}

interface Run {
  readonly program: Program;
  readonly mode: Mode;
  readonly gateway: Gateway;
  readonly noted: Map<string, readonly Result[]>;
}

function makeCaller(program: CallerName, bed: Testbed, mode: Mode): Caller {
  const settings = { suite: CONFORMANCE_SUITE, selectors: 'networks', mode } as const;
  switch (program) {
    case 'espalier':
      return new IkeOnly(bed, 'R3', { ...settings, protection: PROTECTION });
    case 'strongswan':
      return new StrongSwan(bed, 'R3', settings);
    case 'libreswan':
      return new Libreswan(bed, 'R3', settings);
    case 'vpnc':
      return new Vpnc(bed, 'R3', settings);
  }
}

/** Of the child, as our IKE alone is told. */
const PROTECTION = {
  name: 'esp-tunnel',
  mode: 'tunnel',
  bundle: { esp: ['aes-128-cbc/hmac-sha1-96'] },
  libreswan: {},
} as const;

/** Crashes and hangs are noted in the folder of the run, and nowhere else. */
function noteFaults(bed: Testbed, program: Program, found: readonly Result[]): void {
  for (const { name, fault } of found) if (fault !== undefined) note(bed, `${program}: ${fault} at ${name}`);
}

function note(bed: Testbed, line: string): void {
  writeFileSync(join(bed.folder, 'faults.txt'), `${line}\n`, { flag: 'a' });
}

function withNew(before: Results = {}, found: ReadonlyMap<string, readonly Result[]>): Results {
  const now = [...found].map(([program, results]) => [program, merged(before[program] ?? [], results)]);
  return { ...before, ...Object.fromEntries(now) };
}

/** In the place of what was there of the same name. */
function merged(before: readonly Result[], found: readonly Result[]): readonly Result[] {
  const names = new Set(found.map(({ name }) => name));
  return [...before.filter(({ name }) => !names.has(name)), ...found];
}

function netsOf(bed: Testbed): readonly string[] {
  const { near, far } = bed.placeOf('R2');
  return ['--near', near, '--far', far];
}

interface Stretch {
  readonly program: Program;
  readonly mode: Mode;
  readonly start: number;
  readonly after: string | undefined;
  readonly words: readonly string[];
}

async function trials(
  bed: Testbed,
  { program, mode, start, after, words }: Stretch,
): Promise<{ readonly code: number; readonly found: readonly Result[] }> {
  const { address, peerAddress } = bed.placeOf('R2');
  const json = join(bed.folder, `conformance-${start}.json`);
  const argv = [
    ...[process.execPath, RUNNER, '--target', peerAddress, '--local', address, '--psk', PRE_SHARED_KEY],
    ...['--name', program, '--mode', mode, '--json', json],
    ...(after === undefined ? [] : ['--after', after]),
    ...words,
    // A daemon that is configured for the one mode does not speak the other.
    ...(mode === 'aggressive' && program !== 'vpnc' ? ['aggressive'] : []),
  ];
  const runner = bed.start({ router: 'R2', name: `conformance-${start}`, argv });
  await bed.until('the end of the trials', SECONDS, () => !runner.running || undefined);
  const code = runner.exitCode ?? -1;
  check(
    [ALL, NOT_ALL, GONE].includes(code),
    `the runner ended with ${code}; see ${bed.folder}/conformance-${start}.out`,
  );
  return { code, found: existsSync(json) ? resultsIn(readFileSync(json, 'utf8')) : [] };
}

function resultsIn(text: string): readonly Result[] {
  const { results }: { readonly results: readonly Result[] } = JSON.parse(text);
  return results;
}

/** The page that is made of a table. */
export function pageOf({ versions, results, callers = {} }: Table): string {
  const run = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    INTRODUCTION,
    `As run: ${run.join(', ')}.`,
    '',
    '## Whoever is called',
    '',
    ...tableOf(results, PROGRAMS),
    '',
    '## Whoever calls',
    '',
    ...tableOf(callers, CALLERS),
    '',
  ].join('\n');
}

function tableOf(all: Results, names: readonly Program[]): readonly string[] {
  const programs = names.filter((program) => all[program] !== undefined);
  const [first = []] = programs.map((program) => all[program] ?? []);
  const sorted = [...first].sort((a, b) => a.clause.localeCompare(b.clause, 'en', { numeric: true }));
  const rows = sorted.map(({ name, clause, title, expects }) => {
    const seen = programs.map((program) => wordOf(all[program]?.find((result) => result.name === name)));
    return `| ${clause} | \`${name}\` | ${title} | ${expects} | ${seen.join(' | ')} |`;
  });
  const heads = programs.map((program) => TITLES[program] ?? program);
  return [
    `As expected: ${programs.map((program) => sumOf(program, all[program] ?? [])).join(', ')}.`,
    '',
    ...programs.flatMap((program) => unreached(program, all[program] ?? [])),
    `| clause | test | what the peer does | expected | ${heads.join(' | ')} |`,
    `|---|---|---|---|${heads.map(() => '---').join('|')}|`,
    ...rows,
  ];
}

function sumOf(program: Program, results: readonly Result[]): string {
  const reached = results.filter(({ verdict }) => verdict !== 'not reached');
  const right = reached.filter(({ verdict, lives }) => verdict === 'as expected' && lives).length;
  const unreached = results.length - reached.length;
  return `${TITLES[program] ?? program} ${right} of ${reached.length}${unreached === 0 ? '' : ` (${unreached} not reached)`}`;
}

/** By name, and why. */
function unreached(program: Program, results: readonly Result[]): readonly string[] {
  const names = results.flatMap(({ name, verdict }) => (verdict === 'not reached' ? [`\`${name}\``] : []));
  const why = UNREACHED[program];
  return why === undefined || names.length === 0 ? [] : [`${why}: ${names.join(', ')}.`, ''];
}

function wordOf(result: Result | undefined): string {
  if (result === undefined) return 'not run';
  const { verdict, lives } = result;
  if (!lives) return '**serves nobody after it**';
  return verdict === 'as expected' ? 'yes' : verdict === 'otherwise' ? '**otherwise**' : 'not reached';
}

const INTRODUCTION = `# What peers do when their peer misbehaves

Written by \`npm run interop -- --conformance\`: an initiator that has the right key, or another one, or none, does one thing
otherwise in each session, or a responder does, and what its peer does about it is seen from outside. The misbehaviours are data
(\`@espalier/testing/peer\`); \`npx @espalier/conformance\` runs them against any daemon on loopback or in a network namespace,
and writes the same table as JSON and markdown. Where libreswan's \`--impair\` has one, it has the name that it has there.

Expected of a correct peer: *refuse*: no child comes of the session; *take*: the child does, all the same; *ignore*: nothing
changes, so that another Quick Mode under the same IKE SA comes to its child; *live*: whatever it does, so that every peer that
was reached does as expected. After each of them it has to serve the next who calls, or to call again; vpnc, which is a program
for one call, is started anew each time. "otherwise" is what the clause does not have: often what a peer bears on purpose. "not reached":
the session did not come to the message, as with vpnc in Main Mode, which it does not speak.

strongSwan ignores \`clear-no-proposal-chosen\` and \`clear-authentication-failed\` once it has read the message before them, and ends
the IKE SA where another of its threads reads them first: both have been seen.
`;
