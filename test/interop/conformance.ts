import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Case } from './case.ts';
import type { Gateway, Program } from './gateways/gateway.ts';
import { PRE_SHARED_KEY } from './gateways/gateway.ts';
import { makeGateway } from './gateways/make.ts';
import { CONFORMANCE_SUITE } from './gateways/suite.ts';
import { check } from './machine/failures.ts';
import type { Testbed } from './machine/testbed.ts';

const RUNNER = fileURLToPath(new URL('../../../conformance/dist/main.js', import.meta.url));
const PAGE = fileURLToPath(new URL('../../../docs/measured/conformance-of-peers.md', import.meta.url));
/** What the page is made of: a run puts its own peers in the place of what was there of them. */
const TABLE = fileURLToPath(new URL('../../../docs/measured/conformance-of-peers.json', import.meta.url));

const PROGRAMS = ['espalier', 'strongswan', 'libreswan'] as const satisfies readonly Program[];
const TITLES: Readonly<Record<string, string>> = { espalier: 'ours', strongswan: 'strongSwan', libreswan: 'libreswan' };
const MODES = ['main', 'aggressive'] as const;
type Mode = (typeof MODES)[number];
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
}

export interface Table {
  readonly versions: Readonly<Record<string, string>>;
  readonly results: Readonly<Record<string, readonly Result[]>>;
}

/** A misbehaving peer on R2, and each daemon in turn on R3. */
export class Conformance {
  readonly #results = new Map<string, readonly Result[]>();

  readonly cases: readonly Case[] = PROGRAMS.flatMap((program) =>
    MODES.map(
      (mode): Case => ({
        name: `conformance-${program}-${mode}`,
        peer: program,
        role: 'responder',
        suite: CONFORMANCE_SUITE.name,
        seconds: SECONDS,
        needs: program === 'espalier' ? ['network', 'compiler'] : ['network', program],
        runs: 'named',
        run: (bed) => this.#run(bed, program, mode),
      }),
    ),
  );

  get hasRun(): boolean {
    return this.#results.size > 0;
  }

  /** The page, as run. */
  write(versions: Readonly<Record<string, string>>): void {
    const before: Table = existsSync(TABLE) ? JSON.parse(readFileSync(TABLE, 'utf8')) : { versions: {}, results: {} };
    const now = [...this.#results].map(([program, found]) => [program, merged(before.results[program] ?? [], found)]);
    const results = { ...before.results, ...Object.fromEntries(now) };
    const table: Table = { versions: { ...before.versions, ...versions }, results };
    writeFileSync(TABLE, `${JSON.stringify(table, null, 1)}\n`);
    writeFileSync(PAGE, pageOf(table));
    console.log(`written: ${PAGE}`);
  }

  async #run(bed: Testbed, program: Program, mode: Mode): Promise<void> {
    const settings = { suite: CONFORMANCE_SUITE, selectors: 'networks', mode } as const;
    const gateway = makeGateway(program, bed, 'R3', settings);
    const results: Result[] = [];
    for (let starts = 0; starts <= RESTARTS_MOST; starts++) {
      await gateway.start('responder');
      const { code, found } = await trials(bed, { program, mode, start: starts, after: results.at(-1)?.name });
      results.push(...found);
      this.#results.set(program, merged(this.#results.get(program) ?? [], found));
      if (code !== GONE) break;
      // Crashes and hangs are noted in the folder of the run, and nowhere else.
      const running = await isRunning(gateway);
      const line = `${program}: serves nobody after ${results.at(-1)?.name}; ${running ? 'it runs' : 'it has ended'}\n`;
      writeFileSync(join(bed.folder, 'serves-nobody.txt'), line, { flag: 'a' });
      await gateway.kill();
    }
    const right = results.filter(({ verdict, lives }) => verdict === 'as expected' && lives).length;
    bed.verify(`${right} of ${results.length} as expected`);
  }
}

async function isRunning(gateway: Gateway): Promise<boolean> {
  return gateway.memory() > 0;
}

/** In the place of what was there of the same name. */
function merged(before: readonly Result[], found: readonly Result[]): readonly Result[] {
  const names = new Set(found.map(({ name }) => name));
  return [...before.filter(({ name }) => !names.has(name)), ...found];
}

interface Run {
  readonly program: Program;
  readonly mode: Mode;
  readonly start: number;
  readonly after: string | undefined;
}

async function trials(
  bed: Testbed,
  { program, mode, start, after }: Run,
): Promise<{ readonly code: number; readonly found: readonly Result[] }> {
  const { address, peerAddress, near, far } = bed.placeOf('R2');
  const json = join(bed.folder, `conformance-${start}.json`);
  const argv = [
    ...[process.execPath, RUNNER, '--target', peerAddress, '--local', address, '--psk', PRE_SHARED_KEY],
    ...['--near', near, '--far', far, '--name', program, '--mode', mode, '--json', json],
    ...(after === undefined ? [] : ['--after', after]),
    // A daemon that is configured for the one mode does not speak the other.
    ...(mode === 'aggressive' ? ['aggressive'] : []),
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
export function pageOf({ versions, results: all }: Table): string {
  const programs = PROGRAMS.filter((program) => all[program] !== undefined);
  const [first = []] = programs.map((program) => all[program] ?? []);
  const sorted = [...first].sort((a, b) => a.clause.localeCompare(b.clause, 'en', { numeric: true }));
  const rows = sorted.map(({ name, clause, title, expects }) => {
    const seen = programs.map((program) => wordOf(all[program]?.find((result) => result.name === name)));
    return `| ${clause} | \`${name}\` | ${title} | ${expects} | ${seen.join(' | ')} |`;
  });
  const sums = programs.map((program) => {
    const results = all[program] ?? [];
    const right = results.filter(({ verdict, lives }) => verdict === 'as expected' && lives).length;
    return `${TITLES[program] ?? program} ${right} of ${results.length}`;
  });
  const heads = programs.map((program) => TITLES[program] ?? program);
  return [
    INTRODUCTION,
    `As run: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}. As expected: ${sums.join(', ')}.`,
    '',
    `| clause | test | what the peer does | expected | ${heads.join(' | ')} |`,
    `|---|---|---|---|${heads.map(() => '---').join('|')}|`,
    ...rows,
    '',
  ].join('\n');
}

function wordOf(result: Result | undefined): string {
  if (result === undefined) return 'not run';
  const { verdict, lives } = result;
  if (!lives) return '**serves nobody after it**';
  return verdict === 'as expected' ? 'yes' : verdict === 'otherwise' ? '**otherwise**' : 'not reached';
}

const INTRODUCTION = `# What peers do when their peer misbehaves

Written by \`npm run interop -- --conformance\`: an initiator that has the right key, or another one, or none, does one thing
otherwise in each session, and what its peer does about it is seen from outside. The misbehaviours are data
(\`@espalier/testing/peer\`); \`node conformance/dist/main.js\` runs them against any daemon on loopback or in a network namespace,
and writes the same table as JSON and markdown. Where libreswan's \`--impair\` has one, it has the name that it has there.

Expected of a correct peer: *refuse*: no child comes of the session; *take*: the child does, all the same; *ignore*: nothing
changes, so that another Quick Mode under the same IKE SA comes to its child; *live*: whatever it does. After each of them it
has to serve the next who calls. "otherwise" is what the clause does not have: often what a peer bears on purpose. "not reached":
the session did not come to the message.
`;
