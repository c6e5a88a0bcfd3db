import { run } from './portable.mjs';

try {
  postMessage(await run());
} catch (error) {
  postMessage(`failed: ${error.stack}`);
}
