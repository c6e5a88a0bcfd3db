// The library against real peers, in network namespaces: `npm run interop [-- --smoke | --list | --throughput | CASE ...]`.
import { main } from '../test/interop/dist/main.js';

process.exit(await main(process.argv.slice(2)));
