import { run } from './portable.mjs';

console.log(run());
