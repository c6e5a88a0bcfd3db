import { run } from './portable.mjs';

export default { fetch: () => new Response(run()) };
