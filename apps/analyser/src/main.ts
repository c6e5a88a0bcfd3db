import { App } from './page/app.ts';

new App(new Worker(new URL('worker.js', document.baseURI), { type: 'module', name: 'analyser' }));
