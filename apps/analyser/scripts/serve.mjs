// Builds the analyser and serves it on the loopback interface:
//
//     npm run analyser [-- --port N] [-- --build] [-- --check]
//
// With --build it only writes apps/analyser/dist, to be put on any server of static files. With --check it tries the page in
// Chromium (Debian's, or what CHROMIUM names).
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { serve } from './server.mjs';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8448' },
    build: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
});
if (values.check) {
  const path = (name) => fileURLToPath(new URL(name, import.meta.url));
  const vitest = path('../../../node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', path('../vitest.config.ts')], {
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}
const files = await build();
if (!values.build) {
  const server = await serve(files, Number(values.port)).catch((error) => {
    console.error(
      error.code === 'EADDRINUSE' ? `Port ${values.port} is taken: -- --port N chooses another` : error.message,
    );
    process.exit(1);
  });
  console.log(`The analyser: http://127.0.0.1:${server.address().port}/ (Ctrl+C ends it)`);
}
