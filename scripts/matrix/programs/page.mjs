// In a page: here, and in a worker. What came of both goes back to who serves the page.
import { run } from './portable.mjs';

const inPage = await attempt(run);
const worker = new Worker('worker.js', { type: 'module' });
const inWorker = await new Promise((resolve) => {
  worker.addEventListener('message', ({ data }) => resolve(data));
  worker.addEventListener('error', ({ message }) => resolve(`failed: ${message}`));
});
await fetch('result', { method: 'POST', body: JSON.stringify({ page: inPage, worker: inWorker }) });

async function attempt(what) {
  try {
    return await what();
  } catch (error) {
    return `failed: ${error.stack}`;
  }
}
