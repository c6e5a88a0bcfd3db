// The programs, on everything that runs them and can be had from npm, and in Chromium where it is installed.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { build, transform } from 'esbuild-wasm';
import { root } from '../release/packages.mjs';
import { npmInstall } from './npm.mjs';

const PROGRAMS = ['console.mjs', 'engine-node.mjs', 'sockets.mjs'];
/** What `sockets.mjs` is: the program of a page, without its types, which not every Node takes away. */
const SOCKETS = 'packages/node/test/docs/ike-and-esp-program.ts';
const NODES = ['20', '22', '24', '26'];
const BUN = '1.4.5';
const DENO = '2.9.6';
const WORKERD = '1.20261117.1';
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
/** Every suite and group, on a machine that is busy. */
const LONGEST_MS = 600_000;

export async function* runtimes(project, quick) {
  cpSync(new URL('programs', import.meta.url), project, { recursive: true });
  const { code } = await transform(readFileSync(join(root, SOCKETS), 'utf8'), { loader: 'ts' });
  writeFileSync(join(project, 'sockets.mjs'), code);
  if (quick) {
    yield* triedAll(`Node ${process.version.slice(1)}`, project, process.execPath);
    return;
  }
  const tools = join(project, '..', 'tools');
  for (const version of NODES) yield* onNode(project, tools, version);
  yield* onBun(project, tools);
  yield* onDeno(project, tools);
  yield* await inChromium(project);
  yield await inWorkerd(project, tools);
}

function onNode(project, tools, version) {
  const node = installed(tools, `node-${version}`, `node@${version}`, 'bin/node');
  return node === undefined ? [absent(`Node ${version}`)] : triedAll(`Node ${version}`, project, node);
}

function onBun(project, tools) {
  const bun = installed(tools, 'bun', `bun@${BUN}`, 'bin/bun.exe');
  return bun === undefined ? [absent(`Bun ${BUN}`)] : triedAll(`Bun ${BUN}`, project, bun);
}

function onDeno(project, tools) {
  const deno = installed(tools, 'deno', `deno@${DENO}`, 'bin.cjs');
  if (deno === undefined) return [absent(`Deno ${DENO}`)];
  return triedAll(`Deno ${DENO}`, project, process.execPath, [deno, 'run', '-A', '--node-modules-dir=manual']);
}

/** By npm, under a name of its own; undefined where that cannot be had here. */
function installed(tools, name, wanted, file) {
  const folder = join(tools, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const fault = npmInstall(folder, [wanted]);
  const path = join(folder, 'node_modules', wanted.split('@')[0], file);
  return fault === undefined && existsSync(path) ? path : undefined;
}

/** Every program, by a command; `args`: what comes before it. */
function triedAll(platform, project, command, args = []) {
  return PROGRAMS.map((program) => tried(platform, program, project, command, [...args, program]));
}

function tried(platform, program, project, command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: project, encoding: 'utf8', timeout: LONGEST_MS });
  const what = `${platform}, \`${program}\``;
  if (status !== 0) return { outcome: 'FAIL', what, says: `${stdout}${stderr}`.slice(-1500) };
  return { outcome: 'ok', what, says: stdout.trim().split('\n').join('; ') };
}

function absent(what) {
  return { outcome: 'skipped', what, says: 'could not be had here' };
}

const POLICIES = [
  ['a policy that compiles no WebAssembly', "default-src 'self'"],
  ['a policy with `wasm-unsafe-eval`', "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"],
];

async function inChromium(project) {
  if (CHROMIUM === undefined) return [absent('Chromium')];
  const [page, worker] = await bundled(project, ['page.mjs', 'worker.mjs'], 'browser');
  const version = spawnSync(CHROMIUM, ['--version'], { encoding: 'utf8' }).stdout.trim().split(' ')[1];
  const rows = [];
  for (const [name, policy] of POLICIES) {
    const result = await openPage({ page, worker, policy }, join(project, '..', `profile-${rows.length}`));
    for (const [where, says] of Object.entries(result)) {
      const outcome = says.startsWith('failed') ? 'FAIL' : 'ok';
      rows.push({ outcome, what: `Chromium ${version}, ${where}, under ${name}`, says });
    }
  }
  return rows;
}

/** What the page tells of itself and of its worker. */
async function openPage({ page, worker, policy }, profile) {
  const files = new Map([
    ['/', ['text/html', '<!doctype html><title>matrix</title><script type="module" src="page.js"></script>']],
    ['/page.js', ['text/javascript', page]],
    ['/worker.js', ['text/javascript', worker]],
  ]);
  let told = () => {};
  const result = new Promise((resolve) => {
    told = resolve;
  });
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => told(JSON.parse(text)));
      response.end();
      return;
    }
    const [type, body] = files.get(request.url) ?? ['text/plain', ''];
    response.writeHead(body === '' ? 404 : 200, { 'content-type': type, 'content-security-policy': policy });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const args = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`];
  const chromium = spawn(CHROMIUM, [...args, `http://127.0.0.1:${server.address().port}/`], { stdio: 'ignore' });
  const late = setTimeout(() => told({ page: 'failed: nothing was heard of it' }), LONGEST_MS);
  const outcome = await result;
  clearTimeout(late);
  const gone = new Promise((resolve) => chromium.once('exit', resolve));
  chromium.kill();
  await gone;
  server.close();
  server.closeAllConnections();
  return outcome;
}

async function inWorkerd(project, tools) {
  const what = `workerd ${WORKERD}`;
  const workerd = installed(tools, 'workerd', `workerd@${WORKERD}`, 'bin/workerd');
  if (workerd === undefined) return absent(what);
  const [code] = await bundled(project, ['workerd.mjs'], 'neutral');
  writeFileSync(join(project, 'workerd.js'), code);
  const port = 20_000 + (process.pid % 20_000);
  writeFileSync(
    join(project, 'workerd.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = (modules = [ (name = "main", esModule = embed "workerd.js") ], compatibilityDate = "2026-01-01")) ],
  sockets = [ (name = "http", address = "127.0.0.1:${port}", http = (), service = "main") ],
);
`,
  );
  const server = spawn(workerd, ['serve', 'workerd.capnp'], { cwd: project, stdio: 'ignore' });
  try {
    const response = await answerOf(`http://127.0.0.1:${port}/`);
    const says = await response.text();
    return { outcome: response.ok ? 'ok' : 'FAIL', what, says };
  } catch (error) {
    return { outcome: 'FAIL', what, says: error.message };
  } finally {
    server.kill();
  }
}

async function answerOf(url) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await fetch(url, { signal: AbortSignal.timeout(LONGEST_MS) });
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Each program in one file, as a bundler makes it of what is installed. */
async function bundled(project, programs, platform) {
  const { outputFiles } = await build({
    absWorkingDir: project,
    entryPoints: programs,
    bundle: true,
    format: 'esm',
    platform,
    outdir: 'bundled',
    write: false,
    logLevel: 'error',
  });
  return programs.map((name) => outputFiles.find(({ path }) => basename(path) === name.replace('.mjs', '.js')).text);
}
