import { run } from './portable.mjs';

console.log(await run());
