// Builds the analyser and serves it on the loopback interface:
//
//     npm run analyser [-- --port N] [-- --build]
//
// With --build it only writes apps/analyser/dist, to be put on any server of static files.
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { serve } from './server.mjs';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '8448' }, build: { type: 'boolean', default: false } },
});
const files = await build();
if (!values.build) {
  const server = await serve(files, Number(values.port));
  console.log(`The analyser: http://127.0.0.1:${server.address().port}/ (Ctrl+C ends it)`);
}
