import { run } from './portable.mjs';

try {
  postMessage(run());
} catch (error) {
  postMessage(`failed: ${error.stack}`);
}
