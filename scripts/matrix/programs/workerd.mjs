import { run } from './portable.mjs';

export default { fetch: async () => new Response(await run()) };
